"""log_line_prefix as a pattern, and times of a server's log as moments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from upkeep.errors import CannotAskError

_ZONE = r"(?:[A-Za-z][A-Za-z0-9+-]{0,15}|[+-]\d[\d:]*)"
_SECOND = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
# What each escape of log_line_prefix looks like, from its chapter in PostgreSQL's documentation; letters not here are free text.
_LOOKS = {
    "t": f"{_SECOND} {{1,2}}{_ZONE}",
    "m": rf"{_SECOND}\.\d{{3}} {{1,2}}{_ZONE}",
    "n": r"\d+\.\d{3}",
    "s": f"{_SECOND} {{1,2}}{_ZONE}",
    "p": r"\d+",
    "P": r"\d*",
    "l": r"\d+",
    "c": r"[0-9a-f]+\.[0-9a-f]+",
    "v": r"[\d/]*",
    "x": r"\d+",
    "e": r"[0-9A-Z]{5}",
    "Q": r"-?\d+",
}
_NAMES = {"t": "time", "m": "time", "n": "epoch", "p": "pid", "c": "session", "u": "user", "d": "database"}
_ESCAPE = re.compile(r"%(-?\d*)(.)", re.DOTALL)
NUMERIC_ZONE = re.compile(r"([+-])(\d\d?):?(\d\d)?")
SEVERITIES = (
    "LOG", "ERROR", "STATEMENT", "DETAIL", "WARNING", "HINT", "CONTEXT", "FATAL", "PANIC", "NOTICE", "INFO", "QUERY", "LOCATION",
    "BACKTRACE", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5",
)  # fmt: skip
# The server writes two spaces; some that pass lines on make one of them.
MOST_PREFIXES = 20
_SAYS_PREFIX = b'LOG:  parameter "log_line_prefix" changed to "'
_PREFIX_CHANGED = re.compile(re.escape(_SAYS_PREFIX) + rb'(.*)"\r?\Z', re.DOTALL)
_WORDS = "|".join(SEVERITIES)
_SEVERITY = rf"(?P<severity>{_WORDS}): {{1,2}}(?:[0-9A-Z]{{5}}: )?"


@dataclass(frozen=True, slots=True)
class Prefix:
    """
    A pattern for the whole prefix of an entry (`entry`), for its part up to the time (`clock`), and for known databases.

    Groups, where the format has them: time or epoch, pid, session, user, database, and severity. Names may hold anything, so
    that whoever chooses an application_name can imitate a line; csvlog and jsonlog cannot be deceived like that. Matching takes
    time in proportion to the line, whatever the prefix.
    """

    entry: re.Pattern[bytes]
    clock: re.Pattern[bytes]
    known: re.Pattern[bytes] | None = None

    def match(self, line: bytes) -> re.Match[bytes] | None:
        """Prefix and severity of a line, or None. Known databases first: their names may hold what stands between two."""
        return (self.known and self.known.match(line)) or self.entry.match(line)


@dataclass(slots=True)
class _Parts:
    """
    The pattern so far, and the stretch since the last free text.

    Free text ends where what follows it is first found. Going on to the next place could not help, since that only leaves less
    room for the rest: a match is never taken back (an atomic group), or long lines would take for ever.
    """

    done: str = ""
    free: str = ""
    stretch: str = ""

    def pattern(self, end: str = "") -> str:
        """All of it, and then `end`."""
        return f"{self.done}(?>{self.free}{self.stretch}{end})" if self.free else f"{self.done}{self.stretch}{end}"

    def add_free(self, text: str) -> None:
        """A name or another text that has no form."""
        self.done, self.free, self.stretch = self.pattern(), text, ""


def compile_prefix(log_line_prefix: str, databases: Sequence[bytes] = ()) -> Prefix:
    """`databases` are names that are known, as their bytes are logged. Raises CannotAskError when lines carry no time."""
    entry, clock = _patterns(log_line_prefix, dict(_LOOKS))
    names = sorted(databases, key=lambda name: (-len(name), name))
    one_of = "|".join(re.escape(name.decode("utf-8", "surrogateescape")) for name in names)
    known = _patterns(log_line_prefix, {**_LOOKS, "d": one_of})[0] if one_of else None
    return Prefix(_compiled(entry), _compiled(clock), None if known in {None, entry} else _compiled(str(known)))


def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("utf-8", "surrogateescape"), re.DOTALL)


def _patterns(log_line_prefix: str, looks: Mapping[str, str]) -> tuple[str, str]:
    """Patterns of an entry and of a line up to its time, from what each escape looks like; others are free text."""
    seen, clock, parts, before = set[str](), None, _Parts(), None
    for letter, pattern in _pieces(log_line_prefix, seen, looks):
        if letter == "q" and before is None:
            before, parts = parts, _Parts()
        elif letter and letter != "q" and letter not in looks:
            parts.add_free(pattern)
        else:
            parts.stretch += pattern
        if clock is None and seen & {"time", "epoch"}:
            clock = (before.pattern() if before else "") + parts.pattern()
    if clock is None:
        reason = f"log_line_prefix '{log_line_prefix}' has no time"
        raise CannotAskError(reason, "alter system set log_line_prefix = '%m [%p] %q%u@%d '; select pg_reload_conf();")
    # Processes that serve no session stop at %q.
    entry = (
        parts.pattern(_SEVERITY) if before is None else before.pattern(f"(?:{parts.pattern(f'(?=(?:{_WORDS}): )')})?{_SEVERITY}")
    )
    return entry, clock


def has_time(log_line_prefix: str) -> bool:
    """Whether lines carry the time at which they were written."""
    return any(escape[2] in "tmn" for escape in _ESCAPE.finditer(log_line_prefix))


def _pieces(log_line_prefix: str, seen: set[str], looks: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Letter and pattern of each escape, and between them texts, which have no letter."""
    at = 0
    for escape in _ESCAPE.finditer(log_line_prefix):
        yield "", _literal(log_line_prefix[at : escape.start()])
        at = escape.end()
        padding, letter = escape.groups()
        yield ("", "%") if letter == "%" else (letter, "" if letter == "q" else _piece(padding, letter, seen, looks))
    yield "", _literal(log_line_prefix[at:])


