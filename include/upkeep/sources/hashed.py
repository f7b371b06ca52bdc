"""Bytes counted and hashed on their way into an object store and out of it."""

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from upkeep.sources.objects import CHUNK, ObjectStore


@dataclass(frozen=True, slots=True)
class Sum:
    """How many bytes there were, and their SHA-256 (hexadecimal)."""

    bytes: int
    sha256: str


class _Counting:
    def __init__(self) -> None:
        self.bytes, self._sha256 = 0, hashlib.sha256()

    def _count(self, data: bytes) -> None:
        self.bytes += len(data)
        self._sha256.update(data)

    @property
    def sum(self) -> Sum:
        """Of everything until now."""
        return Sum(self.bytes, self._sha256.hexdigest())


class HashedSink(_Counting):
    """A stream whose bytes are hashed as they are written."""

    def __init__(self, sink: BinaryIO) -> None:
        super().__init__()
        self._sink = sink

    def write(self, data: bytes) -> int:
        """Pass it on."""
        self._count(data)
        self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""


class HashedSource(_Counting):
    """A stream whose bytes are hashed as they are read."""

    def __init__(self, source: Any) -> None:
        super().__init__()
        self._source = source

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes, and never more than a megabyte unless asked for."""
        data: bytes = self._source.read(size if size and size > 0 else CHUNK)
        self._count(data)
        return data


def sum_of(store: ObjectStore, name: str, stop: threading.Event | None = None) -> Sum:
    """Of an object as it stands in the store; of what was read until then once `stop` is set. Raises BrokenError."""
    with store.reader(name) as file:
        source = HashedSource(file)
        while not (stop and stop.is_set()) and source.read(CHUNK):
            pass
    return source.sum


def sum_of_file(path: Path) -> Sum:
    """Of a local file. Raises OSError."""
    with path.open("rb") as file:
        return Sum(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def upload(store: ObjectStore, name: str, path: Path) -> Sum:
    """Store a local file, which appears whole or not at all; what was sent. Raises BrokenError."""
    with path.open("rb") as source, store.writer(name) as file:
        sink = HashedSink(file)
        while data := source.read(CHUNK):
            sink.write(data)
    return sink.sum


def download(store: ObjectStore, name: str, path: Path) -> Sum:
    """Fetch an object into a local file; what came. Raises BrokenError for the store, OSError for this disk."""
    with store.reader(name) as file, path.open("wb") as sink:
        source = HashedSource(file)
        while data := source.read(CHUNK):
            sink.write(data)
    return source.sum
