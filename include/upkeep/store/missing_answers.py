"""Who was to answer and did not: a task that was killed, timed out or never ran leaves no row, and silence is not green."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer
from upkeep.duty import Duty
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import Provenance, save_unless_answered, sql
from upkeep.targets.target import Target
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

SILENT = Answer.unknown(
    "no answer: its task was killed, timed out or never ran",
    "see the task's log in Airflow; clear the task to ask again",
)


def store_missing_answers(
    connection: "psycopg.Connection[Any]",
    cadence: Cadence,
    window: Window,
    expected: Iterable[tuple[Duty, Target]],
    provenance: Provenance,
) -> list[tuple[Duty, Target]]:
    """
    Store an unknown answer for each expected question without one in this window, and return those questions.

    A task that answers at the same time wins. `provenance` is that of the task which calls this.
    """
    with translate_errors():
        answered = set(connection.execute(sql("answered"), (cadence.value, window.start, window.end)).fetchall())
    return [
        (duty, target)
        for duty, target in expected
        if (duty.name, target.name) not in answered
        and save_unless_answered(connection, duty, target.name, window, SILENT, provenance)
    ]
