"""budgets: spent, about to be, and months that nothing can be said of."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.lab import rules
from tests.ledger.world import FIRST, Books, Row, charge
from upkeep.answer import Answer
from upkeep.checks.costs.budgets import budgets

# Judged is the 28th of October: 58 days after the first, 27 of the month before it and 3 left.
JUDGED = date(2026, 10, 28)
AFTER = (JUDGED - FIRST).days + 3


def days(cost: str, since: date = FIRST, until: date = JUDGED, **more: Any) -> list[Row]:
    """The same cost every day."""
    return [charge(since + timedelta(days=n), cost, **more) for n in range((until - since).days + 1)]


def asked(ledger: Books, rows: list[Row], *given: dict[str, Any], **thresholds: Any) -> Answer:
    """The answer about the judged day with these budgets."""
    account = {"budgets": [{"name": "all", **budget} if "name" not in budget else budget for budget in given]}
    ledger.put("a.csv", rows)
    ledger.bring(AFTER, account=account)
    return ledger.ask(budgets, AFTER, account=account, **thresholds)


@pytest.mark.baseline
def test_a_budget_that_is_kept_is_fine(ledger: Books) -> None:
    answer = asked(ledger, days("10"), {"amount": "400"})
    assert rules(answer) == []
    assert ledger.rows("select spent, days_left, low, middle, high from upkeep.budget_forecast") == [(280, 3, 310, 310, 310)]
    spent = next(metric for metric in answer.metrics if metric.name == "budget_spent")
    assert (spent.value, spent.numerator, spent.denominator, spent.n) == (0.7, 280, 400, 28)


@pytest.mark.near_miss
def test_a_month_that_comes_to_just_its_budget_is_fine(ledger: Books) -> None:
    assert rules(asked(ledger, days("10"), {"amount": "310"})) == []


@pytest.mark.fault
def test_a_month_that_will_come_to_more_is_said_before_it_has(ledger: Books) -> None:
    answer = asked(ledger, days("10"), {"amount": "309"})
    assert rules(answer) == [("budget_will_be_spent", "all")]
    assert "October will come to 310.00 (310.00 to 310.00) EUR, of 309.00 EUR; 280.00 EUR spent" in answer.findings[0].title
    assert answer.findings[0].severity.label == "high"


@pytest.mark.fault
def test_a_budget_that_is_spent_is_urgent(ledger: Books) -> None:
    answer = asked(ledger, days("10"), {"amount": "279.99"})
    assert rules(answer) == [("budget_spent", "all")]


@pytest.mark.near_miss
def test_what_only_might_come_to_more_is_no_finding(ledger: Books) -> None:
    rows = [charge(FIRST + timedelta(days=n), "10" if n % 5 else "14") for n in range((JUDGED - FIRST).days + 1)]
    assert rules(asked(ledger, rows, {"amount": "340"})) == []
    low, middle, high = ledger.rows("select low, middle, high from upkeep.budget_forecast")[0]
    assert low <= middle < Decimal(340)
    assert high > middle


def test_only_what_a_budget_is_about_counts(ledger: Books) -> None:
    rows = [*days("10"), *days("3", ServiceName="Storage"), *days("50", BillingCurrency="USD")]
    answer = asked(
        ledger,
        rows,
        {"name": "storage", "amount": "80", "service": "Storage"},
        {"name": "blog", "amount": "1", "tag": {"team": "blog"}},
    )
    assert rules(answer) == [("budget_spent", "storage")]
    assert ledger.rows("select budget, spent from upkeep.budget_forecast order by 1") == [("blog", 0), ("storage", 84)]


def test_a_past_that_is_too_short_says_so_and_judges_what_was_spent(ledger: Books) -> None:
    answer = asked(ledger, days("10", since=date(2026, 10, 10)), {"amount": "100"})
    assert rules(answer) == [("budget_spent", "all")]
    assert "no forecast yet for all: 40 days of past are needed" in answer.summary
    assert ledger.rows("select middle, n from upkeep.budget_forecast") == [(None, None)]


@pytest.mark.parametrize("rows", [days("10", until=date(2026, 9, 30)), days("10", BillingCurrency="USD")])
def test_a_month_without_costs_is_unknown(ledger: Books, rows: list[Row]) -> None:
    assert asked(ledger, rows, {"amount": "100"}).status == "unknown"


def test_no_budgets_are_fine(ledger: Books) -> None:
    assert asked(ledger, days("10")).status == "ok"


def test_on_the_last_day_the_month_is_what_it_is(ledger: Books) -> None:
    account = {"budgets": [{"name": "all", "amount": "299"}]}
    ledger.put("a.csv", days("10", until=date(2026, 9, 30)))
    ledger.bring(40, account=account)
    answer = ledger.ask(budgets, 32, account=account)
    assert rules(answer) == [("budget_spent", "all")]
    assert ledger.rows("select spent, low, high from upkeep.budget_forecast") == [(300, 300, 300)]
