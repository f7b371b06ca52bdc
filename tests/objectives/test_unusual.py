"""Series of hours with weeks, holes, steps and holidays: what is told of them, and what is not."""

import math
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from upkeep.objectives.minutes import StoredMinutes
from upkeep.objectives.unusual import Unusual, unusual, young
from upkeep.objectives.watched import Least, hourly
from upkeep.signals.minutes import MINUTE
from upkeep.window import Window

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
LEAST = Least(seen=0.9, requests=200, share=0.2, difference=0.01)
DAYS, PAST = 63, 56
Rate = Callable[[int, int], float | None]


def usual(_: int, hour: int) -> float:
    return 60 * (1.2 - math.cos(hour * math.tau / 24))


def weekly(day: int, hour: int) -> float:
    """Weekends have two fifths of the requests."""
    return usual(day, hour) * (0.4 if day % 7 >= 5 else 1)


def told(rate: Rate, first: int = 49) -> list[tuple[int, str]]:
    """The day and rule of each anomaly, each day judged by what came before its end."""
    chance = random.Random("noise")  # noqa: S311 - noise, not a secret
    requests: list[int | None] = []
    for day in range(DAYS):
        for hour in range(24):
            middle = rate(day, hour)
            each = None if middle is None else max(0, round(chance.gauss(middle, math.sqrt(middle) / 8)))
            requests += [each] * 60
    return [(day, one.rule) for day in range(first, DAYS) for one in _of_day(requests, day)]


def _of_day(requests: list[int | None], day: int) -> Iterator[Unusual]:
    first, beyond = max(0, day + 1 - PAST) * 1440, (day + 1) * 1440
    known = requests[first:beyond]
    none = [None if each is None else 0 for each in known]
    window = Window(MONDAY + day * DAY, MONDAY + (day + 1) * DAY)
    for series in hourly(StoredMinutes(MONDAY + first * MINUTE, known, none, none), LEAST):
        if not young(series):
            yield from unusual(series, window, 0.0001)


@pytest.mark.baseline
@pytest.mark.parametrize(
    "rate",
    [
        usual,
        weekly,
        lambda _day, _hour: 60,
        lambda _day, _hour: 0,
        lambda day, hour: 20 if (day * 24 + hour) % 7 == 0 else 0,
        lambda day, hour: None if hour < 6 and day % 2 else usual(day, hour),
    ],
    ids=["days", "weeks", "constant", "nothing", "mostly nothing", "nights that nobody saw"],
)
def test_what_a_series_always_did_is_no_anomaly(rate: Rate) -> None:
    assert told(rate) == []


@pytest.mark.fault
@pytest.mark.parametrize("base", [usual, weekly])
@pytest.mark.parametrize(
    ("day", "times", "rule"), [(58, 0.0, "requests_fall"), (58, 3.0, "requests_rise"), (61, 0.0, "requests_fall")]
)
def test_two_hours_are_told_on_workdays_and_on_saturdays(
    base: Callable[[int, int], float], day: int, times: float, rule: str
) -> None:
    found = told(lambda at, hour: base(at, hour) * (times if at == day and hour in {11, 12} else 1))
    assert found == [(day, rule)]


@pytest.mark.fault
def test_a_step_is_told_and_then_learned() -> None:
    found = told(lambda day, hour: usual(day, hour) * (1.6 if day >= 50 else 1))
    assert found
    assert {rule for _, rule in found} == {"requests_rise"}
    assert {day for day, _ in found} <= {50, 51, 52}


@pytest.mark.fault
def test_a_holiday_is_told_once() -> None:
    assert told(lambda day, hour: usual(day, hour) * (0.3 if day == 60 else 1)) == [(60, "requests_fall")]
