"""Who was to answer and did not: a task that was killed or never ran leaves no answer of its run, and silence is not green."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer
from upkeep.duty import Duty
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import Provenance, save_unless_answered, save_unless_answered_in_run, sql
from upkeep.targets.target import Target
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

REMEDY = "see the task's log in Airflow; clear the task to ask again"
NEVER_ASKED = Answer.unknown("no answer: its task never got to ask: it failed before, was killed or never ran", REMEDY)
DIED = "no answer: its task began to ask, and was killed or ran out of time"

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Pending:
    duty: str
    target: str
    try_number: int
    asked_at: datetime

    def answer(self) -> Answer:
        began = {"try_number": self.try_number, "began": self.asked_at.isoformat()}
        return replace(Answer.unknown(DIED), evidence={"remedy": REMEDY, **began})


def store_missing_answers(
    connection: "psycopg.Connection[Any]",
    cadence: Cadence,
    window: Window,
    expected: Iterable[tuple[Duty, Target]],
    provenance: Provenance,
    *,
    past: bool = False,
) -> list[tuple[Duty, Target]]:
    """
    Store an unknown answer for each expected question without one of this run, and return those questions.

    An answer from before the run first began is none. One of the run's own tasks is, however often others are cleared. Where
    the window is `past`, a live duty keeps what it said in its time. A task that answers at the same time wins. `provenance` is
    that of the task which calls this. Each answer is stored on its own: killed anywhere, the next try stores the rest.
    """
    anything, counting = _answered(connection, cadence, window, provenance)
    pending = _pending(connection, window, provenance)
    missing = []
    for duty, target in expected:
        pair, kept = (duty.name, target.name), past and not duty.dated
        if pair in (anything if kept else counting):
            continue
        save = save_unless_answered if kept else save_unless_answered_in_run
        if save(connection, duty, target.name, window, pending.get(pair, NEVER_ASKED), provenance):
            missing.append((duty, target))
    return missing


def _answered(
    connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, run: Provenance
) -> tuple[set[Pair], set[Pair]]:
    """Pairs that have any answer, and those of them whose answer counts for this run."""
    params = {"cadence": cadence.value, **_parameters(window, run)}
    with translate_errors():
        rows = connection.execute(sql("answered"), params).fetchall()
    return {(duty, target) for duty, target, _ in rows}, {(duty, target) for duty, target, counts in rows if counts}


def _pending(connection: "psycopg.Connection[Any]", window: Window, run: Provenance) -> dict[Pair, Answer]:
    from psycopg.rows import class_row

    with translate_errors(), connection.cursor(row_factory=class_row(_Pending)) as cursor:
        return {(one.duty, one.target): one.answer() for one in cursor.execute(sql("pending_of_run"), _parameters(window, run))}


def _parameters(window: Window, run: Provenance) -> dict[str, Any]:
    return {"start": window.start, "end": window.end, "dag_id": run.dag_id, "run_id": run.run_id}
