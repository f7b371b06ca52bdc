"""The rows of rotations, as one task sees and writes them."""

from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError
from upkeep.rotation.rotation import Rotation, State
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import Provenance, sql
from upkeep.store.claims import Claims, Times
from upkeep.store.plain import clean

if TYPE_CHECKING:
    import psycopg


class StoredRotations:
    """
    Rows of `upkeep.rotation`, written in the name of one task.

    Each is put again at every step, by its id: killed in between, it stays where it was and the next run goes on with it. Every
    method raises BrokenError with retry when the report database is away.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", provenance: Provenance, *, times: Times | None = None) -> None:
        self._connection, self._provenance = connection, provenance
        self._claims = Claims(connection, provenance, times or Times())

    @property
    def asked_at(self) -> datetime:
        """When the run's question was put."""
        return self._provenance.asked_at

    def now(self) -> datetime:
        """The time by the report database's clock."""
        with translate_errors():
            row = self._connection.execute("select pg_catalog.clock_timestamp()").fetchone()
        if row is None:
            raise BrokenError("the report database does not say what time it is", retry=True)
        at: datetime = row[0]
        return at

    def claimed(self, secret: str) -> AbstractContextManager[None]:
        """Be the only one that rotates this secret while inside. It ends with the process. Raises ClaimedError."""
        return self._claims.held((f"secret {secret}",))

    def newest(self, secret: str) -> Rotation | None:
        """The rotation that began last."""
        return next(iter(self.past(secret, most=1)), None)

    def past(self, secret: str, most: int = 100) -> list[Rotation]:
        """Rotations of the secret, newest first."""
        from psycopg.rows import dict_row

        with translate_errors(), self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(sql("rotations_of"), {"secret": secret, "most": most}).fetchall()
        return [_rotation(row) for row in rows]

    def put(self, rotation: Rotation) -> None:
        """Insert or replace by id: done twice, it is there once."""
        from psycopg.types.json import Jsonb

        p = self._provenance
        params: dict[str, Any] = {
            **asdict(rotation), "state": rotation.state.value, "used_by": list(map(clean, rotation.used_by)),
            "picked_up_by": Jsonb({clean(who): at.isoformat() for who, at in rotation.picked_up_by.items()}),
            "stopped_why": clean(rotation.stopped_why) if rotation.stopped_why else None,
            "dag_id": p.dag_id, "run_id": p.run_id, "task_id": p.task_id, "map_index": p.map_index,
        }  # fmt: skip
        with translate_errors():
            self._connection.execute(sql("put_rotation"), params)


def _rotation(row: dict[str, Any]) -> Rotation:
    by = {who: datetime.fromisoformat(at) for who, at in row["picked_up_by"].items()}
    return Rotation(**{**row, "state": State(row["state"]), "used_by": tuple(row["used_by"]), "picked_up_by": by})
