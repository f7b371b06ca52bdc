"""Real rows of ten days, judged by one suite at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.lab import Lab
from tests.store.conftest import OK as OK_ANSWER
from tests.store.conftest import PROVENANCE, UNKNOWN, Store, day, measured, migrated
from upkeep.answer import Answer
from upkeep.checks.database.sequences import sequences
from upkeep.data_quality.gate import validate
from upkeep.data_quality.suite import found
from upkeep.store.answers import connected, save
from upkeep.store.quality_result import QualityResult
from upkeep.targets.database import Database
from upkeep.window import Cadence

TARGETS = tuple(Database(name=name, owner="dba", connection="x") for name in ("shop", "other", "third"))
__all__ = ["OK_ANSWER", "UNKNOWN", "Store", "day", "migrated"]
EXPECTED = [(sequences, target) for target in TARGETS]
TODAY = 9


def put(store: Store, answer: Answer, number: int, target: str = "shop") -> None:
    """Save an answer that was given a minute after its day."""
    asked = day(number).end + timedelta(minutes=1)
    save(store.connection, sequences, target, day(number), answer, replace(PROVENANCE, asked_at=asked))


def put_good(store: Store, number: int) -> None:
    """One answer of each status, with metrics."""
    put(store, measured(number, "public.a"), number)
    put(store, measured(number), number, "other")
    put(store, UNKNOWN, number, "third")


@pytest.fixture(scope="session")
def ten_days() -> Callable[[Store], None]:
    """Writes nine days before today, and today."""

    def write(store: Store) -> None:
        for number in range(TODAY + 1):
            put_good(store, number)

    return write


@pytest.fixture(scope="module")
def kept(migrated: Lab, ten_days: Callable[[Store], None]) -> Iterator[Store]:
    """Good rows, once for all tests of a file."""
    with connected(migrated.endpoint) as connection:
        store = Store(migrated.endpoint, connection)
        ten_days(store)
        yield store


@pytest.fixture
def good(kept: Store) -> Iterator[Store]:
    """The same, and whatever a test changes is undone."""
    with kept.connection.transaction(force_rollback=True):
        yield kept


def judge(store: Store, *names: str, number: int = TODAY) -> QualityResult:
    """What some suites, or all, say about a day."""
    suites = [suite for suite in found() if not names or suite.name in names]
    return validate(store.connection, Cadence.DAILY, day(number), EXPECTED, suites)


@contextmanager
def only_failure(store: Store, name: str) -> Iterator[list[str]]:
    """After the block one expectation of this suite, and no other, is not met; the list then holds its message."""
    messages: list[str] = []
    yield messages
    messages += judge(store, name).failures
    assert len(messages) == 1, messages