def _literal(text: str) -> str:
    return re.sub(r"(?:\\ ){2,}", lambda spaces: f" {{1,{len(spaces[0]) // 2}}}", re.escape(text))


def _piece(padding: str, letter: str, seen: set[str], looks: Mapping[str, str]) -> str:
    look = looks.get(letter, ".*?")
    width = abs(int(padding)) if padding.strip("-") else 0
    look = f" {{0,{width}}}(?:{look}) {{0,{width}}}" if width and letter in looks else look
    name = _NAMES.get(letter)
    if name is None or name in seen or (name in {"time", "epoch"} and seen & {"time", "epoch"}):
        return f"(?:{look})"
    seen.add(name)
    return f"(?P<{name}>{look})"


class Prefixes:
    """
    The prefixes of a log: `first`, which is known, and those that the log says were set later, the newest first.

    A server says "parameter changed" in the new prefix itself.
    """

    def __init__(self, log_line_prefix: str, databases: Sequence[bytes] = ()) -> None:
        self._databases = databases
        self.first = compile_prefix(log_line_prefix, databases)
        self._known = {log_line_prefix: self.first}

    def match(self, line: bytes) -> re.Match[bytes] | None:
        """Prefix and severity of a line, or None when no prefix fits."""
        if _SAYS_PREFIX in line:
            self._learn(line)
        for prefix in self._known.values():
            found = prefix.match(line)
            if found:
                return found
        return None

    def _learn(self, line: bytes) -> None:
        changed = _PREFIX_CHANGED.search(line)
        text = changed[1].decode(errors="replace") if changed else ""
        try:
            prefix = self._known.get(text) or compile_prefix(text, self._databases)
        except CannotAskError:
            return
        if prefix.entry.match(line):
            others = [(known, its) for known, its in self._known.items() if known != text]
            self._known = dict([(text, prefix), *others][:MOST_PREFIXES])


class Clock:
    """Turns times of a log into moments. `log_timezone` decides unless the printed abbreviation says it is another offset."""

    def __init__(self, log_timezone: str) -> None:
        try:
            self._zone = ZoneInfo(log_timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            reason = f'log_timezone "{log_timezone}" is no known time zone'
            raise CannotAskError(reason, "set log.timezone of this target to the zone that the log is written in") from None
        self._offset = lru_cache(maxsize=4096)(self._find_offset)

    def moment(self, printed: str) -> datetime:
        """Of a text such as `2026-11-23 07:15:00.123 CET`; in UTC. Raises ValueError when it is none."""
        text, _, abbreviation = printed.strip().rpartition(" ")
        return datetime.fromisoformat(text.rstrip()).replace(tzinfo=UTC) - self._offset(text[:16], abbreviation)

    def _find_offset(self, minute: str, abbreviation: str) -> timedelta:
        numeric = NUMERIC_ZONE.fullmatch(abbreviation)
        if numeric:
            sign, hours, minutes = numeric.groups()
            return timedelta(hours=int(hours), minutes=int(minutes or 0)) * (1 if sign == "+" else -1)
        if abbreviation in {"UTC", "GMT", "Z"}:
            return timedelta(0)
        local = [datetime.fromisoformat(minute).replace(tzinfo=self._zone, fold=fold) for fold in (0, 1)]
        fitting = [moment for moment in local if moment.tzname() == abbreviation] or local
        return fitting[0].utcoffset() or timedelta(0)


def epoch_moment(printed: str) -> datetime:
    """Of `%n`: seconds since 1970 with milliseconds."""
    seconds, _, thousandths = printed.strip().partition(".")
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(milliseconds=int(thousandths))
