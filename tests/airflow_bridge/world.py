"""What a task needs to run without a scheduler: a report database, a target, an inventory, and a context."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.lab import Lab
from upkeep.config.inventory import current
from upkeep.sources.postgres import Endpoint

NOW = datetime.now(UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
INVENTORY = """
people:
  - {name: on-call, role: Operations, slack: U0000001}
databases:
  - name: shop
    owner: on-call
    connection: shop_db
    thresholds: {sequences: {high_share: 0.5, critical_share: 0.99}}
"""


NOTIFY = """
notify:
  slack_connection: a_slack
  channel: C0000001
"""


@dataclass
class World:
    """A target and a report database in one lab, an inventory file, and the context of one task instance."""

    lab: Lab
    folder: Path
    tasks: Any
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)

    def run(self, run_type: str = "scheduled", *, days_ago: int = 0, **params: Any) -> None:
        """Take the role of a task of a run about the window that ended `days_ago` days ago."""
        self.run_at(MIDNIGHT - timedelta(days=days_ago), run_type, **params)

    def run_at(self, end: datetime, run_type: str = "scheduled", **params: Any) -> None:
        """Take the role of a task of a daily run about the day that ended at this moment."""
        run = SimpleNamespace(
            dag_id="daily",
            run_id=f"{run_type}__1",
            run_type=run_type,
            run_after=end,
            data_interval_start=end - timedelta(days=1),
            data_interval_end=end,
            partition_key=None,
        )
        made = SimpleNamespace(retries=3)
        ti = SimpleNamespace(task_id="database.sequences", map_index=0, try_number=1, max_tries=3, log_url="", task=made)
        self.context.update(dag_run=run, ti=ti, params=params)

    def begin(self) -> set[tuple[str, int]]:
        """Begin the run; task id and map index of what it then skips."""
        from airflow.sdk.exceptions import DownstreamTasksSkipped

        try:
            self.tasks.begin()
        except DownstreamTasksSkipped as skipped:
            return set(skipped.tasks)
        return set()

    def inventory(self, more: str = "") -> None:
        """Write the inventory anew, with more behind it."""
        (self.folder / "inventory.yaml").write_text(INVENTORY + more)
        current.cache_clear()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the report database."""
        with self.lab.endpoint.connect("look") as connection:
            return connection.execute(sql.encode()).fetchall()
