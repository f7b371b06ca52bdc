"""
What COPY sends, in pieces that become a row group each.

It is taken from libpq itself: the driver's own loop costs more a row than the server does. Each line begins with the place and
the version of its row (ctid and xmin), unquoted; what follows them is the row's content.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from upkeep.archive.session import Session
from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import pyarrow as pa
    from psycopg.pq.abc import PGconn, PGresult
    from psycopg.sql import Composed

GROUP_BYTES, GROUP_ROWS = 1 << 22, 1 << 16
_BARS = 2


@dataclass(slots=True)
class Piece:
    """Whole lines, one after the other, and how many bytes each has."""

    lines: bytearray = field(default_factory=bytearray)
    sizes: list[int] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """About 4 MB of text, or 65,536 rows."""
        return len(self.lines) >= GROUP_BYTES or len(self.sizes) >= GROUP_ROWS

    def content(self, places: "pa.Array", writers: "pa.Array") -> memoryview:
        """The lines without the two columns at their head, which were parsed as these."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        rows, ends = len(self.sizes), np.cumsum(np.array(self.sizes, dtype=np.int64))
        heads = pc.binary_length(places).to_numpy(zero_copy_only=False) + pc.binary_length(writers).to_numpy(zero_copy_only=False)
        bounds = np.empty(2 * rows + 1, dtype=np.int64)
        bounds[: 2 * rows : 2] = ends - self.sizes
        bounds[1::2] = bounds[: 2 * rows : 2] + heads + _BARS
        bounds[2 * rows] = ends[-1]
        parts = pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), 2 * rows, [None, pa.py_buffer(bounds), pa.py_buffer(self.lines)]
        )
        return text_of(parts.take(pa.array(np.arange(1, 2 * rows, 2))))


def text_of(array: "pa.Array") -> memoryview:
    """All values of an array of texts or bytes, one after the other, without copying."""
    import pyarrow as pa

    _, offsets, data = array.buffers()
    if data is None or not len(array):
        return memoryview(b"")
    raw = memoryview(offsets).cast("b")
    wide = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    places = raw.cast("q") if wide else raw.cast("i")
    return memoryview(data)[places[array.offset] : places[array.offset + len(array)]]


def pieces(session: Session, statement: "Composed") -> Iterator[Piece]:
    """The rows of a COPY TO STDOUT. Left early, the server is told to stop. Raises psycopg's errors and BrokenError."""
    from psycopg import errors, pq

    line = session.connection.pgconn
    begun = line.exec_(statement.as_bytes(session.connection))
    if begun.status != pq.ExecStatus.COPY_OUT:
        raise errors.error_from_result(begun)
    whole = False
    try:
        yield from _sent(line)
        whole = True
    finally:
        ended = _ended(line, whole=whole)
    if ended is None or ended.status != pq.ExecStatus.COMMAND_OK:
        raise errors.error_from_result(ended) if ended else BrokenError("the copy ended without a result", retry=True)


def _sent(line: "PGconn") -> Iterator[Piece]:
    piece = Piece()
    while True:
        size, data = line.get_copy_data(0)
        if size <= 0:
            break
        piece.lines += data
        piece.sizes.append(size)
        if piece.full:
            yield piece
            piece = Piece()
    if piece.sizes:
        yield piece


def _ended(line: "PGconn", *, whole: bool) -> "PGresult | None":
    """The server's last word; what it still had to send is passed over."""
    if not whole:
        line.get_cancel().cancel()
        while line.get_copy_data(0)[0] > 0:
            pass
    ended = line.get_result()
    while line.get_result():
        pass
    return ended
