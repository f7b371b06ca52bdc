"""An access log read for a window: every line is taken apart and counted by DuckDB, none becomes an object here."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.access_log import Columns, Lines, Role
from upkeep.sources import access_log_files as files
from upkeep.sources.access_log_cut import join_cut_lines
from upkeep.sources.access_log_files import Interval
from upkeep.sources.access_log_later import begin_later
from upkeep.sources.access_log_sql import parsed
from upkeep.sources.duck import duckdb_session, literal
from upkeep.sources.objects import ObjectStore
from upkeep.sources.unpacked import as_utf8

MEMORY = 512 << 20
MOST_UNREAD = 0.01
LONGEST_LINE = 1 << 20
_SHOWN, _SAMPLE, _KEPT = 3, 50, 4096
# Four bytes that stand in no log: a line is one column.
_NOWHERE = "".join(map(chr, (1, 2, 3, 4)))
_TABLE = """create table logs.line (
    file integer, moment timestamptz, kept boolean, status smallint, seconds double, method varchar, path varchar, agent varchar,
    unread varchar
)"""
_LATER = "insert into logs.line (file, moment, kept) select unnest(?::integer[]), unnest(?::timestamptz[]), false"
_FIRST_UNREAD = "select unread from logs.line where unread is not null order by rowid limit ?"


@dataclass(frozen=True, slots=True)
class LogPlace:
    """
    Where an access log is and how it is written. With `host` only requests to it count; paths of `ignored` do not count.

    `delivered` is the time within which a file comes that is never added to; None for files that grow.
    """

    store: ObjectStore
    files: str
    lines: Lines
    host: str | None = None
    ignored: tuple[str, ...] = ()
    delivered: timedelta | None = None

    @property
    def described(self) -> str:
        """Its place and files."""
        return f"the access log {self.files} at {self.store.url}"


@dataclass(frozen=True, slots=True)
class ReadLog:
    """
    Lines of the files that a window needs, in the table `logs.line` of a DuckDB session: those of the window are `kept`.

    `first` and `last` are the earliest and the latest moment of any line, None without one. `notes` say what was not read.
    """

    place: LogPlace
    window: Interval
    session: Any
    lines: int
    first: datetime | None
    last: datetime | None
    notes: tuple[str, ...]


@contextmanager
def read_log(place: LogPlace, window: Interval, wanted: Collection[Role] = ()) -> Iterator[ReadLog]:
    """
    Read what the window needs. `wanted` are roles beside time, status and seconds.

    Raises CannotAskError when there are no files or more than one line in a hundred cannot be read, BrokenError when the place is
    away, a file is damaged, or rotation came in between.
    """
    chosen = files.choose(place.store, place.files, window, place.delivered)
    with tempfile.TemporaryDirectory(prefix="upkeep-log-") as name, _session(Path(name)) as session:
        later = begin_later(session, place.lines, place.store, [file.name for file in chosen.files], window)
        # The log goes on behind the window: its last moment says so.
        session.execute(_LATER, [list(later), list(later.values())])
        for number, file in enumerate(chosen.files):
            if number not in later:
                _read(session, place, window, file.name, number, Path(name), wanted)
        files.refuse_rotated(place.store, place.files, chosen.files)
        join_cut_lines(session, lambda relation: _rows(place, window, relation, "file", wanted, ()))
        notes = (*_unread(session, place), *files.closed_folders(place.store))
        lines, first, last = session.execute("select count(*), min(moment), max(moment) from logs.line").fetchone()
        first = min(first or window.start, window.start) if chosen.older else first
        last = max(last or window.end, window.end) if chosen.newer else last
        yield ReadLog(place, window, session, lines, first, last, notes)


@contextmanager
def _session(folder: Path) -> Iterator[Any]:
    with duckdb_session(MEMORY, threads=2, spill=folder) as session:
        session.execute(f"attach {literal(str(folder / 'lines.duckdb'))} as logs")
        session.execute("set enable_progress_bar = false")
        session.execute(_TABLE)
        yield session


def _read(
    session: Any, place: LogPlace, window: Interval, name: str, number: int, folder: Path, wanted: Collection[Role]
) -> None:
    import duckdb

    path, plain = folder / "file", folder / "plain"
    packing = files.fetched(place.store, name, path)
    if not path.stat().st_size:
        return
    header = _header(place, name)

    def read(file: Path, packing: str) -> None:
        table = _file_lines(file, packing, comments=isinstance(place.lines, Columns))
        _refuse_other_format(session, place, name, parsed(place.lines, f"({table} limit {_SAMPLE})", (), header))
        session.execute(f"insert into logs.line {_rows(place, window, f'({table})', str(number), wanted, header)}")

    try:
        try:
            read(path, packing)
        except duckdb.Error as error:
            if "unicode" not in str(error).lower():
                raise
            as_utf8(path, plain, name)  # raw bytes of clients, which no server has to be asked for
            read(plain, "none")
    except duckdb.Error as error:
        raise _broken(name, error) from error


def _header(place: LogPlace, name: str) -> tuple[str, ...]:
    if not isinstance(place.lines, Columns):
        return ()
    head = files.head_of(place.store, name)
    named = next((line for line in head.decode("utf-8", "replace").splitlines() if line.startswith("#Fields:")), None)
    if named is None:
        raise CannotAskError(f"{name} at {place.store.url} has no line #Fields: that names its columns", "correct signals.format")
    return tuple(named.split()[1:])


def _file_lines(path: Path, packing: str, *, comments: bool) -> str:
    options = f"columns = {{'line': 'VARCHAR'}}, delim = {literal(_NOWHERE)}, quote = '', escape = '', header = false"
    options += f", auto_detect = false, strict_mode = false, max_line_size = {LONGEST_LINE}, new_line = '\\n'"
    options += f", compression = '{packing}'"
    read = f"select line from read_csv({literal(str(path))}, {options}) where line is not null"  # noqa: S608 - quoted
    return f"{read} and not starts_with(line, '#')" if comments else read


def _rows(place: LogPlace, window: Interval, relation: str, file: str, wanted: Collection[Role], header: tuple[str, ...]) -> str:
    """A query of rows of `logs.line`; of lines outside the window only their time is kept."""
    roles = {*wanted, *(("host",) if place.host else ()), *(("path",) if place.ignored else ())}
    kept = [f"moment >= {_instant(window.start)} and moment < {_instant(window.end)}"]
    kept += [f"lower(host) = {literal(place.host.lower())}"] if place.host else []
    kept += [f"not coalesce(starts_with(path, {literal(path)}), false)" for path in place.ignored]
    columns = [
        f"case when kept then {name} end as {name}" if name in wanted else f"null as {name}"
        for name in ("method", "path", "agent")
    ]
    query = parsed(place.lines, relation, roles, header)
    query = f"select *, coalesce({' and '.join(kept)}, false) as kept from ({query})"  # noqa: S608 - quoted
    values = f"{file} as file, moment, kept, case when kept then status end as status, case when kept then seconds end as seconds"
    unread = f"case when moment is null then left(line, {_KEPT}) end as unread"
    return f"select {values}, {', '.join(columns)}, {unread} from ({query})"  # noqa: S608 - quoted


def _instant(moment: datetime) -> str:
    return f"timestamptz {literal(moment.isoformat())}"


def _refuse_other_format(session: Any, place: LogPlace, name: str, sample: str) -> None:
    """A file of which no line fits is not read to its end."""
    rows = session.execute(f"select moment is not null, line from ({sample})").fetchall()  # noqa: S608 - a query of ours
    if len(rows) == _SAMPLE and not any(fits for fits, _ in rows):
        raise _other_format(place, f"none of the first {_SAMPLE} lines of {name}", [line for _, line in rows])


def _unread(session: Any, place: LogPlace) -> tuple[str, ...]:
    """A note about lines that cannot be read. Raises CannotAskError when they are more than one in a hundred."""
    lines, unread = session.execute("select count(*), count(unread) from logs.line").fetchone()
    if not unread:
        return ()
    found = session.execute(_FIRST_UNREAD, [_SHOWN]).fetchall()
    shown = [line for (line,) in found]
    if unread > lines * MOST_UNREAD:
        raise _other_format(place, f"{unread:,} of {lines:,} lines", shown)
    return (f"{unread:,} of {lines:,} lines cannot be read and are not counted, first {_quoted(shown)}",)


def _other_format(place: LogPlace, which: str, shown: list[str]) -> CannotAskError:
    fit = "do not fit" if which[0].isdigit() else "fits"
    remedy = "give signals.format in the words of the server's own configuration, and signals.files for these files alone"
    return CannotAskError(f"{place.described}: {which} {fit} its format, first {_quoted(shown)}", remedy)


def _quoted(lines: list[str]) -> str:
    """Lines as they are, without what may be secret in a query string, and without signs that nobody sees."""
    plain = ["".join(sign if sign.isprintable() else "\ufffd" for sign in line) for line in lines[:_SHOWN]]
    return ", ".join(f"“{line.partition('?')[0][:160]}”" for line in plain)


def _broken(name: str, error: Exception) -> BrokenError:
    text = " ".join(str(error).split())
    if "GZIP" in text or "zstd" in text.lower():
        return BrokenError(
            f"{name} ends in the middle or is damaged", "while it is being packed, asked again it is whole", retry=True
        )
    if "Maximum line size" in text:
        return BrokenError(f"{name} has a line of more than 1 MiB: it is no access log", "correct signals.files", retry=False)
    return BrokenError(f"{name} cannot be read: {text[:200]}", "see whether it can be read by hand", retry=True, tries=2)
