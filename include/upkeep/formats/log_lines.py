"""How many lines of a log were understood, and what those look like that were not."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from upkeep.formats.log_prefix import SEVERITIES, Clock, epoch_moment

EXAMPLES = 3
LONGEST_EXAMPLE = 100
# A duration in any language: a word, and a number with thousandths of a unit. In English the word is "duration".
_THOUSANDTHS = rb" ?: {0,2}\d+[.,]\d{3} (?:ms\b|[\x80-\xff])"
# Swedish has no colon; then the word must be a message's first, since other programs say "took 1.234 ms".
_WITHOUT_COLON = rb" \d+[.,]\d{3} (?:ms\b|[\x80-\xff])"
_FIRST_WORD = rb"[^\s:\"\\]{1,60}"
FOREIGN_DURATION = re.compile(rb"(?!duration: )%s(?:%s|%s)" % (_FIRST_WORD, _THOUSANDTHS, _WITHOUT_COLON))
_DURATION = re.compile(rb"%s|(?::  |\")%s%s" % (_THOUSANDTHS, _FIRST_WORD, _WITHOUT_COLON))
# What a server begins entries with in any language: a word, a colon, two spaces; or a structure.
_ENTRY = re.compile(rb"\S ?:  \S|^[{\[\"]")
_TIME = re.compile(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})? [A-Za-z+-][\w+-]*)|\b(\d{10}\.\d{3})\b")
_FAR = 4096
_KEPT = frozenset({*SEVERITIES, "duration", "ms", "statement", "plan", "UTC"})
_WORD = re.compile(r"\w+")


@dataclass
class LinesRead:
    """
    Counts of lines, and of records where a format has those.

    `fitted` were understood, and `told` of them are about statements. `unfitted` seem to be a server's entries and were not
    understood, and `lost` of them tell a duration. `foreign` are no server's: a script's output. `examples` show the form of
    those lost: letters and digits are replaced, so that nothing of what they say comes out. Lines that were not understood but
    show a time outside of `[start, end)` are left out.
    """

    fitted: int = 0
    told: int = 0
    unfitted: int = 0
    lost: int = 0
    foreign: int = 0
    examples: list[str] = field(default_factory=list)
    start: datetime | None = None
    end: datetime | None = None

    @property
    def read(self) -> int:
        """All of them."""
        return self.fitted + self.unfitted + self.foreign

    def fit(self, *, told: bool) -> None:
        """Count a line that was understood."""
        self.fitted += 1
        self.told += told

    def misfit(self, line: bytes, clock: Clock) -> None:
        """Count a line that was not understood."""
        begin = line[:_FAR]
        if not begin.strip() or self._elsewhere(begin, clock):
            return
        lost = bool(_DURATION.search(begin))
        if not lost and not _ENTRY.search(begin):
            self.foreign += 1
            return
        self.unfitted += 1
        self.lost += lost
        if lost and len(self.examples) < EXAMPLES:
            self.examples.append(form(line))

    def _elsewhere(self, line: bytes, clock: Clock) -> bool:
        found = _TIME.search(line) if self.start and self.end else None
        if not found or not self.start or not self.end:
            return False
        try:
            at = clock.moment(found[1].decode()) if found[1] else epoch_moment(found[2].decode())
        except ValueError:
            return False
        return not self.start <= at < self.end

    def add(self, other: "LinesRead") -> None:
        """Count what another has counted too."""
        self.fitted += other.fitted
        self.told += other.told
        self.unfitted += other.unfitted
        self.lost += other.lost
        self.foreign += other.foreign
        self.examples.extend(other.examples[: EXAMPLES - len(self.examples)])

    def take(self) -> "LinesRead":
        """What was counted since the last time."""
        taken = replace(self)
        self.fitted, self.told, self.unfitted, self.lost, self.foreign, self.examples = 0, 0, 0, 0, 0, []
        return taken


def form(line: bytes) -> str:
    """A line without what it says: `0000-00-00 00:00:00 aaa [000] aaa@aaa LOG:  duration: 0.000 ms  aaaaaa`."""
    text = line[: 4 * LONGEST_EXAMPLE].decode(errors="replace").rstrip()
    masked = _WORD.sub(_masked, text)
    return masked if len(masked) <= LONGEST_EXAMPLE else masked[: LONGEST_EXAMPLE - 1] + "…"


def _masked(found: re.Match[str]) -> str:
    word = found[0]
    return word if word in _KEPT else "".join("0" if c.isdigit() else "a" for c in word)
