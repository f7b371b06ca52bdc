"""Empty books for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab
from tests.ledger.world import Books, books_of, emptied
from upkeep.sources.scratch import ScratchServer


@pytest.fixture(scope="module")
def costs_database(server: ScratchServer) -> Iterator[Lab]:
    """A report database for all tests of a file."""
    with books_of(server, "ledger_books") as made:
        yield made


@pytest.fixture
def ledger(costs_database: Lab, tmp_path: Path) -> Books:
    """A report database without costs and an empty folder."""
    return emptied(costs_database, tmp_path)
