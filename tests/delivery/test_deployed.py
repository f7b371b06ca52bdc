"""What a deployment's statuses come to, in whichever order they are told."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from upkeep.delivery.deployed import Course, Outcome, Stage, course

NINE = datetime(2026, 5, 14, 9, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def stages(*pairs: tuple[int, Outcome]) -> list[Stage]:
    return [Stage(at(minutes), outcome) for minutes, outcome in pairs]


def test_the_order_of_telling_does_not_matter() -> None:
    told = stages((0, Outcome.RUNNING), (3, Outcome.SUCCEEDED), (9, Outcome.FAILED))
    assert {course(order) for order in permutations(told)} == {Course(Outcome.SUCCEEDED, at(3), at(9))}


def test_without_an_end_it_runs() -> None:
    assert course([]) == course(stages((0, Outcome.RUNNING))) == Course(Outcome.RUNNING, None)


def test_a_failure_that_was_tried_again_well_is_a_success() -> None:
    assert course(stages((2, Outcome.FAILED), (5, Outcome.SUCCEEDED))) == Course(Outcome.SUCCEEDED, at(5))


def test_failed_twice_it_ended_the_second_time() -> None:
    assert course(stages((2, Outcome.FAILED), (5, Outcome.FAILED))) == Course(Outcome.FAILED, at(5))
