"""The sign of life of a process that holds claims: a thread with a connection of its own, which goes on during long work."""

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import sql

if TYPE_CHECKING:
    import psycopg


class Heartbeat:
    """While inside, the claims of this token are renewed every few seconds; with the process it stops."""

    def __init__(self, store: Endpoint, token: str, every_s: float) -> None:
        self._store, self._token, self._every_s = store, token, every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="upkeep heartbeat", daemon=True)
        self._connection: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(timeout=self._every_s)

    def _beat(self) -> None:
        import psycopg

        while not self._over.wait(self._every_s):
            try:
                self._renew()
            except (psycopg.Error, UpkeepError):
                self._close()  # the next beat tries again; whether the claims still hold is asked where it matters
        self._close()

    def _renew(self) -> None:
        if self._connection is None:
            self._connection = self._store.connect("upkeep heartbeat")
        self._connection.execute(sql("renew_claims"), {"token": self._token, "names": None})

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
