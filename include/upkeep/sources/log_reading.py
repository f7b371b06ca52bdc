"""From the description of where a server's log is to its entries."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.errors import CannotAskError
from upkeep.formats.log_entries import CSV_START, Entry, Format, csv_entries, json_entries, stderr_entries
from upkeep.formats.log_envelopes import unwrapped
from upkeep.formats.log_lines import LinesRead
from upkeep.formats.log_prefix import Clock, Prefixes, has_time
from upkeep.sources.log_files import ALL, LogFile, formats, lines_of, of_format, on_this_machine, through_server
from upkeep.sources.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Source:
    """Where the log is (a path of this machine, or through the server) and how it is written."""

    path: str | None
    through_server: bool
    collecting: bool
    destination: str
    line_prefix: str
    timezone: str
    databases: Sequence[bytes] = ()


def entries_of(pg: Postgres, source: Source, since: datetime, counted: LinesRead) -> Iterator[Entry]:
    """
    Entries of the files that were written to at or after `since`, oldest file first. Lines are counted in `counted`.

    When there are older files, the first entry is an empty one at the time of the newest of them: the log reaches back.
    Raises CannotAskError when the log cannot be read.
    """
    files = _files(pg, source)
    format_, files = of_format(files, _wanted(source) if source.path is None else [*formats(source.destination), *ALL])
    for older in [f for f in files if f.modified < since][-1:]:
        yield Entry(older.modified)
    yield from read(
        [f for f in files if f.modified >= since], format_, source.line_prefix, source.timezone, counted, source.databases
    )


def read(
    files: Iterable[LogFile],
    format_: Format,
    line_prefix: str,
    timezone: str,
    counted: LinesRead | None = None,
    databases: Sequence[bytes] = (),
) -> Iterator[Entry]:
    """Entries of files of one format. `databases` are names that are looked for where a prefix leaves room for several."""
    clock, counted, files = Clock(timezone), LinesRead() if counted is None else counted, list(files)
    if format_ == "csvlog":
        return csv_entries(_lines(files, lambda line: bool(CSV_START.match(line))), clock, counted)
    if format_ == "jsonlog":
        return json_entries(_lines(files, lambda line: line.startswith(b'{"timestamp":')), clock, counted)
    timed = has_time(line_prefix)
    carried = any(file.wrapped for file in files)
    prefixes = Prefixes(line_prefix if timed or not carried else "%m [%p] " + line_prefix, databases)
    lines = _lines(files, lambda line: bool(prefixes.first.clock.match(line)), timed=timed)
    return stderr_entries(lines, prefixes, clock, counted)


def _lines(files: Sequence[LogFile], starts: Callable[[bytes], bool], *, timed: bool = True) -> Iterator[bytes]:
    """The server's own lines, whatever carries them; `starts` is whether an entry begins with a line."""
    if not any(file.wrapped for file in files):
        return lines_of(files, starts)
    return unwrapped(lines_of(files, bool), max(file.modified for file in files), timed=timed)


def _files(pg: Postgres, source: Source) -> list[LogFile]:
    if source.path is not None:
        return on_this_machine(source.path)
    if not source.through_server:
        raise CannotAskError("log.read is file, but no path is given", "give log.path of this target in the inventory")
    if not source.collecting:
        reason = "the server does not keep its log itself (logging_collector is off)"
        raise CannotAskError(reason, "give the log's path (log.read: file), or set logging_collector = on and restart")
    return through_server(pg)


def _wanted(source: Source) -> list[Format]:
    wanted = formats(source.destination)
    if not wanted:
        reason = f"log_destination is {source.destination}, which Upkeep cannot read"
        raise CannotAskError(
            reason,
            "give the log's path (log.read: file), or: alter system set log_destination = 'jsonlog'; select pg_reload_conf();",
        )
    return wanted
