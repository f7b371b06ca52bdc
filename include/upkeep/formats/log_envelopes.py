"""
Log lines out of what carries them: syslog, Docker, Kubernetes (CRI), journald's, Cloud SQL's and log shippers' JSON.

Syslog breaks an entry into messages, `[7-1]`, `[7-2]`, between those of other processes: they are put together again.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

PEEKED = 50
LONGEST_ENTRY = 128 * 1024
# Parts of an entry are written at once: they are waited for while the clock of syslog shows so many other times.
PATIENCE = 2
_SYSLOG = re.compile(
    rb"(?:<\d{1,3}>)?(?:1 )?"
    rb"(?:(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d)"
    rb"|(?P<date>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,9}))?(?P<zone>Z|[+-]\d\d:?\d\d))"
    rb" \S+ (?P<ident>[^\s\[]+)(?:\[(?P<pid>\d+)\]:| (?P<procid>\d+) \S+ (?:-|\[[^\]]*\])) ?"
    rb"(?:\[(?P<number>\d+)-(?P<piece>\d+)\] ?)?"
)
_CRI = re.compile(rb"\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) (?P<whole>[FP]) ")
_MONTHS = {month: number for number, month in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_JSON_TEXTS = ("textPayload", "log", "MESSAGE", "message")
# A server's own JSON has a "message" too.
_OWN_JSON = "error_severity"


@dataclass(slots=True)
class _Waiting:
    """An entry that may go on, and when it was last heard of, in times that the clock has shown."""

    text: bytes
    heard: int

    def add(self, text: bytes, now: int) -> None:
        """One more part: a new line, of which syslog writes the tab as `#011`, or the rest of a long one."""
        self.heard = now
        if len(self.text) <= LONGEST_ENTRY:
            self.text += b"\n\t" + text[4:] if text.startswith(b"#011") else (b"\n" if text[:1] == b"\t" else b"") + text


def bare(head: bytes) -> bytes:
    """The beginning of what is carried, where each line carries one of a container's; else the same."""
    lines = head.split(b"\n")[:PEEKED]
    if any(_CRI.match(line) for line in lines):
        return b"\n".join(_of_cri(lines))
    return b"\n".join((_json_text(line) or line).rstrip(b"\n") for line in lines)


def in_json(head: bytes) -> bool:
    """Whether a file that begins so is of JSON objects with an entry's parts in them, not with its text in one of them."""
    lines = [line for line in head.split(b"\n")[:PEEKED] if line.strip()]
    return bool(lines) and all(line.startswith(b"{") for line in lines[:5]) and not any(_json_text(line) for line in lines)


def wrapped(head: bytes) -> bool:
    """Whether a file that begins so has plain lines inside of something else."""
    return any(_SYSLOG.match(line) or _CRI.match(line) or _json_text(line) for line in head.split(b"\n")[:PEEKED])


def unwrapped(lines: Iterable[bytes], latest: datetime, *, timed: bool) -> Iterator[bytes]:
    """
    The lines themselves where they are plain, else what they carry.

    `latest` is when the last line was written: older syslog has no year. Unless log_line_prefix has a time (`timed`), lines of
    syslog get theirs and their pid, as `%m [%p] ` writes them.
    """
    coming = iter(lines)
    peeked = list(islice(coming, PEEKED))
    whole = chain(peeked, coming)
    if any(_SYSLOG.match(line) for line in peeked):
        return _of_syslog(whole, latest, timed=timed)
    if any(_json_text(line) for line in peeked):
        return (part for line in whole for part in (_json_text(line) or line).rstrip(b"\n").split(b"\n"))
    return _of_cri(whole) if any(_CRI.match(line) for line in peeked) else whole


def _json_text(line: bytes) -> bytes | None:
    if not line.startswith(b"{"):
        return None
    try:
        row = json.loads(line.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    texts = [row.get(key) for key in _JSON_TEXTS] if isinstance(row, dict) and _OWN_JSON not in row else []
    return next((text.encode() for text in texts if isinstance(text, str)), None)


def _of_cri(lines: Iterable[bytes]) -> Iterator[bytes]:
    half = b""
    for line in lines:
        found = _CRI.match(line)
        half += line[found.end() :] if found else line
        if not found or found["whole"] == b"F":
            yield half
            half = b""
    if half:
        yield half


def _of_syslog(lines: Iterable[bytes], latest: datetime, *, timed: bool) -> Iterator[bytes]:
    waiting: OrderedDict[bytes, _Waiting] = OrderedDict()
    now, shown = 0, b""
    for line in lines:
        found = _SYSLOG.match(line)
        if not found or not (found["number"] or found["ident"].startswith(b"postgres")):
            continue
        clock, pid, text = found["clock"] or found["time"], found["pid"] or found["procid"], line[found.end() :]
        now, shown = now + (clock != shown), clock
        goes_on = text.startswith((b"#011", b"\t")) if found["piece"] is None else found["piece"] != b"1"
        if goes_on and pid in waiting:
            waiting[pid].add(text, now)
            waiting.move_to_end(pid)
        elif not goes_on:
            yield from _lines(waiting.pop(pid, None))
            waiting[pid] = _Waiting(text if timed else _head(found, latest) + text, now)
        while next(iter(waiting.values()), _Waiting(b"", now)).heard < now - PATIENCE:
            yield from _lines(waiting.popitem(last=False)[1])
    for entry in waiting.values():
        yield from _lines(entry)


def _lines(entry: _Waiting | None) -> list[bytes]:
    return entry.text.split(b"\n") if entry else []


def _head(found: re.Match[bytes], latest: datetime) -> bytes:
    """The time of a message of syslog and its pid, as `%m [%p] `. A time without a zone is the log's."""
    pid = found["pid"] or found["procid"]
    if found["date"]:
        thousandths = (found["part"] or b"").ljust(3, b"0")[:3]
        return b"%s %s.%s %s [%s] " % (found["date"], found["time"], thousandths, found["zone"], pid)
    month, day = _MONTHS.get(found["month"], 1), int(found["day"])
    year = latest.year - ((month, day) > (latest.month, latest.day + 1))
    return b"%04d-%02d-%02d %s.000 LOCAL [%s] " % (year, month, day, found["clock"], pid)
