"""The rows of backups and restores, and the claim that lets one process at a time change a target's backups."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from upkeep.backups.registry import Record, Restoration, State
from upkeep.errors import BrokenError
from upkeep.sources.postgres import translated
from upkeep.store.answers import Provenance, sql
from upkeep.store.plain import clean, to_json
from upkeep.window import Window

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg

WAIT_S = 60.0


class StoredRegistry:
    """
    Rows of backups and restores in the report database, written in the name of one task.

    `wait_s` is how long a claim waits for another process, in seconds. Every method raises BrokenError with retry when the report
    database is away.
    """

    def __init__(
        self, connection: "psycopg.Connection[Any]", window: Window, provenance: Provenance, *, wait_s: float = WAIT_S
    ) -> None:
        self._connection, self._window, self._provenance, self._wait_s = connection, window, provenance, wait_s

    @property
    def window(self) -> Window:
        """The window of the run under way."""
        return self._window

    @property
    def asked_at(self) -> "datetime":
        """When the run's question was put."""
        return self._provenance.asked_at

    @contextmanager
    def claimed(self, target: str) -> Iterator[None]:
        """
        Be the only one to change this target's backups while inside.

        The claim belongs to the connection: it ends with the process, and with the connection. Raises BrokenError with retry when
        another process has it for longer than `wait_s`.
        """
        self._claim(target)
        try:
            yield
        finally:
            self._release(target)

    def assert_claimed(self, target: str) -> None:
        """Raise BrokenError with retry when the claim was lost, as when the report database was away in between."""
        if self._connection.closed or not self._value("backups_claimed", {"target": target}):
            reason = f"the claim on the backups of {target} was lost: the report database was away in between"
            raise BrokenError(reason, "clear the task when the report database is back", retry=True)

    def records(self, target: str) -> list[Record]:
        """Every backup of the target, newest first, the deleted ones too."""
        return [_record(row) for row in self._rows("backups_of", {"target": target})]

    def put(self, record: Record) -> None:
        """Insert or replace by id. The task that first put it stays named as the one that took it."""
        words = {name: getattr(record, name) for name in Record.__slots__ if name != "window"}
        window = {"window_start": record.window.start, "window_end": record.window.end}
        plain = {"seconds": to_json(record.seconds), "table_rows": to_json(record.table_rows), "state": record.state.value}
        self._put("put_backup", {**words, **window, **plain})

    def restorations(self, target: str) -> list[Restoration]:
        """Every restore of the target's backups, newest first."""
        rows = self._rows("restores_of", {"target": target})
        return [Restoration(**{**row, "differences": tuple(row["differences"])}) for row in rows]

    def put_restoration(self, restoration: Restoration) -> None:
        """Insert or replace by id. The task that first put it stays named as the one that made it."""
        lists = {"differences": [clean(line) for line in restoration.differences], "seconds": to_json(restoration.seconds)}
        self._put("put_restore", {**asdict(restoration), **lists})

    def _claim(self, target: str) -> None:
        deadline = time.monotonic() + self._wait_s
        while not self._value("claim_backups", {"target": target}):
            if time.monotonic() >= deadline:
                reason = f"another process has been changing the backups of {target} for {self._wait_s:g} s"
                raise BrokenError(reason, "wait until its backup, restore or retention has ended", retry=True)
            time.sleep(0.2)

    def _release(self, target: str) -> None:
        # With the connection the claim is gone too, and what went wrong inside is what is to be told.
        import psycopg

        if not self._connection.closed:
            with suppress(psycopg.OperationalError, psycopg.InterfaceError):
                self._connection.execute(sql("release_backups"), {"target": target})

    def _put(self, statement: str, words: Mapping[str, Any]) -> None:
        p = self._provenance
        task = {"dag_id": p.dag_id, "run_id": p.run_id, "task_id": p.task_id, "map_index": p.map_index}
        tidy = {name: clean(word) if isinstance(word, str) else word for name, word in words.items()}
        with translated():
            self._connection.execute(sql(statement), {**tidy, **task})

    def _rows(self, statement: str, words: Mapping[str, Any]) -> list[dict[str, Any]]:
        from psycopg.rows import dict_row

        with translated(), self._connection.cursor(row_factory=dict_row) as cursor:
            return list(cursor.execute(sql(statement), words))

    def _value(self, statement: str, words: Mapping[str, Any]) -> Any:
        with translated():
            row = self._connection.execute(sql(statement), words).fetchone()
        return row[0] if row else None


def _record(row: dict[str, Any]) -> Record:
    window = Window(row.pop("window_start"), row.pop("window_end"))
    return Record(**{**row, "state": State(row["state"]), "window": window})
