"""A fresh report database, and short words for writing to it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.lab import Lab, fresh_reports
from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.database.sequences import sequences
from upkeep.duty import Duty
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import Provenance, connected, save
from upkeep.units import Unit
from upkeep.window import Window

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
PROVENANCE = Provenance("daily", "scheduled__1", "database.sequences", 0, 1, FIRST, 0.1)


def day(number: int) -> Window:
    """The daily window of this number, the first being 0."""
    return Window(FIRST + timedelta(days=number), FIRST + timedelta(days=number + 1))


def finding(name: str = "public.a", severity: Severity = Severity.HIGH, rule: str = "sequence_near_end") -> Finding:
    """Something wrong."""
    return Finding(
        rule=rule, object=name, severity=severity, title=f"{name} is full", remedy="select 1;", value=0.9, unit=Unit.SHARE
    )


def breach(*names: str) -> Answer:
    """An answer that found these."""
    return Answer.judged("found", findings=[finding(name) for name in names])


def measured(number: int, *names: str) -> Answer:
    """What a healthy and growing day looks like."""
    return Answer.judged(
        "fine",
        findings=breach(*names).findings,
        metrics=[
            Metric(name="connections_used", value=0.3 + number / 100, unit=Unit.SHARE, labels={"scope": "server", "name": "max"}),
            Metric(name="database_bytes", value=1e9 + number * 1e7, unit=Unit.BYTES, labels={"database": "shop"}),
            Metric(name="sequence_used", value=0.5 + number / 1000, unit=Unit.SHARE, labels={"sequence": "public.a_id_seq"}),
        ],
    )


_TABLES = """
    select string_agg(format('upkeep.%I', tablename), ', ')
    from pg_tables
    where schemaname = 'upkeep' and tablename not in ('migration', 'installation')
"""
OK = Answer.judged("all fine")
UNKNOWN = Answer.unknown("no right")


@dataclass
class Store:
    """A migrated database and one session in it."""

    endpoint: Endpoint
    connection: "psycopg.Connection[Any]"

    def put(self, answer: Answer, number: int = 0, *, target: str = "shop", duty: Duty = sequences) -> None:
        """Save an answer for a day."""
        window = day(number)
        save(self.connection, duty, target, window, answer, replace(PROVENANCE, asked_at=window.end))

    def rows(self, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.connection.execute(sql.encode(), params).fetchall()

    def value(self, sql: str, params: Any = None) -> Any:
        """First column of the first row."""
        return self.rows(sql, params)[0][0]

    def run(self, sql: str, params: Any = None) -> None:
        """Statements without rows."""
        self.connection.execute(sql.encode(), params)


@pytest.fixture(scope="module")
def migrated(server: ScratchServer) -> Iterator[Lab]:
    """A report database for all tests of a file."""
    with fresh_reports(server, f"store_{os.getpid()}") as made:
        yield made


@pytest.fixture
def store(migrated: Lab) -> Iterator[Store]:
    """An empty report database."""
    with connected(migrated.endpoint) as connection:
        names = connection.execute(_TABLES).fetchone()
        connection.execute(f"truncate {names[0] if names else ''} cascade".encode())
        yield Store(migrated.endpoint, connection)
