"""Giving way: a second session looks whether anybody waits for the one that works, and then ends its statement."""

import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from upkeep.sources.postgres import Postgres

if TYPE_CHECKING:
    import psycopg

EVERY_S = 0.2
CANCEL_S = 5.0
_QUESTION = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Seen:
    waits: bool


class GivingWay:
    """
    While inside, the worker's statement is cancelled as soon as somebody was seen to wait for it twice in a row.

    That is less than half a second, so that nobody waits long behind us. `given` is whether it was cancelled for that, and
    `error` what kept us from looking: then it was cancelled too, since nobody would see who waits.
    """

    def __init__(self, pg: Postgres, worker: "psycopg.Connection[Any]", pid: int) -> None:
        self._pg, self._worker, self._pid = pg, worker, pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.given = False
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        seen = 0
        while not self._stop.wait(EVERY_S):
            try:
                (found,) = self._pg.query(_QUESTION, _Seen, {"pid": self._pid})
            except Exception as error:  # noqa: BLE001 - whatever it is, who waits is not seen any more
                self.error = error
                self._cancel()
                return
            seen = seen + 1 if found.waits else 0
            if seen > 1:
                self.given = True
                self._cancel()
                return

    def _cancel(self) -> None:
        import psycopg

        try:
            self._worker.cancel_safe(timeout=CANCEL_S)
        except psycopg.Error as error:
            self.error = self.error or error
