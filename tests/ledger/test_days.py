"""Days of files: which have some in common, what is left of one, and how they are said."""

from datetime import date

import pytest

from upkeep.ledger.entry import Days, joined, without


def days(first: int, last: int | None = None) -> Days:
    return Days(date(2026, 9, first), date(2026, 9, first if last is None else last))


def test_a_day_is_said_as_one() -> None:
    assert (str(days(3)), str(days(3, 5))) == ("2026-09-03", "2026-09-03 to 2026-09-05")


@pytest.mark.parametrize(("other", "overlap"), [(days(1, 3), False), (days(1, 4), True), (days(6, 9), True), (days(7, 9), False)])
def test_the_last_day_belongs_to_it(other: Days, overlap: bool) -> None:  # noqa: FBT001 - a case
    assert days(4, 6).overlaps(other) is overlap
    assert other.overlaps(days(4, 6)) is overlap


@pytest.mark.parametrize(
    ("spans", "few"),
    [
        ((days(5, 6), days(1, 2)), (days(1, 2), days(5, 6))),
        ((days(1, 2), days(3, 4)), (days(1, 4),)),
        ((days(1, 9), days(3, 4)), (days(1, 9),)),
        ((days(1, 2), days(4)), (days(1, 2), days(4))),
        ((), ()),
    ],
)
def test_days_that_touch_are_one_span(spans: tuple[Days, ...], few: tuple[Days, ...]) -> None:
    assert joined(spans) == few


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ((), (days(3, 8),)),
        ((days(1, 2), days(9)), (days(3, 8),)),
        ((days(1, 3),), (days(4, 8),)),
        ((days(8, 9),), (days(3, 7),)),
        ((days(5), days(7)), (days(3, 4), days(6), days(8))),
        ((days(1, 9),), ()),
        ((days(3, 5), days(6, 8)), ()),
    ],
)
def test_what_is_left_when_others_are_taken_out(others: tuple[Days, ...], left: tuple[Days, ...]) -> None:
    assert without(days(3, 8), others) == left
