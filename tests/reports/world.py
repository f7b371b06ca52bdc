"""A report database with a few duties and targets, and short ways to answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.database.sequences import sequences
from upkeep.duty import Duty
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

DUTIES = tuple(replace(sequences, name=name) for name in ("sequences", "vacuum"))
TARGETS = ("shop", 'stock "b"')


def window(day: int) -> Window:
    """A day of November 2026."""
    start = datetime(2026, 11, day, tzinfo=UTC)
    return Window(start, start + timedelta(days=1))


def found(name: str, severity: Severity = Severity.HIGH, title: str = "") -> Finding:
    """One finding."""
    return Finding(rule="rule", object=name, severity=severity, title=title or f"{name} is at 91 % (limit 90 %)", remedy="fix;")


def build_world(endpoint: Endpoint) -> None:
    """Migrate and declare."""
    migrate(endpoint)
    with endpoint.connect("world") as connection:
        for name in TARGETS:
            connection.execute(
                "insert into upkeep.target values (%s, 'databases', 'dba', 'U012AB3CD', 'high', '{}', 'https://wiki.test', true)",
                [name],
            )
        for duty in DUTIES:
            connection.execute(
                "insert into upkeep.duty (name, area, kind, cadence, owner, title, dated, target_kind, active)"
                " values (%s, 'database', 'check', 'daily', 'database', 'Title', false, 'databases', true)",
                [duty.name],
            )
        connection.execute("insert into upkeep.due_days values ('critical', 7), ('high', 30), ('medium', 90), ('low', 120)")


def provenance(run_id: str = "scheduled__x", map_index: int = 0) -> Provenance:
    """Of some task."""
    return Provenance("daily", run_id, "database.sequences", map_index, 1, datetime(2026, 11, 23, 7, tzinfo=UTC), 0.5)


def answer(
    connection: "psycopg.Connection[Any]",
    day: int,
    given: Answer,
    *,
    duty: Duty = DUTIES[0],
    target: str = TARGETS[0],
    run_id: str = "scheduled__x",
) -> None:
    """Store an answer."""
    about = window(day)
    save(connection, duty, target, about, given, replace(provenance(run_id), asked_at=about.end))


def breach(*findings: Finding, metrics: Iterable[Metric] = ()) -> Answer:
    """An answer with these findings, ok when there are none."""
    return Answer.judged(f"{len(findings)} wrong", findings=findings, metrics=metrics)
