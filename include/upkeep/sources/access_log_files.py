"""Files of an access log in a folder or an object store: which ones a window needs, and each of them once."""

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO, Protocol

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.objects import CHUNK, ObjectStore

HEAD, _START = 1 << 16, 512
_ROTATED = re.compile(r"(?:\.gz|\.zst|\.\d+|-\d{8,14}|\.old|\.bak|~)+$|[-_.]\d{4}-?\d\d-?\d\d(?:[-_T]?\d{2,6})?(?=[^/]*$)")
_STREAMS = ("/dev/std", "/dev/fd/", "/proc/")
_PACKED = re.compile(r"\.(?:gz|zst)$")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_OTHERS = {
    b"PK\x03\x04": "zip", b"\xfd7zXZ\0": "xz", b"7z\xbc\xaf\x27\x1c": "7z", b"\x04\x22\x4d\x18": "lz4", b"BZh": "bzip2",
}  # fmt: skip


class Interval(Protocol):
    """A window: half-open, with its time zone."""

    @property
    def start(self) -> datetime:
        """Included."""
        ...

    @property
    def end(self) -> datetime:
        """Excluded."""
        ...


@dataclass(frozen=True, slots=True)
class LogFile:
    """
    One file as it was listed. `modified` is None where the store does not say.

    `inode` tells that rotation renamed it, and that two names are one file.
    """

    name: str
    size: int
    modified: datetime | None
    inode: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files to read, oldest first, and how many are older or newer: the log then reaches back, or beyond the window."""

    files: tuple[LogFile, ...]
    older: int
    newer: int


def choose(store: ObjectStore, pattern: str, window: Interval, delivered: timedelta | None = None) -> Chosen:
    """
    Files that may hold lines of the window. Raises CannotAskError when no file has such a name.

    Where each file is `delivered` within so long of its lines and never added to, those of later are left out too.
    """
    found = listed(store, pattern)
    if not found:
        remedy = "signals.place is a folder or prefix that Upkeep's user may list, signals.files a pattern of the names in it"
        raise CannotAskError(f"there is no file {pattern} at {store.url}", remedy)
    younger = [file for file in found if file.modified is None or file.modified >= window.start]
    until = window.end + delivered if delivered is not None else None
    needed = [file for file in younger if until is None or file.modified is None or file.modified <= until]
    return Chosen(tuple(_once(store, needed)), len(found) - len(younger), len(younger) - len(needed))


def listed(store: ObjectStore, pattern: str) -> list[LogFile]:
    """
    Every file whose own name fits the pattern, oldest first; hidden ones, which copying leaves for a while, do not.

    A link is what it leads to; one to a terminal or a pipe, as in images of web servers, is none.
    """
    names = {name: entry for name, entry in store.listed().items() if _fits(name.rpartition("/")[2], pattern)}
    told = (_local(store, name, entry) if store.is_local else log_file(name, entry) for name, entry in names.items())
    return sorted(filter(None, told), key=lambda file: (file.modified or datetime.max.replace(tzinfo=UTC), file.name))


def closed_folders(store: ObjectStore) -> tuple[str, ...]:
    """A note on folders of the place that may not be looked into: listing passes over them."""
    closed: list[str] = []
    if store.is_local:
        for _ in os.walk(store.root, onerror=lambda error: closed.append(str(error.filename))):
            pass
    return (f"not looked into, for want of a right: {', '.join(sorted(closed)[:3])}",) if closed else ()


def _fits(name: str, pattern: str) -> bool:
    return fnmatch(name, pattern) and (pattern.startswith(".") or not name.startswith("."))


def log_file(name: str, entry: Mapping[str, Any]) -> LogFile:
    """A file as a store tells of it."""
    inode = entry.get("ino")
    return LogFile(name, int(entry["size"]), _modified(entry), None if inode is None else str(inode))


def _local(store: ObjectStore, name: str, entry: Mapping[str, Any]) -> LogFile | None:
    """A file of a folder; a link that leads nowhere as the link that it is, since its file may be away for a while."""
    if str(entry.get("destination", "")).startswith(_STREAMS):
        return None
    try:
        told = os.stat(Path(store.root) / name)  # noqa: PTH116 - a value, not a question more
    except OSError:
        return log_file(name, entry)
    modified = datetime.fromtimestamp(told.st_mtime, UTC)
    return LogFile(name, told.st_size, modified, f"{told.st_dev}:{told.st_ino}") if S_ISREG(told.st_mode) else None


def _modified(entry: Mapping[str, Any]) -> datetime | None:
    told = next((entry[key] for key in ("mtime", "LastModified", "last_modified", "updated") if entry.get(key)), None)
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told, UTC)
    if isinstance(told, str):
        told = datetime.fromisoformat(told)
    return told.astimezone(UTC) if isinstance(told, datetime) and told.tzinfo else None


def _once(store: ObjectStore, files: Sequence[LogFile]) -> Iterator[LogFile]:
    """Without other names of the same file, and copies that rotation makes: of files of one series the same beginning."""
    each = {file.inode or file.name: file for file in files}
    series: dict[str, list[LogFile]] = {}
    for file in each.values():
        series.setdefault(_ROTATED.sub("", file.name), []).append(file)
    left_out = {copy.name for alike in series.values() if len(alike) > 1 for copy in _copies(store, alike)}
    return (file for file in each.values() if file.name not in left_out)


def _copies(store: ObjectStore, files: Sequence[LogFile]) -> Iterator[LogFile]:
    heads: list[bytes] = []
    names = {file.name for file in files}
    for file in sorted(files, key=lambda file: (_PACKED.search(file.name) is not None, -file.size)):
        head = head_of(store, file.name).lstrip(b"\0")
        being_packed = not head and _PACKED.sub("", file.name) in names - {file.name}
        if being_packed or (head and any(kept.startswith(head) or head.startswith(kept) for kept in heads)):
            yield file
        elif head:
            heads.append(head)


def head_of(store: ObjectStore, name: str) -> bytes:
    """The first bytes of a file, unpacked; fewer of one that ends in the middle. Raises BrokenError for a damaged one."""
    import zstandard

    with store.reader(name) as file:
        packed = file.read(HEAD)
    try:
        return _unpacked(packed)[:HEAD]
    except (zlib.error, zstandard.ZstdError) as error:
        raise BrokenError(f"{name} at {store.url} is damaged: {error}", "pack it again, or move it away", retry=False) from error


def _unpacked(packed: bytes) -> bytes:
    import zstandard

    match packing_of(packed):
        case "gzip":
            return _gunzipped(packed)
        case "zstd":
            return zstandard.ZstdDecompressor().decompressobj(read_across_frames=True).decompress(packed)
    return packed


def _gunzipped(packed: bytes) -> bytes:
    """Also of several behind one another, of which the first may be empty."""
    data = b""
    while packed and len(data) < HEAD:
        unpacker = zlib.decompressobj(31)
        data += unpacker.decompress(packed, HEAD)
        packed = unpacker.unused_data.lstrip(b"\0")
    return data


def packing_of(start: bytes) -> str:
    """How a file is packed, by its first bytes."""
    return "gzip" if start.startswith(_GZIP) else "zstd" if start.startswith(_ZSTD) else "none"


def assert_readable(start: bytes, name: str) -> None:
    """Raise BrokenError for what is packed in a way that is not read here."""
    packed = next((how for mark, how in _OTHERS.items() if start.startswith(mark)), "")
    if packed or start[257:262] == b"ustar":
        raise BrokenError(f"{name} is packed by {packed or 'tar'}, which is not read: use gzip or zstd, a file each", retry=False)


def fetched(store: ObjectStore, name: str, path: Path) -> str:
    """
    Bring a file to a path of ours, whose name has no sign that DuckDB would read into it; returns how it is packed.

    NULs at its beginning are left out: a writer that does not append leaves them when its file is cut to nothing.
    """
    path.unlink(missing_ok=True)
    with store.reader(name) as source:
        start = source.read(_START)
        assert_readable(start, name)
        if store.is_local and not start.startswith(b"\0"):
            path.symlink_to(Path(store.root) / name)
        else:
            _copy(start, source, path)
    return packing_of(start)


def _copy(start: bytes, source: BinaryIO, path: Path) -> None:
    with path.open("wb") as file:
        chunk, begun = start, False
        while chunk:
            rest = chunk if begun else chunk.lstrip(b"\0")
            begun = begun or bool(rest)
            file.write(rest)
            chunk = source.read(CHUNK)


def refuse_rotated(store: ObjectStore, pattern: str, read: Iterable[LogFile]) -> None:
    """Raise BrokenError when a file got another name or was cut while it was read: lines would be missing or counted twice."""
    now = {file.name: file for file in listed(store, pattern)}
    moved = [file.name for file in read if not _goes_on(file, now.get(file.name))]
    if moved:
        raise BrokenError(f"{moved[0]} at {store.url} was rotated while it was read", "asked again, it is whole", retry=True)


def _goes_on(before: LogFile, now: LogFile | None) -> bool:
    return now is not None and now.inode == before.inode and now.size >= before.size
