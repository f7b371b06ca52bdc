"""How a stream becomes an object: compressed with zstd, encrypted with age where asked, hashed as it is stored; and back."""

import hashlib
import threading
from collections.abc import Sequence
from typing import Any, BinaryIO, Protocol, cast

from upkeep.backups.manifest import StoredObject
from upkeep.errors import BrokenError
from upkeep.sources.objects import CHUNK, ObjectStore

# Level 1: a third of the time of level 3 for 0 to 10 % more bytes, and packing is what takes longest.
LEVEL = 1
PACKED = ".zst"


class Readable(Protocol):
    """Anything with `read`; empty bytes mean the end."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes."""
        ...


class _Counted:
    """A plain stream whose bytes are counted as they are read."""

    def __init__(self, source: Readable) -> None:
        self._source, self.bytes = source, 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.bytes += len(data)
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


def store(place: ObjectStore, name: str, source: Readable, recipients: Sequence[str] = ()) -> StoredObject:
    """Store a stream under its packed name, in bounded memory. Raises BrokenError."""
    import zstandard

    called, counted = stored_name(name, recipients), _Counted(source)
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with place.writer(called) as file:
        hashed = _Hashed(file)
        with compressor.stream_reader(cast("BinaryIO", counted), read_size=CHUNK) as packed:
            _seal(packed, hashed, recipients)
    return StoredObject(called, hashed.bytes, hashed.sha256.hexdigest(), counted.bytes)


def store_plain(place: ObjectStore, name: str, data: bytes) -> StoredObject:
    """Store a small object as it is, to be read without any program. Raises BrokenError."""
    place.put(name, data)
    return StoredObject(name, len(data), hashlib.sha256(data).hexdigest(), len(data))


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
