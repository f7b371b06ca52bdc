"""Windows: half-open, in UTC, whole calendar periods of a zone, also where clocks change."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import upkeep.window
from upkeep.window import Cadence, Window, is_latest

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def at(text: str, zone: ZoneInfo | None = None) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone or UTC)


def test_the_end_is_not_inside() -> None:
    day = Window.parse("2026-11-01", "2026-11-02")
    assert day.contains(day.start)
    assert not day.contains(day.end)
    assert day.length == timedelta(days=1)
    assert str(day) == "2026-11-01 00:00 to 2026-11-02 00:00 UTC"


def test_equal_moments_are_equal_windows() -> None:
    berlin = Window.parse("2026-11-01T00:00+01:00", "2026-11-02T00:00+01:00")
    assert berlin == Window.parse("2026-10-31T23:00", "2026-11-01T23:00")
    assert berlin.start.tzinfo is UTC


@pytest.mark.parametrize(("start", "end"), [("2026-11-02", "2026-11-02"), ("2026-11-02", "2026-11-01")])
def test_an_empty_window_is_refused(start: str, end: str) -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        Window.parse(start, end)


def test_a_window_without_zones_is_refused() -> None:
    with pytest.raises(ValueError, match="needs time zones"):
        Window(datetime(2026, 11, 1), at("2026-11-02"))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("cadence", "start", "end"),
    [
        (Cadence.DAILY, "2026-11-10", "2026-11-11"),
        (Cadence.WEEKLY, "2026-11-02", "2026-11-09"),
        (Cadence.MONTHLY, "2026-10-01", "2026-11-01"),
        (Cadence.QUARTERLY, "2026-07-01", "2026-10-01"),
        (Cadence.YEARLY, "2025-01-01", "2026-01-01"),
    ],
)
def test_the_last_full_period(cadence: Cadence, start: str, end: str) -> None:
    found = cadence.last_full(at("2026-11-11T03:00", BERLIN), BERLIN)
    assert found == Window(at(start, BERLIN), at(end, BERLIN))
    assert cadence.next_start(found.start, BERLIN) == found.end


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-10", 24)])
def test_days_when_clocks_change(day: str, hours: int) -> None:
    window = Cadence.DAILY.last_full(at(day, BERLIN) + timedelta(days=1, hours=3), BERLIN)
    assert window.length == hours * HOUR


@pytest.mark.parametrize("cadence", list(Cadence))
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Santiago", "Africa/Cairo", "Pacific/Apia", "Asia/Kathmandu"])
def test_periods_follow_each_other_without_gap_or_overlap(cadence: Cadence, zone: str) -> None:
    there = ZoneInfo(zone)
    start = cadence.period_start(at("2025-01-15"), there)
    for _ in range(60 if cadence in {Cadence.QUARTERLY, Cadence.YEARLY} else 420):
        end = cadence.next_start(start, there)
        assert cadence.last_full(end.astimezone(UTC), there) == Window(start, end)
        start = end


def test_which_window_is_the_present() -> None:
    day = Window.parse("2026-11-10", "2026-11-11")
    assert not is_latest(day, day.start - HOUR)
    assert is_latest(day, day.start)
    assert is_latest(day, day.end + 23 * HOUR)
    assert not is_latest(day, day.end + 24 * HOUR)


def test_cadences_are_known_in_one_place() -> None:
    package = Path(upkeep.window.__file__).parent
    listing = [
        path.relative_to(package).as_posix()
        for path in sorted(package.rglob("*"))
        if path.suffix in {".py", ".sql", ".j2", ".js"} and re.search(r"['\"](weekly|quarterly|yearly)['\"]", path.read_text())
    ]
    allowed = ["demo/__main__.py", "window.py"]
    assert listing == allowed, "cadences are listed by upkeep.window.Cadence; queries of pages get them as %(cadences)s"
