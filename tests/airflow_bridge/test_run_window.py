"""One helper decides the window for every way a run can start."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from upkeep.airflow_bridge.run_window import Started, window_for
from upkeep.window import Cadence, Window

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 18, 12, 30, tzinfo=UTC)
YESTERDAY = Window.parse("2026-11-17", "2026-11-18")


def test_a_scheduled_run_is_about_its_data_interval() -> None:
    started = Started(NOON, YESTERDAY.start, YESTERDAY.end)
    assert window_for(started, {}, Cadence.DAILY, UTC_ZONE) == YESTERDAY


@pytest.mark.parametrize(
    "started",
    [Started(NOON), Started(NOON, NOON, NOON)],
    ids=["REST, CLI or asset without a date", "cron trigger with a zero-length interval"],
)
def test_without_an_interval_it_is_the_last_full_period(started: Started) -> None:
    assert window_for(started, {}, Cadence.DAILY, UTC_ZONE) == YESTERDAY


def test_what_a_person_asked_for_comes_first() -> None:
    started = Started(NOON, YESTERDAY.start, YESTERDAY.end)
    params = {"from": "2026-11-01T00:00:00+00:00", "to": "2026-11-02"}
    assert window_for(started, params, Cadence.DAILY, UTC_ZONE) == Window.parse("2026-11-01", "2026-11-02")


@pytest.mark.parametrize("params", [{"from": "2026-11-01"}, {"to": "2026-11-01"}, {"from": "2026-11-02", "to": "2026-11-01"}])
def test_half_a_window_or_one_that_ends_before_it_starts_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"give both|must end after"):
        window_for(Started(NOON), params, Cadence.DAILY, UTC_ZONE)


@pytest.mark.parametrize(
    ("cadence", "key", "expected"),
    [
        (Cadence.DAILY, "2026-11-17", YESTERDAY),
        (Cadence.WEEKLY, "2026-11-09", Window.parse("2026-11-09", "2026-11-16")),
        (Cadence.MONTHLY, "2026-02-01", Window.parse("2026-02-01", "2026-03-01")),
        (Cadence.QUARTERLY, "2026-10-01", Window.parse("2026-10-01", "2027-01-01")),
    ],
)
def test_a_partition_is_its_period(cadence: Cadence, key: str, expected: Window) -> None:
    assert window_for(Started(NOON, partition_key=key), {}, cadence, UTC_ZONE) == expected


def test_days_begin_at_midnight_of_the_inventorys_zone_also_when_clocks_change() -> None:
    the_day_after = datetime(2026, 10, 26, 3, 0, tzinfo=UTC)
    window = window_for(Started(the_day_after), {}, Cadence.DAILY, BERLIN)
    assert window.length == timedelta(hours=25)
    assert window.start.astimezone(BERLIN).hour == window.end.astimezone(BERLIN).hour == 0


@pytest.mark.parametrize("cadence", list(Cadence))
@pytest.mark.parametrize("zone", [UTC_ZONE, BERLIN])
def test_windows_of_a_cadence_meet_without_gap_or_overlap(cadence: Cadence, zone: ZoneInfo) -> None:
    at = datetime(2027, 3, 15, tzinfo=UTC)
    for _ in range(30):
        window = cadence.last_full(at, zone)
        assert cadence.next_start(window.start, zone) == window.end
        at = window.start + timedelta(minutes=1)
        assert cadence.last_full(at, zone).end == window.start
