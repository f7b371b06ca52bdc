"""
Noticing that a server has vanished while much is sent to it.

Keepalives are silent while something is on the way, and what is sent may rightly wait for long. So a second session asks for a
sign of life, and when none comes, what waits for the server is ended from this side.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Self

from upkeep.errors import BrokenError
from upkeep.sources.deadline import deadline, shutter
from upkeep.sources.postgres import Endpoint

if TYPE_CHECKING:
    import psycopg

ASK_EVERY_S, ANSWER_WITHIN_S = 10.0, 60.0


class SignsOfLife:
    """
    Asks a server while the block runs. A server that has no session to spare for this is not asked.

    `ending` guards what streams into it: raises BrokenError in there when the server has not answered in time.
    """

    def __init__(self, endpoint: Endpoint, application: str) -> None:
        self._endpoint, self._application = endpoint, application
        self._begun, self._over, self._vanished, self._lock = Event(), Event(), Event(), Lock()
        self._ends: list[Callable[[], None]] = []
        self._thread = Thread(target=self._watch, name="signs of life", daemon=True)

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """Call `end`, which must make the block fail, when the server has vanished."""
        with self._lock:
            self._ends.append(end)
        try:
            yield
        except Exception as error:
            self._assert_there(error)
            raise
        finally:
            with self._lock:
                self._ends.remove(end)
        self._assert_there(None)

    def _assert_there(self, cause: Exception | None) -> None:
        if self._vanished.is_set():
            raise BrokenError(
                f"{self._endpoint.place} has not answered for {ANSWER_WITHIN_S:g} s while rows were sent to it",
                "see whether the server and the network between are up",
                retry=True,
            ) from cause

    @contextmanager
    def ending_session(self, connection: "psycopg.Connection[Any]") -> Iterator[None]:
        """The same for a session of the driver."""
        with shutter(connection) as cut, self.ending(cut):
            yield

    def _watch(self) -> None:
        try:
            with suppress(BrokenError), self._endpoint.connect(self._application) as connection:
                self._begun.set()
                self._ask(connection)
        finally:
            self._begun.set()

    def _ask(self, connection: "psycopg.Connection[Any]") -> None:
        while not self._over.wait(ASK_EVERY_S):
            try:
                with deadline(connection, ANSWER_WITHIN_S):
                    connection.execute("select 1")
            except Exception:  # noqa: BLE001 - whatever it is, it gave no sign of life
                self._end_all()
                return

    def _end_all(self) -> None:
        with self._lock:
            self._vanished.set()
            for end in self._ends:
                end()

    def __enter__(self) -> Self:
        """Asked from here on: one that vanishes a moment later is not taken for one without a session to spare."""
        self._thread.start()
        self._begun.wait(ANSWER_WITHIN_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(ASK_EVERY_S)
