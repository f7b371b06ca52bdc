"""No dated check looks at a clock, and each says the same in a backfill, whichever test asks it."""

from collections.abc import Iterator

import pytest

from tests.alike import asked_twice, dated_checks
from tests.clock import dated_duties_without_a_clock


@pytest.fixture(scope="session", autouse=True)
def without_a_clock() -> Iterator[int]:
    """How many duties are asked so."""
    with dated_duties_without_a_clock() as count:
        yield count


@pytest.fixture(scope="module", autouse=True)
def every_dated_check_says_the_same_twice(
    request: pytest.FixtureRequest,
    without_a_clock: int,  # noqa: ARG001 - the second asking knows no clock either
) -> Iterator[None]:
    """The tests of a dated check ask it about a window that does not go on, and so twice."""
    failed = request.session.testsfailed
    with asked_twice() as same:
        yield
    name, options = request.module.__name__.rpartition(".test_")[2], request.config.option
    whole = not (options.keyword or options.markexpr or any("::" in arg for arg in request.config.args))
    if whole and request.session.testsfailed == failed and name in {duty.name for duty in dated_checks()}:
        assert same[name], f"{name} is dated, and no test of {request.path.name} asks about a past window: let one do so"
