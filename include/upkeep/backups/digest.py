"""
The digest of a table's rows: a sum of hashes, so that their order does not matter.

It is a multiset hash (Clarke, Devadas, van Dijk, Gassend and Suh 2003, "Incremental Multiset Hash Functions and Their
Application to Memory Integrity Checking", MSet-Add-Hash), here against accidents, not against forgers. A row is one line of
COPY's text format, which escapes every line break of its own. Each line, its end included, is hashed with XXH3 (128 bits); the
two 64-bit words of the hashes are summed, each modulo 2^64. Equal sets of lines give equal digests on every machine and version.
"""

from collections.abc import Iterable
from functools import reduce
from io import BytesIO
from struct import unpack
from typing import Self

_WORD = 1 << 64
_FEW_BYTES = 1 << 10  # below, numpy takes longer than it saves


class Digest:
    """Counts and sums the lines of a stream that comes in blocks, in bounded memory except for one line."""

    def __init__(self) -> None:
        self.rows = self.bytes = 0
        self._high = self._low = 0
        self._line: _Line | None = None

    def feed(self, block: bytes) -> None:
        """The next bytes of the stream, cut anywhere."""
        self.bytes += len(block)
        if self._line is not None:
            end = block.find(b"\n") + 1
            self._line.update(block[:end] if end else block)
            if not end:
                return
            self._add(self._line.digest())
            self._line, block = None, block[end:]
        end = block.rfind(b"\n") + 1
        if end < len(block):
            self._line = _Line()
            self._line.update(block[end:])
            block = block[:end]
        if block:
            self._add(_hashes(block))

    @property
    def value(self) -> str:
        """32 hexadecimal digits. Raises ValueError when the stream ended inside a line."""
        if self._line is not None:
            raise ValueError("the last line has no end")
        return f"{self._high:016x}{self._low:016x}"

    def _add(self, hashes: bytes) -> None:
        high, low = _summed(hashes) if len(hashes) < _FEW_BYTES else _summed_at_once(hashes)
        self.rows += len(hashes) // 16
        self._high = (self._high + high) % _WORD
        self._low = (self._low + low) % _WORD

    @classmethod
    def of(cls, blocks: Iterable[bytes]) -> Self:
        """The digest of a whole stream."""
        made = cls()
        for block in blocks:
            made.feed(block)
        return made


class _Line:
    """One line that spans blocks."""

    def __init__(self) -> None:
        import xxhash

        self._hash = xxhash.xxh3_128()

    def update(self, piece: bytes) -> None:
        self._hash.update(piece)

    def digest(self) -> bytes:
        return self._hash.digest()


def combined(values: Iterable[str]) -> str:
    """The digest of all lines together, from the digests of their parts."""

    def add(one: tuple[int, int], value: str) -> tuple[int, int]:
        return (one[0] + int(value[:16], 16)) % _WORD, (one[1] + int(value[16:], 16)) % _WORD

    high, low = reduce(add, values, (0, 0))
    return f"{high:016x}{low:016x}"


def _summed(hashes: bytes) -> tuple[int, int]:
    values = unpack(f"<{len(hashes) // 8}Q", hashes)
    return sum(values[::2]), sum(values[1::2])


def _summed_at_once(hashes: bytes) -> tuple[int, int]:
    import numpy as np

    high, low = np.frombuffer(hashes, dtype="<u8").reshape(-1, 2).sum(axis=0, dtype="<u8")
    return int(high), int(low)


def _hashes(lines: bytes) -> bytes:
    """The hashes of whole lines, one after the other. Lines of a file come one by one, and so stay in the processor's cache."""
    from xxhash import xxh3_128_digest

    return b"".join(map(xxh3_128_digest, BytesIO(lines)))
