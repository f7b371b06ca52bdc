"""answer_drift: unknown does not suddenly become the rule."""

import pytest

from tests.data_quality.conftest import OK_ANSWER, TODAY, UNKNOWN, Store, day, judge, only_failure, put


def twelve(store: Store, number: int, unknown: int) -> None:
    for i in range(12):
        put(store, UNKNOWN if i < unknown else OK_ANSWER, number, f"target{i:02}")
    store.run("delete from upkeep.answer where target in ('shop', 'other', 'third') and window_end = %s", [day(number).end])


def past(store: Store, unknown: int = 1, days: int = 7) -> None:
    store.run("delete from upkeep.answer")
    for number in range(TODAY - days, TODAY):
        twelve(store, number, unknown)


@pytest.mark.baseline
def test_as_many_as_ever(good: Store) -> None:
    past(good)
    twelve(good, TODAY, 2)
    assert judge(good, "answer_drift").passed


@pytest.mark.near_miss
def test_seven_of_twelve_after_one(good: Store) -> None:
    past(good)
    twelve(good, TODAY, 7)
    assert judge(good, "answer_drift").passed


@pytest.mark.near_miss
def test_four_earlier_days_say_too_little_and_so_do_nine_answers(good: Store) -> None:
    past(good, days=4)
    twelve(good, TODAY, 12)
    assert judge(good, "answer_drift").passed
    past(good)
    twelve(good, TODAY, 12)
    good.run("delete from upkeep.answer where target > 'target08'")
    assert judge(good, "answer_drift").passed


@pytest.mark.near_miss
def test_what_was_always_unknown_is_no_news(good: Store) -> None:
    past(good, unknown=11)
    twelve(good, TODAY, 12)
    assert judge(good, "answer_drift").passed


@pytest.mark.fault
def test_eight_of_twelve_after_one(good: Store) -> None:
    with only_failure(good, "answer_drift") as messages:
        past(good)
        twelve(good, TODAY, 8)
    assert "(8 of 12 answers are unknown, usually a share of 0.08). Something that all depend on is gone" in messages[0]
