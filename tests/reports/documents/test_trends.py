"""Trends: week against week by what was seen, never by percentiles of days."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.lab import Lab
from tests.service_world import DAY, END, day_of, put_day
from upkeep.reports.documents.trends import trends
from upkeep.reports.report import Report
from upkeep.signals.minutes import Minute
from upkeep.sources.rows import Rows
from upkeep.window import Window

WEEK = Window(END - 7 * DAY, END)
YEAR = timedelta(days=364)


def put_week(lab: Lab, service: str, end: datetime, minutes: Sequence[Minute | None], days: int = 7) -> None:
    session = lab.session()
    for back in range(days):
        put_day(session, service, end - back * DAY, day_of(end - back * DAY, minutes))


def made(lab: Lab) -> Report | None:
    return trends.make(Rows(lab.session()), WEEK)


@pytest.mark.baseline
def test_nothing_stored_is_no_report(reports: Lab) -> None:
    assert made(reports) is None


def test_a_week_beside_the_one_before_and_the_one_a_year_before(reports: Lab) -> None:
    put_week(reports, "web", END, [Minute(110, 2, slow=11)])
    put_week(reports, "web", WEEK.start, [Minute(100, 1, slow=5)])
    put_week(reports, "web", END - YEAR, [Minute(50, 0, slow=5)])
    report = made(reports)
    assert report
    assert report.title == "Trends, 2026-11-13 to 2026-11-20"
    (section,) = report.sections
    (row,) = section.rows
    assert row[1:2] + row[3:] == ("1,108,800", "+10.0%", "+120.0%", "1.8 %", "1 %", "10 %", "5 %", "100 %")
    assert report.headline == "1,108,800 requests to 1 service, 1.8 % failed; failures grew most at web."


@pytest.mark.near_miss
def test_a_gap_of_the_source_is_no_fall(reports: Lab) -> None:
    put_week(reports, "web", END, [Minute(100), Minute(100), None])
    put_week(reports, "web", WEEK.start, [Minute(100)])
    report = made(reports)
    assert report
    (row,) = report.sections[0].rows
    assert (row[3], row[4], row[-1]) == ("+0.0% (seen in part)", "unknown", "66.7 %")
    assert row[7:9] == ("", "")


@pytest.mark.near_miss
def test_days_without_a_row_are_not_seen(reports: Lab) -> None:
    put_week(reports, "web", END, [Minute(100)], days=4)
    report = made(reports)
    assert report
    (row,) = report.sections[0].rows
    assert (row[3], row[-1]) == ("unknown", "57.1 %")
    assert "failures grew" not in report.headline


@pytest.mark.near_miss
def test_a_service_that_was_only_before_is_left_out(reports: Lab) -> None:
    put_week(reports, "old", WEEK.start, [Minute(100)])
    assert made(reports) is None


def test_a_week_that_nobody_saw_is_unknown(reports: Lab) -> None:
    put_week(reports, "web", END, [None])
    put_week(reports, "web", WEEK.start, [Minute(100)])
    report = made(reports)
    assert report
    (row,) = report.sections[0].rows
    assert (row[1], row[3], row[5]) == ("0", "unknown", "")
    assert report.headline == "0 requests to 1 service."


@pytest.mark.near_miss
def test_windows_that_overlap_do_not_count_twice(reports: Lab) -> None:
    put_week(reports, "web", END, [Minute(100, 1)])
    shifted = END - timedelta(hours=6)
    put_week(reports, "web", shifted, [Minute(100, 1)], days=3)
    reports.run(f"update upkeep.answer set asked_at = asked_at + interval '30 d' where window_end in ({_days(shifted, 3)})")
    report = made(reports)
    assert report
    (row,) = report.sections[0].rows
    assert (row[1], row[-1]) == ("864,000", "85.7 %")
    minutes = reports.value("select count(*) from upkeep.service_minute")
    assert minutes == reports.value("select count(distinct minute) from upkeep.service_minute") == 7 * 1440


def _days(end: datetime, count: int) -> str:
    return ", ".join(f"'{end - back * DAY}'" for back in range(count))
