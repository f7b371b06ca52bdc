"""
A server's log as a stream of entries: stderr with any log_line_prefix, csvlog and jsonlog.

Only entries about durations are parsed, and errors, which end what their session was about. So that it is seen when a log begins,
ends or is silent, the first line of every minute gives an entry too, with an empty message. Every line is counted as understood
or not. Memory is bounded: a message is kept up to LONGEST bytes, and then ends with CUT.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from upkeep.formats.log_lines import FOREIGN_DURATION, LinesRead
from upkeep.formats.log_prefix import SEVERITIES, Clock, Prefixes, epoch_moment
from upkeep.formats.sql_tokens import CUT

LONGEST = 64 * 1024
LONGEST_RECORD = 4 * LONGEST
Format = Literal["stderr", "csvlog", "jsonlog"]
NEVER = b"\xff\xff"
_MINUTE = len("2026-11-23 07:15")
_TEN_SECONDS = len("176388211")
# How messages begin that are parsed; the last two are the one before with its quote doubled (CSV) or escaped (JSON).
_WORDS = (b"duration: ", b"statement: ", b"execute ", b'parameter "log_', b'parameter ""log_', b'parameter \\"log_')
_FAILURES = frozenset({b"ERROR", b"FATAL", b"PANIC"})
_SEVERITIES = frozenset(word.encode() for word in SEVERITIES)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One thing logged. `session` tells sessions apart; `database` and `user` are None where the log does not say them.

    `failed` is an error that ended the session's statement.
    """

    at: datetime
    message: str = ""
    session: str = ""
    user: str | None = None
    database: str | None = None
    failed: bool = False


def stderr_entries(lines: Iterable[bytes], prefixes: Prefixes, clock: Clock, read: LinesRead) -> Iterator[Entry]:
    """Entries of a plain log. Lines that begin with a tab continue the one before, as the server writes them."""
    minute, open_, room = NEVER, None, 0
    for line in lines:
        if line.startswith(b"\t"):
            if open_ and room >= 0:
                open_[1].append(line[1:])
                room -= len(line)
            continue
        if open_:
            yield _stderr_entry(*open_)
            open_ = None
        found = prefixes.match(line)
        told = found and found["severity"] == b"LOG" and line.startswith(_WORDS, found.end())
        needed = told or (found and (found["severity"] in _FAILURES or minute not in line))
        at = _at(found, clock) if needed and found else None
        if found is None or (needed and at is None) or (not told and FOREIGN_DURATION.match(line, found.end())):
            read.misfit(line, clock)
            continue
        read.fit(told=bool(told))
        if told and at:
            begin = found.end()
            open_, room = (at, [line[begin : begin + LONGEST + 1]], found), LONGEST + begin - len(line)
        elif at:
            failed = found["severity"] in _FAILURES
            minute = minute if failed else _minute(found)
            yield _stderr_entry(at, [], found) if failed else Entry(at)
    if open_:
        yield _stderr_entry(*open_)


def _minute(tick: re.Match[bytes]) -> bytes:
    groups = tick.groupdict()
    return groups["time"].strip()[:_MINUTE] if groups.get("time") else groups["epoch"].strip()[:_TEN_SECONDS]


def _at(match: re.Match[bytes], clock: Clock) -> datetime | None:
    groups = match.groupdict()
    return _moment(clock, groups["time"]) if groups.get("time") else epoch_moment(groups["epoch"].decode())


def _moment(clock: Clock, printed: bytes) -> datetime | None:
    """None where a text has the form of a time and is none."""
    try:
        return clock.moment(printed.decode())
    except ValueError:
        return None


def _stderr_entry(at: datetime, body: list[bytes], found: re.Match[bytes]) -> Entry:
    groups = {name: value.decode(errors="replace").strip() for name, value in found.groupdict().items() if value is not None}
    session = groups.get("session") or groups.get("pid") or ""
    failed = groups["severity"].encode() in _FAILURES
    return Entry(at, _text(b"\n".join(body)), session, groups.get("user"), groups.get("database"), failed)


def csv_entries(lines: Iterable[bytes], clock: Clock, read: LinesRead) -> Iterator[Entry]:
    """Entries of a csvlog: a record ends with the line in which its quotes are even. One too long is cut in its message."""
    minute = NEVER
    for record in _csv_records(lines, read, clock):
        begin = record.find(_CSV_MARKER) + len(_CSV_MARKER)
        plain = begin >= len(_CSV_MARKER) and not record.startswith(_WORDS, begin) and not FOREIGN_DURATION.match(record, begin)
        if plain and minute in record:
            read.fit(told=False)
            continue
        row = dict(zip(_CSV, _csv_fields(record, len(_CSV)), strict=False))
        message, at = row.get("message", b""), _moment(clock, row.get("time", b""))
        if at is None or row.get("severity") not in _SEVERITIES or FOREIGN_DURATION.match(message):
            read.misfit(record, clock)
            continue
        failed, told = row["severity"] in _FAILURES, row["severity"] == b"LOG" and message.startswith(_WORDS)
        read.fit(told=told)
        if failed or told:
            yield _csv_entry(at, row, failed=failed)
        elif minute not in record:
            minute = row["time"][:_MINUTE]
            yield Entry(at)


