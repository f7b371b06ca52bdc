"""A fresh report database, and short words for writing to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.lab import Lab
from upkeep.answer import Answer, Finding, Severity
from upkeep.checks.database.sequences import sequences
from upkeep.duty import Duty
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance, connected, save
from upkeep.store.migrate import migrate
from upkeep.window import Window

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
PROVENANCE = Provenance("daily", "scheduled__1", "database.sequences", 0, 1, FIRST, 0.1)


def day(number: int) -> Window:
    """The daily window of this number, the first being 0."""
    return Window(FIRST + timedelta(days=number), FIRST + timedelta(days=number + 1))


def finding(name: str = "public.a", severity: Severity = Severity.HIGH, rule: str = "sequence_near_end") -> Finding:
    """Something wrong."""
    return Finding(rule=rule, object=name, severity=severity, title=f"{name} is full", remedy="select 1;", value=0.9, unit="1")


def breach(*names: str) -> Answer:
    """An answer that found these."""
    return Answer.judged("found", findings=[finding(name) for name in names])


OK = Answer.judged("all fine")
UNKNOWN = Answer.unknown("no right")


@dataclass
class Store:
    """A migrated database and one session in it."""

    endpoint: Endpoint
    connection: "psycopg.Connection[Any]"

    def put(self, answer: Answer, number: int = 0, *, target: str = "shop", duty: Duty = sequences) -> None:
        """Save an answer for a day."""
        save(self.connection, duty, target, day(number), answer, PROVENANCE)

    def rows(self, sql: str, words: Any = None) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.connection.execute(sql.encode(), words).fetchall()

    def value(self, sql: str, words: Any = None) -> Any:
        """First column of the first row."""
        return self.rows(sql, words)[0][0]

    def run(self, sql: str, words: Any = None) -> None:
        """Statements without rows."""
        self.connection.execute(sql.encode(), words)


@pytest.fixture
def store(lab: Lab) -> Iterator[Store]:
    """A fresh report database."""
    migrate(lab.endpoint)
    with connected(lab.endpoint) as connection:
        yield Store(lab.endpoint, connection)
