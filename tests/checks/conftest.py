"""No dated check looks at a clock, whichever test asks it."""

from collections.abc import Iterator

import pytest

from tests.clock import dated_duties_without_a_clock


@pytest.fixture(scope="session", autouse=True)
def without_a_clock() -> Iterator[int]:
    """How many duties are asked so."""
    with dated_duties_without_a_clock() as count:
        yield count
