"""An object of a backup as the bytes it was made of: hashed as it is read, decrypted, decompressed, and judged at its end."""

from collections.abc import Callable, Sequence
from typing import Any

from upkeep.backups.manifest import DamagedError, StoredObject
from upkeep.errors import BrokenError
from upkeep.sources.hashed import HashedSource
from upkeep.sources.objects import CHUNK, ObjectStore

Write = Callable[[bytes], Any]
# Compressed bytes opened at once: what comes out of them may be a hundred times as long.
_PIECE = 1 << 16


def raw_name(stored: str) -> str:
    """What an object was called before it was packed."""
    return stored.removesuffix(".age").removesuffix(".zst")


def identities(texts: Sequence[str]) -> list[Any]:
    """Private keys of age from the texts of key files; comments are allowed. Raises BrokenError, without showing a key."""
    import pyrage

    lines = [line.strip() for text in texts for line in text.splitlines()]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise BrokenError(
            "an identity is no age private key (AGE-SECRET-KEY-1…)", "age-keygen makes them", retry=False
        ) from error


def unpack(place: ObjectStore, stored: StoredObject, write: Write, keys: Sequence[Any]) -> None:
    """
    Give the object's original bytes to `write`, piece by piece.

    Raises DamagedError when it is not what the manifest says. What was written until then must not be used.
    """
    with place.reader(stored.name) as file:
        source = HashedSource(file)
        opened = _Opened(write)
        try:
            _open(source, opened, stored, keys)
            while source.read(CHUNK):
                pass
        except (BrokenError, DamagedError):
            raise
        except Exception as error:
            _judge(place, stored, source, opened)
            raise DamagedError(f"{place.url}/{stored.name} cannot be unpacked: {error}") from error
    _judge(place, stored, source, opened)


class _Opened:
    """Decompresses what is written to it and counts what comes out. A destination that went away is not damage."""

    def __init__(self, write: Write) -> None:
        import zstandard

        self._write, self.bytes = write, 0
        self.frame = zstandard.ZstdDecompressor().decompressobj()
        self.lost: OSError | None = None

    def write(self, data: bytes) -> int:
        for start in range(0, len(data), _PIECE):
            raw = self.frame.decompress(data[start : start + _PIECE]) if not self.frame.eof else b""
            self.bytes += len(raw)
            try:
                if raw:
                    self._write(raw)
            except OSError as error:
                self.lost = error
                raise
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""


def _open(source: HashedSource, opened: _Opened, stored: StoredObject, keys: Sequence[Any]) -> None:
    if not stored.name.endswith(".age"):
        while data := source.read(CHUNK):
            opened.write(data)
        return
    import pyrage

    if not keys:
        raise BrokenError("the backup is encrypted", "give the private key: --identity FILE", retry=False)
    try:
        pyrage.decrypt_io(source, opened, list(keys))
    except pyrage.DecryptError as error:
        if "key" in str(error).lower():
            raise BrokenError(
                f"none of the keys opens the backup: {error}", "give the key it was encrypted to", retry=False
            ) from error
        raise


def _judge(place: ObjectStore, stored: StoredObject, source: HashedSource, opened: _Opened) -> None:
    if opened.lost:
        raise opened.lost
    wrong = ""
    if source.bytes != stored.bytes:
        wrong = f"has {source.bytes} bytes, not {stored.bytes}"
    elif source.sum.sha256 != stored.sha256:
        wrong = "has other content (SHA-256 differs)"
    elif not opened.frame.eof or opened.bytes != stored.raw_bytes:
        wrong = f"unpacks to {opened.bytes} bytes, not {stored.raw_bytes}"
    if wrong:
        raise DamagedError(f"{place.url}/{stored.name} {wrong}")
