"""A time limit on this end of a connection: it holds whatever the server, a proxy or the network does, or does not do."""

import os
import socket
from collections.abc import Callable, Iterator
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
    late = Event()

    def is_late() -> None:
        late.set()
        cut()

    with shutter(connection) as cut:
        timer = Timer(seconds, is_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if late.is_set():
                message = f"no answer within {seconds:g} s"
                raise BrokenError(message, "see whether the server is busy or stuck", retry=True) from error
            raise
        finally:
            timer.cancel()


@contextmanager
def shutter(connection: "psycopg.Connection[Any]") -> Iterator[Callable[[], None]]:
    """A way to cut the connection from another thread, at any moment of the block: what waits in it then fails."""
    # A second handle of the socket: its number cannot be given to another while we hold it.
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as line:

        def cut() -> None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        yield cut
