"""
What a binary COPY sends, in pieces that become a row group each.

It is taken from libpq itself: the driver's own loop costs more a row than the server does.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from upkeep.archive.session import Session
from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import pyarrow as pa
    from psycopg.pq.abc import PGconn, PGresult
    from psycopg.sql import Composed

GROUP_BYTES, GROUP_ROWS = 1 << 22, 1 << 16
_SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
_FLAGS, _LENGTH = 4, 4
_END = 2  # the last message: -1 for a number of fields


@dataclass(slots=True)
class Piece:
    """Whole rows, one after the other, and how many bytes each has: about 4 MB, or 65,536 rows."""

    lines: bytearray = field(default_factory=bytearray)
    sizes: list[int] = field(default_factory=list)

    def begin(self, row: "bytes | bytearray | memoryview") -> None:
        """The first message: the head of the stream, and the first row where there is one."""
        data = bytes(row)
        data = data[_head(data) :]
        if len(data) > _END:
            self.lines += data
            self.sizes.append(len(data))


def _head(data: bytes) -> int:
    """How many bytes stand before the first row."""
    if not data.startswith(_SIGNATURE):
        raise BrokenError("the copy does not begin as a binary copy does", retry=False)
    more = len(_SIGNATURE) + _FLAGS
    return more + _LENGTH + int.from_bytes(data[more : more + _LENGTH], "big")


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


def pieces(session: Session, statement: "Composed") -> Generator[Piece, None, None]:
    """The rows of a COPY TO STDOUT. Closed early, the server is told to stop. Raises psycopg's errors and BrokenError."""
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
    piece, rows = Piece(), _rows(line)
    if first := next(rows, None):
        piece.begin(first)
    for row in rows:
        if len(row) <= _END:
            continue
        piece.lines += row
        piece.sizes.append(len(row))
        if len(piece.lines) >= GROUP_BYTES or len(piece.sizes) >= GROUP_ROWS:
            yield piece
            piece = Piece()
    if piece.sizes:
        yield piece


def _rows(line: "PGconn") -> Iterator[memoryview]:
    """
    One message after the other.

    While libpq waits itself it holds Python's lock, and every other thread with it: so it is waited here.
    """
    take, (size, row) = line.get_copy_data, line.get_copy_data(1)
    while size >= 0:
        if size:
            yield row
        else:
            _wait(line)
        size, row = take(1)


def _wait(line: "PGconn") -> None:
    import select

    waiting = select.poll()  # of any number of open files, which select() is not
    waiting.register(line.socket, select.POLLIN)
    waiting.poll()
    line.consume_input()


def _ended(line: "PGconn", *, whole: bool) -> "PGresult | None":
    """The server's last word; what it still had to send is passed over."""
    from psycopg import pq

    if not whole:
        line.get_cancel().cancel()
    ended = line.get_result()
    while ended and ended.status == pq.ExecStatus.COPY_OUT:
        while line.get_copy_data(0)[0] > 0:
            pass
        ended = line.get_result()
    while line.get_result():
        pass
    return ended
