"""A time limit on this end of a connection: it holds whatever the server, a proxy or the network does, or does not do."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import psycopg


@contextmanager
def deadline(connection: "psycopg.Connection[Any]", seconds: float) -> Iterator[None]:
    """
    Cut the connection when the block takes longer than `seconds`; what waits in it then ends with BrokenError.

    A statement_timeout is kept by the server, and keepalives are answered by whatever is next on the way: neither helps against a
    proxy that takes everything and says nothing.
    """
    line, cut = _line(connection), Event()
    timer = Timer(seconds, _cut, [line, cut])
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if cut.is_set():
            raise BrokenError(f"no answer within {seconds:g} s", "see whether the server is busy or stuck", retry=True) from error
        raise
    finally:
        timer.cancel()
        line.close()


def _line(connection: "psycopg.Connection[Any]") -> socket.socket:
    """A second handle of the connection's socket: its number cannot be given to another while we hold it."""
    return socket.socket(fileno=os.dup(connection.pgconn.socket))


def _cut(line: socket.socket, cut: Event) -> None:
    cut.set()
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
