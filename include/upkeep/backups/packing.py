"""How a stream becomes an object: compressed with zstd, encrypted with age where asked, hashed as it is stored; and back."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol, cast

from upkeep.backups.manifest import StoredObject
from upkeep.errors import BrokenError
from upkeep.sources.objects import CHUNK, ObjectStore

LEVEL = 3
PACKED = ".zst"


class Readable(Protocol):
    """Anything with `read`; empty bytes mean the end."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes."""
        ...


class Tally:
    """Counts bytes and lines of what is written to it."""

    def __init__(self) -> None:
        self.bytes = self.lines = 0

    def write(self, data: bytes) -> int:
        """Count and forget."""
        self.bytes += len(data)
        self.lines += data.count(b"\n")
        return len(data)


class _Counted:
    """A plain stream whose content is counted as it is read."""

    def __init__(self, source: Readable, tally: Tally) -> None:
        self._source, self._tally = source, tally

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._tally.write(data)
        return data


class _Unpacking:
    """A stream that is packed already; its content is unpacked beside it only to be counted."""

    def __init__(self, source: Readable, tally: Tally) -> None:
        import zstandard

        self._source, self._first = source, True
        self._counter = zstandard.ZstdDecompressor().stream_writer(cast("BinaryIO", tally), write_size=CHUNK, closefd=False)

    def read(self, size: int = -1) -> bytes:
        import zstandard

        data = self._source.read(size)
        if self._first and not data:
            data = zstandard.ZstdCompressor().compress(b"")  # pg_dump leaves a file without content wholly empty
        self._first = False
        self._counter.write(data)
        return data


class _Hashed:
    def __init__(self, sink: BinaryIO) -> None:
        self._sink, self.bytes, self.sha256 = sink, 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        self.sha256.update(data)
        self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""


def stored_name(name: str, recipients: Sequence[str] = ()) -> str:
    """The name of an object that holds `name`."""
    return f"{name}{PACKED}.age" if recipients else f"{name}{PACKED}"


def store(place: ObjectStore, name: str, source: Readable, recipients: Sequence[str] = ()) -> tuple[StoredObject, int]:
    """
    Store a stream under its packed name; also the lines of its content.

    A stream whose name ends in `.zst` is packed already. Bounded memory. Raises BrokenError.
    """
    called, tally = stored_name(name.removesuffix(PACKED), recipients), Tally()
    with place.writer(called) as file:
        hashed = _Hashed(file)
        with _packed(name, source, tally) as packed:
            _seal(packed, hashed, recipients)
    return StoredObject(called, hashed.bytes, hashed.sha256.hexdigest(), tally.bytes), tally.lines


@contextmanager
def _packed(name: str, source: Readable, tally: Tally) -> Iterator[Readable]:
    import zstandard

    if name.endswith(PACKED):
        yield _Unpacking(source, tally)
        return
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with compressor.stream_reader(cast("BinaryIO", _Counted(source, tally)), read_size=CHUNK) as packed:
        yield packed


def _seal(packed: Any, sink: _Hashed, recipients: Sequence[str]) -> None:
    if recipients:
        import pyrage

        pyrage.encrypt_io(packed, sink, keys(recipients))
        return
    while data := packed.read(CHUNK):
        sink.write(data)


def keys(recipients: Sequence[str]) -> list[Any]:
    """Public keys of age from their text. Raises BrokenError that names the wrong one."""
    import pyrage

    found = []
    for text in recipients:
        try:
            found.append(pyrage.x25519.Recipient.from_str(text))
        except pyrage.RecipientError as error:
            raise BrokenError(
                f'encrypt_to: "{text}" is no age public key: {error}', "age-keygen makes one", retry=False
            ) from error
    return found


def sum_of(place: ObjectStore, name: str, stop: threading.Event | None = None) -> tuple[int, str]:
    """Bytes and SHA-256 of an object as it stands in the store. Raises BrokenError."""
    total, sha256 = 0, hashlib.sha256()
    with place.reader(name) as file:
        while (data := file.read(CHUNK)) and not (stop and stop.is_set()):
            total += len(data)
            sha256.update(data)
    return total, sha256.hexdigest()