_CSV_MARKER = b',LOG,00000,"'
_CSV = (
    "time", "user", "database", "pid", "from", "session", "line", "tag", "start", "virtual", "xid", "severity", "state",
    "message",
)  # fmt: skip
CSV_START = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^,\"]{1,12},")
_CSV_FIELD = re.compile(rb'(?:"([^"]*(?:""[^"]*)*)(?:"|\Z)|([^,"\n]*))(?:,|\r?\n|\Z)')


def _csv_records(lines: Iterable[bytes], read: LinesRead, clock: Clock) -> Iterator[bytes]:
    parts: list[bytes] = []
    odd, size, minute = False, 0, NEVER
    for line in lines:
        if not odd:
            if line[:_MINUTE] != minute:
                if not CSV_START.match(line):
                    read.misfit(line, clock)
                    continue
                minute = line[:_MINUTE]
            if line.count(b'"') % 2 == 0:
                yield line
                continue
            parts, odd, size = [line], True, len(line)
            continue
        if size < LONGEST_RECORD:
            parts.append(line[: LONGEST_RECORD - size])
        size += len(line)
        if line.count(b'"') % 2:
            yield b"\n".join(parts)
            odd = False


def _csv_entry(at: datetime, row: dict[str, bytes], *, failed: bool) -> Entry:
    session, user, database = (row[name].decode(errors="replace") for name in ("session", "user", "database"))
    return Entry(at, "" if failed else _text(row["message"]), session, user, database, failed)


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
_JSON_LOG = b'"error_severity":"LOG"'
_CUT_ESCAPE = re.compile(rb"\\(?:u[\da-fA-F]{0,3})?\Z")


def json_entries(lines: Iterable[bytes], clock: Clock, read: LinesRead) -> Iterator[Entry]:
    """Entries of a jsonlog, one a line. One that is too long is cut in its message."""
    minute = NEVER
    for line in lines:
        begin = line.find(_JSON_MARKER) + len(_JSON_MARKER)
        plain = _JSON_LOG in line and not line.startswith(_WORDS, begin) and not FOREIGN_DURATION.match(line, begin)
        if plain and minute in line:
            read.fit(told=False)
            continue
        row = _unwrapped(json_row(line))
        if row is not None and "logger" in row:
            continue
        try:
            entry = row_entry(row, clock) if row else None
        except (ValueError, KeyError, TypeError):
            entry = None
        if entry is None:
            read.misfit(line, clock)
            continue
        read.fit(told=bool(entry.message))
        if entry.message or entry.failed or minute not in line:
            minute = minute if entry.message or entry.failed else str((row or {})["timestamp"])[:_MINUTE].encode()
            yield entry


def json_row(line: bytes) -> dict[str, object] | None:
    """A line's object. One that ends in its message is taken up to there: it was too long to be kept whole."""
    for text in (line, _CUT_ESCAPE.sub(b"", line.removesuffix(b'"')) + b'"}'):
        try:
            row = json.loads(text.decode(errors="replace"))
        except (ValueError, RecursionError):
            continue
        return row if isinstance(row, dict) else None
    return None


# CloudNativePG's names of a record's parts.
_RECORD = {"timestamp": "log_time", "user": "user_name", "dbname": "database_name", "pid": "process_id"}


def _unwrapped(row: dict[str, object] | None) -> dict[str, object] | None:
    """An entry that CloudNativePG carries, with jsonlog's keys; what its own programs say keeps its "logger"."""
    record = row.get("record") if row else None
    if not isinstance(record, dict):
        return row
    return {**record, **{key: record.get(name) for key, name in _RECORD.items()}}


def row_entry(row: dict[str, object], clock: Clock) -> Entry | None:
    """The entry of an object with jsonlog's keys; None when it is not understood. Raises KeyError, ValueError without a time."""
    severity, message = str(row.get("error_severity")).encode(), str(row.get("message") or "").encode()
    if severity not in _SEVERITIES or FOREIGN_DURATION.match(message):
        return None
    failed, told = severity in _FAILURES, severity == b"LOG" and message.startswith(_WORDS)
    at = clock.moment(str(row["timestamp"]))
    if not failed and not told:
        return Entry(at)
    session = str(row.get("session_id") or row.get("pid") or "")
    user, database = str(row.get("user") or ""), str(row.get("dbname") or "")
    return Entry(at, "" if failed else _text(message), session, user, database, failed)


def _text(raw: bytes) -> str:
    """Decoded; with a mark at its end when it was cut."""
    cut = len(raw) > LONGEST
    return raw[:LONGEST].decode(errors="replace").rstrip("\r\n") + (CUT if cut else "")
