"""Deployments as rows: the only writer of `upkeep.deployment`. Every function raises BrokenError when it is away."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from upkeep.delivery.deployed import Change, Deployed, Outcome
from upkeep.delivery.kept import Unexplained
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.store.plain import clean
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg


class StoredDeployments:
    """The rows of one service. What is written is one transaction: killed anywhere, all of it or nothing."""

    def __init__(self, connection: "psycopg.Connection[Any]", service: str) -> None:
        self._connection, self._service = connection, service

    def keep(self, found: Sequence[Deployed]) -> int:
        """Insert or replace by key; how many are new or changed. An end is never taken back, nor what people marked."""
        with translate_errors(), self._connection.transaction():
            return sum(self._connection.execute(sql("put_deployment"), self._row(each)).rowcount for each in found)

    def newest(self, most: int) -> list[Deployed]:
        """The deployments that began last, the newest first."""
        from psycopg.rows import dict_row

        with translate_errors(), self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(sql("deployments_of"), {"service": self._service, "most": most}).fetchall()
        return [Deployed(**{**row, "status": Outcome(row["status"])}) for row in rows]

    def unexplained(self, window: Window, source: str) -> list[Unexplained]:
        """Those of a source that went live in the window after another one, and have no changes yet."""
        from psycopg.rows import class_row

        about = {"service": self._service, "source": source, "start": window.start, "end": window.end}
        with translate_errors(), self._connection.cursor(row_factory=class_row(Unexplained)) as cursor:
            return list(cursor.execute(sql("unexplained_deployments"), about))

    def explain(self, deployment: Unexplained, changes: Sequence[Change]) -> None:
        """Keep its changes; again, they replace."""
        key = (self._service, deployment.environment, deployment.deployment)
        with translate_errors(), self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(sql("forget_deployment_changes"), key)
            cursor.executemany(sql("put_deployment_change"), [(*key, each.commit_id, each.committed_at) for each in changes])

    def _row(self, deployed: Deployed) -> dict[str, Any]:
        plain = {name: clean(value) if isinstance(value, str) else value for name, value in asdict(deployed).items()}
        return {**plain, "service": self._service, "status": deployed.status.value}
