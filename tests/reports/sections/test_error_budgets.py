"""Error budgets: the least left first, and a line for each objective."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.lab import Lab
from upkeep.reports.section import Section
from upkeep.reports.sections.error_budgets import error_budgets
from upkeep.sources.rows import Rows
from upkeep.window import Window

END = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = Window(END - 7 * DAY, END)
_ANSWER = """
    insert into upkeep.answer (
        duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds, dag_id, run_id, task_id,
        map_index, try_number
    )
    values ('slo', %(service)s, %(start)s, %(end)s, 'daily', 'ok', 'x', '{}', %(end)s, 1, 'daily', 'r', 'x', 0, 1)
    on conflict do nothing
"""
_BUDGET = """
    insert into upkeep.error_budget (
        duty, target, window_start, window_end, objective, bad_is, goal, days, requests, bad, allowed, budget_left, minutes,
        minutes_seen, known_since, pages, tickets
    )
    values (
        'slo', %(service)s, %(start)s, %(end)s, 'available', 'errors', 0.999, 30, 1000, 1, 1, %(left)s, 43200, 43200, null, 0, 0
    )
"""


def put(lab: Lab, service: str, end: datetime, left: float | None) -> None:
    session = lab.session()
    for statement in (_ANSWER, _BUDGET):
        session.execute(statement, {"service": service, "start": end - DAY, "end": end, "left": left})


def made(lab: Lab) -> Section | None:
    return error_budgets.make(Rows(lab.session()), WEEK)


@pytest.mark.baseline
def test_nothing_judged_is_no_section(reports: Lab) -> None:
    assert made(reports) is None


@pytest.mark.fault
def test_the_least_left_comes_first_and_a_gap_is_none(reports: Lab) -> None:
    for back, left in ((0, -0.5), (1, 0.25), (3, 1.0)):
        put(reports, "shop", END - back * DAY, left)
    put(reports, "api", END, 0.9)
    put(reports, "idle", END, None)
    found = made(reports)
    assert found
    assert found.text == "3 objectives, -50 % left of shop available, which is the least; 1 spent; 1 unknown"
    assert [(row[0], row[2]) for row in found.rows] == [("shop", "-50 %"), ("api", "90 %"), ("idle", "unknown")]
    (chart,) = found.charts
    assert chart.labels == ("19 Nov", "21 Nov", "22 Nov")
    assert {series.name: series.values for series in chart.series} == {
        "shop available": (100, 25, -50),
        "api available": (None, None, 90),
        "idle available": (None, None, None),
    }


@pytest.mark.near_miss
def test_what_was_judged_only_before_is_left_out(reports: Lab) -> None:
    put(reports, "old", WEEK.start, 0.5)
    assert made(reports) is None


@pytest.mark.near_miss
def test_without_any_request_there_is_nothing_to_draw(reports: Lab) -> None:
    put(reports, "idle", END, None)
    found = made(reports)
    assert found
    assert found.charts == ()
