"""What is said of a budget and its alerts, at each limit."""

from datetime import timedelta
from typing import Any

import pytest

from tests.objectives.test_budget import END, TODAY, judged, outage
from upkeep.answer import Severity
from upkeep.checks.service.slo_said import budget_finding, burn_finding, metrics, said, unjudged
from upkeep.objectives.budget import Budget
from upkeep.objectives.minutes import StoredMinutes
from upkeep.signals.minutes import MINUTE
from upkeep.stats.burn import LONGEST

LONG_AGO = END - timedelta(days=20)
BEFORE = TODAY.start - 10 * MINUTE


def found(budget: Budget, **limits: Any) -> Any:
    return budget_finding(budget, TODAY, **{"least_bad": 5, "low_left": 0.25, **limits})


@pytest.mark.parametrize(
    ("bad", "severity"),
    [(3239, None), (3240, None), (3241, Severity.MEDIUM), (4320, Severity.MEDIUM), (9000, Severity.MEDIUM)],
)
def test_a_budget_is_low_below_its_limit(bad: int, severity: Severity | None) -> None:
    """Of 4,320,000 requests 4,320 may be bad: 3,240 leave a quarter."""
    finding = found(judged((LONG_AGO, 3000), (LONG_AGO + MINUTE, bad - 3000), requests=100))
    assert (finding and finding.severity) == severity


@pytest.mark.parametrize(("least", "told"), [(5000, True), (5001, False)])
def test_too_few_bad_ones_are_told_by_nobody(least: int, told: bool) -> None:  # noqa: FBT001 - of a test
    assert (found(judged((LONG_AGO, 5000)), least_bad=least) is not None) is told


@pytest.mark.parametrize(("bad", "severity"), [(80, Severity.MEDIUM), (110, Severity.HIGH)])
def test_a_budget_is_red_when_it_is_spent_and_goes_on(bad: int, severity: Severity) -> None:
    budget = judged(*outage(END - 40 * MINUTE, 40, bad))
    assert budget.alerts[-1].ended_at is None
    assert (found(budget) or found(budget, low_left=1)).severity is severity


def test_pages_and_tickets_from_before_are_told_each_by_its_own() -> None:
    budget = judged(*outage(BEFORE, 10))
    page, ticket = burn_finding(budget, TODAY)
    assert (page.rule, ticket.rule) == ("burn_page", "burn_ticket")
    assert page.title == "up: a page that would have come at 2026-05-13 23:51 UTC was still on after 2026-05-14 00:00 UTC"
    assert ticket.title == "up: a ticket that would have come at 2026-05-13 23:55 UTC was still on after 2026-05-14 00:00 UTC"
    assert (page.severity, ticket.severity) == (Severity.MEDIUM, Severity.LOW)
    came = [each.details["alerts"][0]["came_at"][11:16] for each in (page, ticket)]
    assert came == ["23:51", "23:55"]
    assert page.remedy.startswith("look at 2026-05-13 23:50 UTC, the first bad minute")


def test_what_goes_on_says_so_and_weighs_more() -> None:
    page, ticket = burn_finding(judged(*outage(END - 10 * MINUTE, 10)), TODAY)
    assert (page.severity, ticket.severity) == (Severity.HIGH, Severity.MEDIUM)
    assert page.title.endswith("first at 2026-05-14 23:51 UTC (14.4 times too fast over 1 h and 5 min); it went on at the end")


@pytest.mark.parametrize(("unseen", "known"), [(720, True), (721, False)])
def test_half_of_the_window_is_enough(unseen: int, known: bool) -> None:  # noqa: FBT001 - of a test
    count = 30 * 1440 + LONGEST
    requests = [*[100] * (count - unseen), *[None] * unseen]
    none: list[int | None] = [each and 0 for each in requests]
    budget = judged(minutes=StoredMinutes(END - count * MINUTE, requests, none, none))
    assert (unjudged(budget, 0.5) is None) is known
    assert said(budget, 0.5).startswith("up: 100.0%" if known else "up is unknown: 50% of the window's minutes")


def test_time_to_detect_is_the_mean_of_pages_that_came() -> None:
    slow = outage(TODAY.start + timedelta(hours=2), 50, 2)
    quick = outage(TODAY.start + timedelta(hours=20), 5)
    budget = judged(*slow, *quick)
    pages = [alert for alert in budget.came if alert.kind == "page"]
    assert [page.came_at - page.first_bad_at for page in pages] == [44 * MINUTE, MINUTE]
    told = {metric.name: (metric.value, metric.n) for metric in metrics(budget)}
    assert told["time_to_detect"] == (22.5 * 60, 2)
    assert told["error_budget_left"][0] == pytest.approx(1 - 600 / 4320)
    assert (told["burn_pages"][0], told["burn_tickets"][0]) == (2, budget.came_of("ticket"))
    assert "time_to_detect" not in {metric.name for metric in metrics(judged())}
