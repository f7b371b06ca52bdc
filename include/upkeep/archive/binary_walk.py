"""
Where the values of many rows stand in the bytes of a binary COPY, found for all rows at once.

A row is its number of fields (2 bytes) and, for each, its size (4 bytes, -1 for no value) and its bytes. Fields of a fixed width
that follow one another, in rows of which each has a value, are taken as one block: that is most of the speed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from upkeep.archive.copy_stream import Piece
from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_COUNT, _SIZE = 2, 4


@dataclass(frozen=True, slots=True)
class Field:
    """One field of all rows: which have a value, and the values: numbers (0 for none), or texts with their sizes."""

    present: "NDArray[np.bool_]"
    numbers: "NDArray[Any] | None" = None
    texts: "pa.Array | None" = None
    sizes: "NDArray[np.int64] | None" = None


class Walk:
    """Goes through all rows of a piece at once, field after field."""

    def __init__(self, piece: Piece) -> None:
        import numpy as np

        sizes = np.array(piece.sizes, dtype=np.int64)
        self._bytes, self._at = piece.lines, np.cumsum(sizes) - sizes + _COUNT

    def fields(self, codes: Sequence[str | None]) -> Iterator[Field]:
        """Every field, in their order. `codes` are numpy's names of what has a fixed width, None for what has not."""
        for is_fixed, group in groupby(codes, key=lambda code: code is not None):
            some = list(group)
            if is_fixed:
                yield from self._block([str(code) for code in some])
            else:
                yield from (self._text() for _ in some)

    def _gather(self, code: str, at: "NDArray[np.int64]") -> "NDArray[Any]":
        """What stands at each place, whatever the alignment."""
        import numpy as np

        width = np.dtype(code).itemsize
        room = len(self._bytes) - width + 1
        if room <= 0 or (len(at) and int(at.max()) >= room):
            raise BrokenError("the copy has rows that end within a field", retry=False)
        # As bytes, which numpy copies as they are.
        return np.ndarray((room,), f"V{width}", self._bytes, strides=(1,))[at].view(code)

    def _block(self, codes: Sequence[str]) -> Iterator[Field]:
        import numpy as np

        kind = np.dtype([part for n, code in enumerate(codes) for part in ((f"s{n}", ">i4"), (f"v{n}", code))])
        last = int(self._at.max()) if len(self._at) else 0
        if last + kind.itemsize <= len(self._bytes):
            rows = self._gather(f"V{kind.itemsize}", self._at).view(kind)
            if all((rows[f"s{n}"] == np.dtype(code).itemsize).all() for n, code in enumerate(codes)):
                self._at = self._at + kind.itemsize
                every = np.ones(len(rows), dtype=bool)
                yield from (Field(every, np.ascontiguousarray(rows[f"v{n}"])) for n in range(len(codes)))
                return
        yield from (self._number(code) for code in codes)

    def _next(self) -> "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]":
        """Where each row's next field begins, how long it is, and whether it has a value."""
        size = self._gather(">i4", self._at).astype("=i8")
        begins, there = self._at + _SIZE, size >= 0
        size[~there] = 0
        self._at = begins + size
        return begins, size, there

    def _number(self, code: str) -> Field:
        import numpy as np

        begins, size, there = self._next()
        width = np.dtype(code).itemsize
        if (size != np.where(there, width, 0)).any():
            raise BrokenError(f"the copy has values that are not of {width} bytes as its columns are", retry=False)
        found = np.zeros(len(begins), code)
        found[there] = self._gather(code, begins[there])
        return Field(there, found)

    def _text(self) -> Field:
        import numpy as np
        import pyarrow as pa

        begins, size, there = self._next()
        bounds = np.empty(2 * len(begins) + 1, dtype=np.int64)
        bounds[: 2 * len(begins) : 2], bounds[1::2], bounds[-1] = begins, begins + size, len(self._bytes)
        # Each value, and what lies between it and the next.
        parts = pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), 2 * len(begins), [None, pa.py_buffer(bounds), pa.py_buffer(self._bytes)]
        )
        wanted = pa.array(np.arange(0, 2 * len(begins), 2), mask=None if there.all() else ~there)
        return Field(there, texts=parts.take(wanted), sizes=size)
