"""How a stream becomes an object: compressed with zstd, encrypted with age where asked, hashed as it is stored; and back."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Protocol, cast

from upkeep.backups.manifest import StoredObject
from upkeep.errors import BrokenError
from upkeep.sources.hashed import HashedSink
from upkeep.sources.objects import CHUNK, ObjectStore

# Level 1: a third of the time of level 3 for 0 to 10 % more bytes, and packing is what takes longest.
LEVEL = 1
PACKED = ".zst"
_WORTH_A_CALL = 1 << 16


class Readable(Protocol):
    """Anything with `read`; empty bytes mean the end."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes."""
        ...


class Blocks:
    """A stream of blocks as they come, some of them at a time: as many as are worth a call, and no more of them in memory."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - how much is wanted does not matter to who packs
        """The next ones. Empty at the end."""
        some, total = [], 0
        while total < _WORTH_A_CALL and (block := next(self._blocks, b"")):
            some.append(block)
            total += len(block)
        return some[0] if len(some) == 1 else b"".join(some)


class _Counted:
    """A plain stream whose bytes are counted as they are read. `failure` is its own error, which who seals words anew."""

    def __init__(self, source: Readable) -> None:
        self._source, self.bytes = source, 0
        self.failure: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._source.read(size)
        except Exception as error:
            self.failure = error
            raise
        self.bytes += len(data)
        return data


def stored_name(name: str, recipients: Sequence[str] = ()) -> str:
    """The name of an object that holds `name`."""
    return f"{name}{PACKED}.age" if recipients else f"{name}{PACKED}"


def store(place: ObjectStore, name: str, source: Readable, recipients: Sequence[str] = ()) -> StoredObject:
    """Store a stream under its packed name, in bounded memory. Raises BrokenError."""
    import zstandard

    called, counted = stored_name(name, recipients), _Counted(source)
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with place.writer(called) as file:
        hashed = HashedSink(file)
        with compressor.stream_reader(cast("BinaryIO", counted), read_size=CHUNK) as packed:
            try:
                _seal(packed, hashed, recipients)
            except Exception:
                if counted.failure:
                    raise counted.failure from None
                raise
    return StoredObject(called, hashed.sum.bytes, hashed.sum.sha256, counted.bytes)


def store_plain(place: ObjectStore, name: str, data: bytes) -> StoredObject:
    """Store a small object as it is, to be read without any program. Raises BrokenError."""
    place.put(name, data)
    return StoredObject(name, len(data), hashlib.sha256(data).hexdigest(), len(data))


def _seal(packed: Any, sink: HashedSink, recipients: Sequence[str]) -> None:
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
