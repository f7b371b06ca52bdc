"""
A server's log as a stream of entries: stderr with any log_line_prefix, csvlog and jsonlog.

Only entries about durations are parsed; a line that cannot be one is thrown away after looking for a few bytes in it. So that it
is seen when a log begins, ends or is silent, the first line of every minute gives an entry too, with an empty message. Memory is
bounded: a message is kept up to LONGEST bytes.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from upkeep.formats.log_prefix import Clock, Prefix, epoch_moment

LONGEST = 64 * 1024
LONGEST_RECORD = 4 * LONGEST
Format = Literal["stderr", "csvlog", "jsonlog"]
NEVER = b"\xff\xff"
_MINUTE = len("2026-11-23 07:15")
_TEN_SECONDS = len("176388211")
# How messages begin that are parsed; the last two are the one before with its quote doubled (CSV) or escaped (JSON).
_WORDS = (b"duration: ", b"statement: ", b"execute ", b'parameter "log_', b'parameter ""log_', b'parameter \\"log_')
_ERROR_CODE = len("00000: ")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing logged. `session` tells sessions apart; `database` and `user` are None where the log does not say them."""

    at: datetime
    message: str = ""
    session: str = ""
    user: str | None = None
    database: str | None = None


def stderr_entries(lines: Iterable[bytes], prefix: Prefix, clock: Clock) -> Iterator[Entry]:
    """Entries of a plain log. Lines that begin with a tab continue the one before, as the server writes them."""
    minute, head, body, room = NEVER, None, [b""], 0
    for line in lines:
        if line.startswith(b"\t"):
            if head and room > 0:
                body.append(line[1:])
                room -= len(line)
            continue
        if head:
            yield _stderr_entry(head, body, clock)
            head = None
        if b"LOG:  " in line and _names_a_problem(line, b"LOG:  "):
            head = prefix.entry.match(line)
            if head and line.startswith(_WORDS, head.end()):
                body, room = [line[head.end() : head.end() + LONGEST]], LONGEST - len(line)
                continue
            head = None
        if minute not in line:
            tick = prefix.clock.match(line)
            if tick:
                minute = _minute(tick)
                yield Entry(_at(tick, clock))
    if head:
        yield _stderr_entry(head, body, clock)


def _names_a_problem(line: bytes, marker: bytes) -> bool:
    """Whether one of the words we look for follows any of the markers, perhaps after an error code."""
    at = line.find(marker)
    while at >= 0:
        begin = at + len(marker)
        if line.startswith(_WORDS, begin) or line.startswith(_WORDS, begin + _ERROR_CODE):
            return True
        at = line.find(marker, begin)
    return False


def _minute(tick: re.Match[bytes]) -> bytes:
    groups = tick.groupdict()
    return groups["time"].strip()[:_MINUTE] if groups.get("time") else groups["epoch"].strip()[:_TEN_SECONDS]


def _at(match: re.Match[bytes], clock: Clock) -> datetime:
    groups = match.groupdict()
    if groups.get("time"):
        return clock.moment(groups["time"].decode())
    return epoch_moment(groups["epoch"].decode())


def _stderr_entry(head: re.Match[bytes], body: list[bytes], clock: Clock) -> Entry:
    groups = {name: value.decode(errors="replace").strip() for name, value in head.groupdict().items()}
    return Entry(
        _at(head, clock),
        _text(b"\n".join(body)),
        groups.get("session") or groups.get("pid") or "",
        groups.get("user"),
        groups.get("database"),
    )


def csv_entries(lines: Iterable[bytes], clock: Clock) -> Iterator[Entry]:
    """Entries of a csvlog: a record ends with the line in which its quotes are even. A record cut in the middle is skipped."""
    minute = NEVER
    for record in _csv_records(lines):
        interesting = _CSV_MARKER in record and _names_a_problem(record, _CSV_MARKER)
        if not interesting and minute in record:
            continue
        fields = _csv_fields(record, len(_CSV))
        if len(fields) < len(_CSV):
            continue
        row = dict(zip(_CSV, fields, strict=True))
        if row["severity"] == b"LOG" and row["message"].startswith(_WORDS):
            yield _entry(clock, row["time"], row["message"], row["session"], row["user"], row["database"])
        elif minute not in record:
            minute = row["time"][:_MINUTE]
            yield Entry(clock.moment(row["time"].decode()))


_CSV_MARKER = b',LOG,00000,"'
_CSV = (
    "time", "user", "database", "pid", "from", "session", "line", "tag", "start", "virtual", "xid", "severity", "state",
    "message",
)  # fmt: skip
CSV_START = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^,\"]{1,12},")
_CSV_FIELD = re.compile(rb'(?:"((?:[^"]|"")*)"|([^,"\n]*))(?:,|\r?\n|\Z)')


def _csv_records(lines: Iterable[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []
    odd, size, minute = False, 0, NEVER
    for line in lines:
        if not odd:
            if line[:_MINUTE] != minute:
                if not CSV_START.match(line):
                    continue
                minute = line[:_MINUTE]
            if line.count(b'"') % 2 == 0:
                yield line
                continue
            parts, odd, size = [line], True, len(line)
            continue
        size += len(line)
        if size < LONGEST_RECORD:
            parts.append(line)
        if line.count(b'"') % 2:
            yield b"\n".join(parts)
            odd = False


def _csv_fields(record: bytes, most: int) -> list[bytes]:
    fields: list[bytes] = []
    at = 0
    while len(fields) < most and at < len(record):
        match = _CSV_FIELD.match(record, at)
        if not match:
            break
        quoted, plain = match.groups()
        fields.append(plain if quoted is None else quoted.replace(b'""', b'"'))
        at = match.end()
    return fields


_JSON_MARKER = b'"message":"'


def json_entries(lines: Iterable[bytes], clock: Clock) -> Iterator[Entry]:
    """Entries of a jsonlog, one a line. A line that is no whole object is skipped."""
    minute = NEVER
    for line in lines:
        interesting = line.startswith(_WORDS, line.find(_JSON_MARKER) + len(_JSON_MARKER))
        if not interesting and minute in line:
            continue
        try:
            row = json.loads(line)
            at = clock.moment(row["timestamp"])
        except (ValueError, KeyError, TypeError):
            continue
        message = str(row.get("message", ""))
        if interesting and row.get("error_severity") == "LOG" and message.encode().startswith(_WORDS):
            session = str(row.get("session_id") or row.get("pid") or "")
            yield Entry(at, message[:LONGEST], session, row.get("user", ""), row.get("dbname", ""))
        else:
            minute = row["timestamp"][:_MINUTE].encode()
            yield Entry(at)


def _entry(clock: Clock, at: bytes, message: bytes, session: bytes, user: bytes, database: bytes) -> Entry:
    who = (part.decode(errors="replace") for part in (session, user, database))
    return Entry(clock.moment(at.decode()), _text(message[:LONGEST]), *who)


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace").rstrip("\r\n")
