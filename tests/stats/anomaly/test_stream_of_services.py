"""judge_stream as a check of services calls it: request counts by five minutes, in a zone, with holes, with empty nights."""

import math
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from upkeep.stats.anomaly.stream import Point, judge_stream, surprises

BEGINS = datetime(2026, 3, 2, tzinfo=UTC)
DAY = 288
TOLD = 5.0
FIRST_DAYS = 7


def told(points: list[Point]) -> list[int]:
    """Where something is told, after the first days: the first morning after a night of nothing is new to it."""
    return [place for place, score in enumerate(surprises(points)) if score > TOLD and place >= FIRST_DAYS * DAY]


def requests(days: int, zone: str = "UTC") -> list[Point]:
    """Counts over some days: many at noon, none at night, as a shop has them."""
    chance = random.Random("requests")  # noqa: S311 - noise, not a secret
    moments = [(BEGINS + timedelta(minutes=5 * n)).astimezone(ZoneInfo(zone)) for n in range(days * DAY)]
    usual = [max(0.0, 300 * math.sin((at.hour * 60 + at.minute - 360) * math.tau / 1440)) for at in moments]
    return [
        (at, float(max(0, round(count + chance.gauss(0, math.sqrt(count)))))) for at, count in zip(moments, usual, strict=True)
    ]


def changed(points: list[Point], first: int, last: int, value: float) -> list[Point]:
    """The same with another value from one place to another."""
    return [(at, value if first <= place < last else count) for place, (at, count) in enumerate(points)]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_nights_of_nothing_and_a_clock_that_is_put_forward_are_no_surprise(zone: str) -> None:
    assert told(requests(31, zone)) == []


def test_an_outage_at_noon_is_told_and_its_end_is_no_second_one() -> None:
    noon = 20 * DAY + DAY // 2
    points = changed(requests(21), noon, noon + 12, 0)
    found = told(points)
    assert found
    assert noon <= found[0] < noon + 12
    assert found[-1] < noon + 24
    judged = judge_stream(points)[found[0]]
    assert judged
    assert judged.side == -1
    assert judged.value < judged.low


def test_a_hole_is_no_outage() -> None:
    noon = 20 * DAY + DAY // 2
    points = requests(22)
    assert told([*points[:noon], *points[noon + 36 :]]) == []


def test_a_service_of_an_hour_says_that_it_does_not_know() -> None:
    points = requests(1)[DAY // 2 : DAY // 2 + 8]
    assert judge_stream(points)[0] is None
    assert max(surprises(changed(points, 7, 8, 9_000))) == 0
