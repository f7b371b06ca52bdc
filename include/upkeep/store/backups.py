"""The rows of backups and restores, as one task sees and writes them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from upkeep.backups.registry import HeldError, Record, Restoration, State
from upkeep.errors import BrokenError
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import Provenance, sql
from upkeep.store.claims import Claims, Times
from upkeep.store.plain import clean, to_json
from upkeep.window import Window

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg


class StoredRegistry:
    """
    Rows of backups and restores in the report database, written in the name of one task.

    `times` are those of claims. Every method raises BrokenError with retry when the report database is away.
    """

    def __init__(
        self, connection: "psycopg.Connection[Any]", window: Window, provenance: Provenance, *, times: Times | None = None
    ) -> None:
        self._connection, self._window, self._provenance = connection, window, provenance
        self._claims = Claims(connection, provenance, times or Times())

    @property
    def window(self) -> Window:
        """The window of the run under way."""
        return self._window

    @property
    def asked_at(self) -> "datetime":
        """When the run's question was put."""
        return self._provenance.asked_at

    @cached_property
    def installation(self) -> str:
        """The id of this installation. Raises BrokenError when the report database has lost it."""
        rows = self._rows("installation", {})
        if not rows:
            remedy = "as its owner: insert into upkeep.installation default values"
            raise BrokenError("the report database does not say which installation this is", remedy, retry=False)
        return str(rows[0]["id"])

    def claimed(self, *names: str, say: Callable[[str], None] | None = None, wait: bool = True) -> AbstractContextManager[None]:
        """
        Be the only one at these things while inside: all of them, or none and wait. `say` is told who has them meanwhile.

        It ends with the process. Raises ClaimedError when another process has one for longer than is waited.
        """
        return self._claims.held(names, say, wait=wait)

    def assert_claimed(self, *names: str) -> None:
        """Raise BrokenError with retry when one was lost, as when the report database was away in between."""
        self._claims.assert_held(names)

    def records(self, target: str) -> list[Record]:
        """Every backup of the target, newest first, the deleted ones too."""
        return [_record(row) for row in self._rows("backups_of", {"target": target})]

    def put(self, record: Record) -> None:
        """Insert or replace by id. The task that first put it stays named as the one that took it."""
        params = {name: getattr(record, name) for name in Record.__slots__ if name != "window"}
        window = {"window_start": record.window.start, "window_end": record.window.end}
        plain = {"seconds": to_json(record.seconds), "table_rows": to_json(record.table_rows), "state": record.state.value}
        if not self._put("put_backup", {**params, **window, **plain}):
            raise HeldError(record.id)

    def hold(self, backup_id: str, why: str | None, said_by: str) -> bool:
        """Keep a backup from being deleted, for this reason, and keep who said so. False when it is not there any more."""
        return self._hold(backup_id, f"{why} ({said_by}, {self.asked_at:%Y-%m-%d %H:%M} UTC)", why, said_by)

    def release(self, backup_id: str, why: str | None, said_by: str) -> bool:
        """Let a backup go that was held, and keep who said so. False when it is not there any more."""
        return self._hold(backup_id, None, why, said_by)

    def _hold(self, backup_id: str, held: str | None, why: str | None, said_by: str) -> bool:
        return self._put("hold_backup", {"id": backup_id, "held": held, "why": why, "said_by": said_by})

    def restorations(self, target: str) -> list[Restoration]:
        """Every restore of the target's backups, newest first."""
        rows = self._rows("restores_of", {"target": target})
        lists = ("differences", "uncertain")
        return [Restoration(**{**row, **{name: tuple(row[name]) for name in lists}}) for row in rows]

    def put_restoration(self, restoration: Restoration) -> None:
        """Insert or replace by id. The task that first put it stays named as the one that made it."""
        lists = {name: [clean(line) for line in getattr(restoration, name)] for name in ("differences", "uncertain")}
        objects = {name: to_json(getattr(restoration, name)) for name in ("seconds", "detail")}
        self._put("put_restore", {**asdict(restoration), **lists, **objects})

    def _put(self, statement: str, params: Mapping[str, Any]) -> bool:
        """Whether a row was written."""
        p = self._provenance
        task = {"dag_id": p.dag_id, "run_id": p.run_id, "task_id": p.task_id, "map_index": p.map_index}
        tidy = {name: clean(word) if isinstance(word, str) else word for name, word in params.items()}
        with translate_errors():
            return bool(self._connection.execute(sql(statement), {**tidy, **task}).rowcount)

    def _rows(self, statement: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        from psycopg.rows import dict_row

        with translate_errors(), self._connection.cursor(row_factory=dict_row) as cursor:
            return list(cursor.execute(sql(statement), params))


def _record(row: dict[str, Any]) -> Record:
    window = Window(row.pop("window_start"), row.pop("window_end"))
    return Record(**{**row, "state": State(row["state"]), "window": window})
