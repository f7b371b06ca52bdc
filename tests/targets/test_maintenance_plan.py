"""The hours in which a database may be worked on."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from upkeep.targets.maintenance_plan import MaintenancePlan

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("hours", "at", "left_h"),
    [
        (None, "2026-11-08T12:00", None),
        ("22:00-05:30", "2026-11-08T23:00", 5.5),  # midnight in Berlin
        ("22:00-05:30", "2026-11-08T04:29", 1 / 60),
        ("22:00-05:30", "2026-11-08T04:30", 0),
        ("22:00-05:30", "2026-11-08T20:59", 0),
        ("22:00-05:30", "2026-11-08T21:00", 7.5),
        ("01:00-03:00", "2026-11-08T00:30", 1.5),
        ("01:00-03:00", "2026-11-08T02:00", 0),
        # The hour that is there twice when summer time ends.
        ("01:00-04:00", "2026-10-25T00:00", 3),
    ],
)
def test_what_is_left_of_its_hours(hours: str | None, at: str, left_h: float | None) -> None:
    plan = MaintenancePlan(login="c", hours=hours)
    left = plan.seconds_left(datetime.fromisoformat(at).replace(tzinfo=UTC), BERLIN)
    assert left == (None if left_h is None else pytest.approx(left_h * 3600))


@pytest.mark.parametrize("hours", ["22-5", "24:00-05:00", "05:00-05:00", "22:00 - 05:00", ""])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(ValidationError, match="two different times of day"):
        MaintenancePlan(login="c", hours=hours)
