"""Files of a server's log: on this machine, packed or not, or read through the server in chunks."""

import bz2
import glob
import gzip
import lzma
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO

from upkeep.errors import CannotAskError
from upkeep.formats.log_entries import CSV_START, Format
from upkeep.formats.log_envelopes import bare, in_json, wrapped
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import function

CHUNK = 1 << 20
LONGEST_LINE = 1 << 20
LONGEST_PREFIX = 4096
HEAD = 64 * 1024
ALL: tuple[Format, ...] = ("jsonlog", "csvlog", "stderr")
READ = function("pg_read_binary_file(text, bigint, bigint)", "the server's log")
LIST = function("pg_ls_logdir()", "which log files there are")
_ROTATED = re.compile(r"(?:\.gz|\.bz2|\.xz|\.\d+|-\d{8}|\.old)+$")
_PACKED: Mapping[str, Callable[[Path], IO[bytes]]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}  # type: ignore[dict-item]
_FORMATS: dict[str, Format] = {".json": "jsonlog", ".csv": "csvlog"}
_LISTING = "select name, size, modification as modified from pg_catalog.pg_ls_logdir() order by name"
_PIECE = "select pg_catalog.pg_read_binary_file(pg_catalog.current_setting('log_directory') || '/' || %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class LogFile:
    """
    One file; `modified` is when its last entry was written. `chunks` reads it from the start.

    `head` is its beginning, where something else than the server may have written it.
    """

    name: str
    modified: datetime
    chunks: Callable[[], Iterator[bytes]]
    head: bytes = b""

    @property
    def format(self) -> Format:
        """By its name, without the ends that rotation gives it, and by its beginning."""
        named = _FORMATS.get(Path(_ROTATED.sub("", self.name)).suffix, "stderr")
        if self.head and named != "csvlog":
            head = bare(self.head)
            return "jsonlog" if in_json(head) else "csvlog" if CSV_START.match(head) else "stderr"
        return named

    @property
    def wrapped(self) -> bool:
        """Whether its lines are inside of something else: syslog, JSON of Cloud SQL or Docker."""
        return wrapped(self.head)


@dataclass(frozen=True, slots=True)
class _Listed:
    name: str
    size: int
    modified: datetime


def on_this_machine(path: str) -> list[LogFile]:
    """Files of a folder, or of a glob. Raises CannotAskError when there is none that can be read."""
    pattern = str(Path(path) / "*") if Path(path).is_dir() else path
    found = [Path(name) for name in glob.glob(pattern)]  # noqa: PTH207 - the inventory gives absolute globs
    try:
        files = [_file(p) for p in found if p.is_file()]
    except OSError as error:
        raise CannotAskError(f"log files cannot be read: {error}", f"let Upkeep's user read {path}") from error
    if not files:
        raise CannotAskError(f"there is no log file at {path}", "correct log.path of this target, or its permissions")
    return files


def _file(path: Path) -> LogFile:
    chunks = _reader(path)
    try:
        head = next(chunks(), b"")[:HEAD]
    except CannotAskError:
        head = b""  # it is told when it is read, which an old one is not
    return LogFile(path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC), chunks, head)


def _reader(path: Path) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        try:
            with _PACKED[path.suffix](path) if path.suffix in _PACKED else path.open("rb") as file:
                yield from iter(lambda: file.read(CHUNK), b"")
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise CannotAskError(f"{path.name} cannot be read: {error}", f"let Upkeep's user read {path}") from error

    return chunks


def through_server(pg: Postgres) -> list[LogFile]:
    """Files of the server's log_directory. Raises CannotAskError with the grant that is missing."""
    missing = pg.missing((LIST, READ))
    if missing:
        names = ", ".join(right.name for right in missing)
        reason = f"needs {names} to read the log through the server, or a path to it (log.read: file)"
        raise CannotAskError(reason, "\n".join(map(pg.grant_for, missing)))
    return [LogFile(f.name, f.modified, _served(pg, f)) for f in pg.query(_LISTING, _Listed)]


def _served(pg: Postgres, file: _Listed) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        for at in range(0, file.size, CHUNK):
            yield bytes(pg.value(_PIECE, [file.name, at, min(CHUNK, file.size - at)]) or b"")

    return chunks


def of_format(files: Sequence[LogFile], wanted: Sequence[Format]) -> tuple[Format, list[LogFile]]:
    """The files of the first format that has any, oldest first."""
    for format_ in wanted:
        chosen = sorted((f for f in files if f.format == format_), key=lambda f: (f.modified, f.name))
        if chosen:
            return format_, chosen
    raise CannotAskError(f"no log file of a known format ({', '.join(wanted)})", "see log_destination and log_directory")


def lines_of(files: Iterable[LogFile], starts: Callable[[bytes], bool]) -> Iterator[bytes]:
    """
    Lines of files one after the other, without their ends.

    A line that rotation cut in two is made whole, unless what follows starts an entry by itself. Of a line longer than
    LONGEST_LINE the rest is left out, but for a quotation mark when it has an odd number of them: records of CSV end where
    quotes are even.
    """
    return chain.from_iterable(_batches(files, starts))


def _batches(files: Iterable[LogFile], starts: Callable[[bytes], bool]) -> Iterator[list[bytes]]:
    half, odd = b"", False
    for file in files:
        between = True
        for chunk in file.chunks():
            if between and half and (chunk.startswith(b"\t") or starts(chunk[:LONGEST_PREFIX])):
                yield [_ended(half, odd=odd)]
                half, odd = b"", False
            between = False
            first, *lines = chunk.split(b"\n")
            half, odd = _longer(half, first, odd=odd)
            if lines:
                yield [_ended(half, odd=odd), *lines[:-1]]
                half, odd = _longer(b"", lines[-1], odd=False)
    if half:
        yield [_ended(half, odd=odd)]


def _longer(half: bytes, more: bytes, *, odd: bool) -> tuple[bytes, bool]:
    room = LONGEST_LINE - len(half)
    if len(more) <= room:
        return half + more, odd
    return half + more[:room], odd ^ bool(more.count(b'"', room) % 2)


def _ended(half: bytes, *, odd: bool) -> bytes:
    return half + b'"' if odd else half


def formats(log_destination: str) -> list[Format]:
    """What a server writes, the most reliable first: JSON and CSV cannot be deceived by names with line ends in them."""
    written = {word.strip() for word in log_destination.split(",")}
    return [format_ for format_ in ALL if format_ in written]
