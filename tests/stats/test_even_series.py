"""even_series: measurements on an even grid."""

from datetime import UTC, datetime, timedelta
from math import inf, nan

from upkeep.stats.even_series import EvenSeries, even_series

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_value_a_day_and_a_gap() -> None:
    found = even_series([(MONDAY + DAY / 2, 1.0), (MONDAY + 2.5 * DAY, 3.0)])
    assert found == EvenSeries(MONDAY, DAY, (1.0, None, 3.0))
    assert (found.n, found.span, found.last) == (2, 3 * DAY, 3.0)


def test_the_newest_of_a_day_counts_in_whatever_order() -> None:
    assert even_series([(MONDAY + DAY / 2, 2.0), (MONDAY, 1.0)]).values == (2.0,)


def test_what_is_no_number_is_left_out() -> None:
    assert even_series([(MONDAY, nan), (MONDAY + DAY, 2.0), (MONDAY + 2 * DAY, inf)]).values == (2.0,)


def test_nothing() -> None:
    found = even_series([])
    assert (found.n, found.span, found.last) == (0, timedelta(), None)


def test_steps_from_an_origin() -> None:
    found = even_series([(MONDAY + timedelta(hours=23), 1.0), (MONDAY + timedelta(hours=25), 2.0)], origin=MONDAY - DAY / 2)
    assert found == EvenSeries(MONDAY + DAY / 2, DAY, (2.0,))


def test_a_part_ends_and_begins_with_a_value() -> None:
    whole = EvenSeries(MONDAY, DAY, (1.0, None, None, 4.0, 5.0))
    assert whole.until(3).values == (1.0,)
    assert whole.newest(3) == EvenSeries(MONDAY + 3 * DAY, DAY, (4.0, 5.0))
    assert whole.newest(9) is whole


def test_the_day_of_a_place() -> None:
    assert EvenSeries(MONDAY, DAY, (1.0,)).moment(7) == MONDAY + 7 * DAY
