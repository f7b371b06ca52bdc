"""The Airflow run that a task belongs to, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from upkeep.airflow_bridge.run_window import Started, window_for
from upkeep.airflow_bridge.selection import Selection
from upkeep.config.inventory import current
from upkeep.discovery import discover
from upkeep.duty import Duty
from upkeep.store.answers import Provenance
from upkeep.targets.target import Target
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what it is about, what was selected, when it was due, and which of its task instances we are."""

    cadence: Cadence
    window: Window
    selection: Selection
    dag_id: str
    run_id: str
    run_type: str
    run_after: datetime
    provenance: Provenance
    asked_by: str | None = None

    @property
    def replay(self) -> bool:
        """Whether a person asked for the past: one summary, no alerts, nothing live."""
        return self.run_type == "backfill"

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Run":
        """From a task's context."""
        run, cadence = context["dag_run"], Cadence(context["dag_run"].dag_id)
        started = Started(run.run_after, run.data_interval_start, run.data_interval_end, run.partition_key)
        return cls(
            cadence=cadence,
            window=window_for(started, context["params"], cadence, current().zone),
            selection=Selection.of(context["params"]),
            dag_id=run.dag_id,
            run_id=run.run_id,
            run_type=getattr(run.run_type, "value", str(run.run_type)),
            run_after=run.run_after,
            provenance=provenance_of(context),
            asked_by=getattr(run, "triggering_user_name", None),
        )

    def expected(self) -> list[tuple[Duty, Target]]:
        """Every question that this run is to put."""
        pairs = [(duty, target) for duty in discover() if duty.cadence is self.cadence for target in current().of(duty.target)]
        return [(duty, target) for duty, target in pairs if self.selection.includes(duty, target.name)]


def provenance_of(context: Mapping[str, Any]) -> Provenance:
    """The task instance of a context, asking now."""
    ti, run = context["ti"], context["dag_run"]
    return Provenance(run.dag_id, run.run_id, ti.task_id, ti.map_index, ti.try_number, asked_at=datetime.now(UTC), seconds=0)
