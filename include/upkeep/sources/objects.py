"""Object stores: a folder, S3, GCS or Azure through fsspec, with errors in words and writes that are whole or not there."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, cast

from upkeep.errors import BrokenError

CHUNK = 1 << 20
_HALF = ".half"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """
    A place under which objects have names. `filesystem` is fsspec's, `root` the path inside it, `url` what people read.

    Every method raises BrokenError that names the object and says whether a retry makes sense.
    """

    filesystem: Any
    root: str
    url: str

    def at(self, *names: str) -> "ObjectStore":
        """The place of this name inside this one."""
        more = "/".join(names)
        return ObjectStore(self.filesystem, f"{self.root.rstrip('/')}/{more}", f"{self.url.rstrip('/')}/{more}")

    @contextmanager
    def writer(self, name: str) -> Iterator[BinaryIO]:
        """Write one object as a stream: it appears whole when the block ends well, and not at all when it does not."""
        path = self._path(name)
        with self._translate_errors(f"write {name}"):
            self._make_folder(path)
            # fsspec would write a local file into TMPDIR first: often another disk, and not tidied after a kill.
            file = self.filesystem.open(path + (_HALF if self.is_local else ""), "wb", autocommit=self.is_local)
        try:
            yield cast("BinaryIO", _Writing(file, lambda: self._translate_errors(f"write {name}")))
            with self._translate_errors(f"write {name}"):
                self._finish(file, path)
        except BaseException:
            with suppress(Exception):
                file.close()
            with suppress(Exception):
                self.filesystem.rm_file(path + _HALF) if self.is_local else file.discard()
            raise

    @contextmanager
    def reader(self, name: str) -> Iterator[BinaryIO]:
        """Read one object as a stream. What goes wrong in the block, but for reading, is raised as it is."""
        with self._translate_errors(f"read {name}"):
            file = self.filesystem.open(self._path(name), "rb", block_size=8 * CHUNK)
        try:
            yield cast("BinaryIO", _Reading(file, lambda: self._translate_errors(f"read {name}")))
        finally:
            with suppress(Exception):  # everything that was asked for has been read
                file.close()

    def put(self, name: str, data: bytes) -> None:
        """Write one small object."""
        with self.writer(name) as file:
            file.write(data)

    def get(self, name: str) -> bytes:
        """Read one small object."""
        with self._translate_errors(f"read {name}"):
            return bytes(self.filesystem.cat_file(self._path(name)))

    def sizes(self) -> dict[str, int]:
        """Bytes of every object below this place, by its name relative to it. Empty when there is none."""
        return {name: int(entry["size"]) for name, entry in self.listed().items()}

    def states(self) -> dict[str, str | None]:
        """What tells one state of each object below this place from another; None where the store does not say."""
        return {name: _state(entry) for name, entry in self.listed().items()}

    def listed(self) -> dict[str, Mapping[str, Any]]:
        """What the store tells of every object below this place, by its name relative to it: its size, and words of its own."""
        self.filesystem.invalidate_cache()
        with self._translate_errors("list"):
            try:
                found = self.filesystem.find(self.root, detail=True)
            except FileNotFoundError:
                return {}
        start = len(self.filesystem._strip_protocol(self.root).rstrip("/")) + 1  # noqa: SLF001 - fsspec has no public form
        return {path[start:]: entry for path, entry in sorted(found.items()) if path[start:].strip("/")}

    def s3_pages(self) -> Iterator[tuple[int, list[Mapping[str, Any]]]]:
        """What S3 tells of the objects below this place, a page at a time, and where in a key the name begins."""
        bucket, key, _ = self.filesystem.split_path(self.root)
        prefix = f"{key.rstrip('/')}/" if key.strip("/") else ""
        more: Mapping[str, str] = {}
        while True:
            with self._translate_errors("list"):
                page = self.filesystem.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
            yield len(prefix), page.get("Contents", [])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        self.filesystem.invalidate_cache()
        with self._translate_errors(f"look for {name}"):
            return bool(self.filesystem.exists(self._path(name)))

    def delete(self, name: str) -> None:
        """Remove one object; not an error when it is gone already."""
        with self._translate_errors(f"delete {name}"), suppress(FileNotFoundError):
            self.filesystem.rm_file(self._path(name))

    def delete_all(self) -> None:
        """Remove everything below this place, and the folder itself where there are folders."""
        for name in self.sizes():
            self.delete(name)
        if self.is_local:
            with self._translate_errors("delete"), suppress(FileNotFoundError):
                self.filesystem.rm(self.root, recursive=True)

    def locked(self, name: str) -> str | None:
        """
        Why one object may not be deleted yet: S3's legal hold or retention date, judged by the store's own clock. None otherwise.

        Asked beforehand, since a bucket with object lock answers a delete with success and only hides the object.
        """
        if not self.is_s3:
            return None
        bucket, key, _ = self.filesystem.split_path(self._path(name))
        with self._translate_errors(f"look at the lock of {name}"):
            head = self.filesystem.call_s3("head_object", Bucket=bucket, Key=key)
        return _lock_of(head)

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine, which other workers may not have."""
        return "file" in _protocols(self.filesystem)

    @property
    def is_s3(self) -> bool:
        """Whether it speaks S3."""
        return bool({"s3", "s3a"} & set(_protocols(self.filesystem)))

    def _path(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{name}"

    def _make_folder(self, path: str) -> None:
        if self.is_local:
            self.filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)

    def _finish(self, file: Any, path: str) -> None:
        if not self.is_local:
            file.close()
            file.commit()
            return
        # Whole on disk before it gets its name: a power cut leaves the object or nothing.
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self.filesystem.mv(path + _HALF, path)

    @contextmanager
    def _translate_errors(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (BrokenError, GeneratorExit):
            raise
        except Exception as error:
            raise _broken(self.url, doing, error) from error


class _Reading:
    """A file whose reading alone is said to have gone wrong at the store."""

    def __init__(self, file: Any, translate: Callable[[], AbstractContextManager[None]]) -> None:
        self._file, self._translate_errors = file, translate

    def read(self, size: int = -1) -> bytes:
        with self._translate_errors():
            return bytes(self._file.read(size))


class _Writing:
    """A file whose writing alone is said to have gone wrong at the store: not what else fails while it is open."""

    def __init__(self, file: Any, translate: Callable[[], AbstractContextManager[None]]) -> None:
        self._file, self._translate_errors = file, translate

    def write(self, data: bytes) -> int:
        with self._translate_errors():
            return int(self._file.write(data))

    def flush(self) -> None:
        """Its end does it."""


def open_store(url: str, **options: Any) -> ObjectStore:
    """A store by its URL alone, with fsspec's own options; for folders and for tests."""
    import fsspec

    filesystem, root = fsspec.core.url_to_fs(url, **options)
    return ObjectStore(filesystem, str(root), url)


def _lock_of(head: Mapping[str, Any]) -> str | None:
    if head.get("ObjectLockLegalHoldStatus") == "ON":
        return "legal hold in the store"
    until = head.get("ObjectLockRetainUntilDate")
    if until is None:
        return None
    date = head.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    now = parsedate_to_datetime(date) if date else datetime.now(UTC)
    return f"object lock until {until:%Y-%m-%d %H:%M} UTC" if until > now else None


# How stores call an object's digest, its generation, and when it was changed.
_CHANGES = ("ETag", "etag", "generation", "LastModified", "last_modified", "updated", "mtime", "created", "ino")


def _state(entry: Mapping[str, Any]) -> str | None:
    marks = [str(entry[key]) for key in _CHANGES if entry.get(key) is not None]
    return " ".join([str(entry["size"]), *marks]) if marks else None


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


_HOPELESS = (
    (FileNotFoundError, "it is not there", "check the path or bucket"),
    (PermissionError, "access is denied", "check the rights of the store's connection"),
)


def _broken(url: str, doing: str, error: Exception) -> BrokenError:
    message = " ".join(str(error).split()) or type(error).__name__
    for kind, meaning, remedy in _HOPELESS:
        if isinstance(error, kind):
            return BrokenError(f"could not {doing} at {url}: {meaning} ({message})", remedy, retry=False)
    full = isinstance(error, OSError) and error.errno == 28  # noqa: PLR2004 - ENOSPC
    reason = "no space is left" if full else message
    return BrokenError(f"could not {doing} at {url}: {reason}", "make room and clear the task" if full else "", retry=True)
