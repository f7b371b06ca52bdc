"""Files of an access log in a folder or an object store: which ones a window needs, and each of them once."""

import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Protocol

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.objects import CHUNK, ObjectStore

HEAD = 1 << 16
_ROTATED = re.compile(r"(?:\.gz|\.zst|\.\d+|-\d{8,14}|\.old)+$")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


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
    """One file as it was listed. `modified` is None where the store does not say; `inode` tells that rotation renamed it."""

    name: str
    size: int
    modified: datetime | None
    inode: int | None


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
    """Every file whose own name fits the pattern, oldest first."""
    entries = store.listed()
    files = [log_file(name, entry) for name, entry in entries.items() if fnmatch(name.rpartition("/")[2], pattern)]
    return sorted(files, key=lambda file: (file.modified or datetime.max.replace(tzinfo=UTC), file.name))


def log_file(name: str, entry: Mapping[str, Any]) -> LogFile:
    """A file as a store tells of it."""
    return LogFile(name, int(entry["size"]), _modified(entry), entry.get("ino"))


def _modified(entry: Mapping[str, Any]) -> datetime | None:
    told = next((entry[key] for key in ("mtime", "LastModified", "last_modified", "updated") if entry.get(key)), None)
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told, UTC)
    if isinstance(told, str):
        told = datetime.fromisoformat(told)
    return told.astimezone(UTC) if isinstance(told, datetime) and told.tzinfo else None


def _once(store: ObjectStore, files: Sequence[LogFile]) -> Iterator[LogFile]:
    """Without copies that rotation makes: a packed file beside the plain one, or a second with the same beginning."""
    series: dict[str, list[LogFile]] = {}
    for file in files:
        series.setdefault(_ROTATED.sub("", file.name), []).append(file)
    left_out = {copy.name for each in series.values() if len(each) > 1 for copy in _copies(store, each)}
    return (file for file in files if file.name not in left_out)


def _copies(store: ObjectStore, files: Sequence[LogFile]) -> Iterator[LogFile]:
    heads: list[bytes] = []
    for file in sorted(files, key=lambda file: (file.name.endswith((".gz", ".zst")), -file.size)):
        head = head_of(store, file.name)
        if head and any(kept.startswith(head) or head.startswith(kept) for kept in heads):
            yield file
        elif head:
            heads.append(head)


def head_of(store: ObjectStore, name: str) -> bytes:
    """The first bytes of a file, unpacked; fewer of one that ends in the middle."""
    with store.reader(name) as file:
        packed = file.read(HEAD)
    return _unpacked(packed)[:HEAD]


def _unpacked(packed: bytes) -> bytes:
    import zstandard

    try:
        match packing_of(packed):
            case "gzip":
                return zlib.decompressobj(31).decompress(packed, HEAD)
            case "zstd":
                return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    except (zlib.error, zstandard.ZstdError):
        return b""
    return packed


def packing_of(start: bytes) -> str:
    """How a file is packed, by its first bytes."""
    return "gzip" if start.startswith(_GZIP) else "zstd" if start.startswith(_ZSTD) else "none"


def fetched(store: ObjectStore, name: str, path: Path) -> str:
    """Bring a file to a path of ours, whose name has no sign that DuckDB would read into it; returns how it is packed."""
    path.unlink(missing_ok=True)
    if store.is_local:
        path.symlink_to(Path(store.root) / name)
    else:
        with store.reader(name) as source, path.open("wb") as file:
            shutil.copyfileobj(source, file, CHUNK)
    try:
        with path.open("rb") as file:
            return packing_of(file.read(4))
    except OSError as error:
        raise BrokenError(
            f"{name} cannot be read: {error.strerror}", f"let Upkeep's user read {store.url}", retry=True
        ) from error


def refuse_rotated(store: ObjectStore, pattern: str, read: Iterable[LogFile]) -> None:
    """Raise BrokenError when a file got another name while it was read: lines would be missing or counted twice."""
    now = {file.name: file.inode for file in listed(store, pattern)}
    moved = [file.name for file in read if now.get(file.name) != file.inode]
    if moved:
        raise BrokenError(f"{moved[0]} at {store.url} was rotated while it was read", "asked again, it is whole", retry=True)
