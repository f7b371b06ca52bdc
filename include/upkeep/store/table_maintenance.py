"""Rows about what was done to the tables of a target, as one task sees and writes them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from upkeep.maintenance.work import Action, Outcome, Work
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import Provenance, sql
from upkeep.store.claims import Claims, Times
from upkeep.store.key import Key
from upkeep.store.plain import clean, to_json

if TYPE_CHECKING:
    import psycopg


class StoredJournal:
    """
    Rows of `upkeep.table_maintenance`, written in the name of one task.

    Each is put twice, when work on its table begins and when it has ended: killed in between, it stays `running` until the next
    run says that it was interrupted. Every method raises BrokenError with retry when the report database is away.
    """

    def __init__(
        self, connection: "psycopg.Connection[Any]", key: Key, provenance: Provenance, *, times: Times | None = None
    ) -> None:
        self._connection, self._key, self._provenance = connection, key, provenance
        self._claims = Claims(connection, provenance, times or Times())

    def claimed(self) -> AbstractContextManager[None]:
        """Be the only one that works on the target's tables while inside. It ends with the process. Raises ClaimedError."""
        return self._claims.held((f"tables of {self._key.target}",))

    def put(self, work: Work) -> None:
        """Insert or replace by id: done twice, it is there once."""
        p, key = self._provenance, self._key
        params: dict[str, Any] = {
            **asdict(work), "action": work.action.value, "outcome": work.outcome.value, "reasons": list(map(clean, work.reasons)),
            "before": to_json(work.before), "after": to_json(work.after), "duty": key.duty, "target": key.target,
            "window_start": key.window_start, "window_end": key.window_end,
            "dag_id": p.dag_id, "run_id": p.run_id, "task_id": p.task_id, "map_index": p.map_index,
        }  # fmt: skip
        texts = {name: clean(params[name]) for name in ("table_name", "message")}
        held = {"held_back_by": clean(work.held_back_by)} if work.held_back_by else {}
        with translate_errors():
            self._connection.execute(sql("put_table_maintenance"), {**params, **texts, **held})

    def past(self) -> Sequence[Work]:
        """Everything that was done to tables of the target, newest first."""
        from psycopg.rows import dict_row

        with translate_errors(), self._connection.cursor(row_factory=dict_row) as cursor:
            return [_work(row) for row in cursor.execute(sql("table_maintenance_of"), {"target": self._key.target})]


def _work(row: Mapping[str, Any]) -> Work:
    plain = {"action": Action(row["action"]), "outcome": Outcome(row["outcome"]), "reasons": tuple(row["reasons"])}
    return Work(**{**row, **plain})
