"""When windows come due: as Airflow's own timetable says, also where clocks change."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from upkeep.config.inventory import load
from upkeep.config.schedule import cron_of, due_windows
from upkeep.window import Cadence, Window

BERLIN = "Europe/Berlin"
INVENTORY = """
people:
  - {name: on-call, role: Operations, slack: U0000001}
schedule:
  weekly: "0 6 * * 1"
  monthly: null
"""


def due(cron: str, after: str, by: str, zone: str = "UTC") -> list[Window]:
    """Windows between two days."""
    return list(due_windows(cron, ZoneInfo(zone), at(after), at(by)))


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_cron_is_the_inventorys_else_the_default_and_none_while_paused(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    inventory = load(tmp_path / "inventory.yaml")
    assert cron_of(inventory, Cadence.DAILY) == "0 0 * * *"
    assert cron_of(inventory, Cadence.WEEKLY) == "0 6 * * 1"
    assert cron_of(inventory, Cadence.MONTHLY) is None


def test_the_first_moment_is_left_out_and_the_last_is_in() -> None:
    days = due("0 0 * * *", "2026-11-20", "2026-11-22")
    assert days == [Window.parse("2026-11-20", "2026-11-21"), Window.parse("2026-11-21", "2026-11-22")]
    assert due("0 0 * * *", "2026-11-20T00:00:01", "2026-11-20T23:59:59") == []


def test_a_week_is_due_once_it_has_ended() -> None:
    assert due("0 0 * * 1", "2026-11-18", "2026-11-22T23:00") == []
    assert due("0 0 * * 1", "2026-11-18", "2026-11-23") == [Window.parse("2026-11-16", "2026-11-23")]


@pytest.mark.airflow
@pytest.mark.parametrize("zone", ["UTC", BERLIN, "America/Santiago", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "cron", ["0 0 * * *", "0 1 * * *", "30 2 * * *", "30 1 * * *", "0 6 * * 1", "0 0 1 */3 *", "15 12 1 1 *"]
)
def test_windows_are_those_of_airflows_timetable(cron: str, zone: str) -> None:
    import pendulum
    from airflow.timetables.base import TimeRestriction
    from airflow.timetables.interval import CronDataIntervalTimetable

    earliest, latest = pendulum.datetime(2025, 1, 15, 7), pendulum.datetime(2026, 12, 20, 7)
    timetable, restriction = CronDataIntervalTimetable(cron, zone), TimeRestriction(earliest, latest, catchup=True)
    theirs, last = [], None
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction):
        last = info.data_interval
        assert last
        theirs.append(Window(last.start, last.end))
    ours = due_windows(cron, ZoneInfo(zone), at("2025-01-15T07:00"), at("2027-02-01"))
    assert [w for w in ours if earliest <= w.start <= latest] == theirs
