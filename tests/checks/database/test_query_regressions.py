"""query_regressions: slower than usual, by more than noise."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lab import Lab, Past, rules
from upkeep.answer import Answer, Metric, Severity, Status
from upkeep.checks.database.query_regressions import query_regressions
from upkeep.units import Unit

NOW: dict[str, Any] = {"min_span_minutes": 0, "min_extra_seconds": 0.01}
SLEEP = "select pg_sleep(0.01)"


@pytest.fixture(autouse=True)
def extension(lab: Lab) -> None:
    lab.run("create extension pg_stat_statements; select pg_stat_statements_reset()")


def sleepy(lab: Lab) -> Past:
    """A first look, then 20 calls of about 10 ms; gives what was remembered."""
    remembered = json.loads(json.dumps(lab.ask(query_regressions, **NOW).state))
    with lab.session() as session:
        for _ in range(20):
            session.execute(SLEEP.encode(), prepare=False)
    return Past(remembered=remembered)


def history(lab: Lab, past: Past, means: dict[int, float]) -> Past:
    """Means by days ago."""
    queryid = lab.value("select queryid from pg_stat_statements where query like 'select pg_sleep%'")
    label = {"query": str(queryid)}
    now = datetime.now(UTC)
    past.measured = [
        Metric(name="statement_mean_ms", value=mean, unit=Unit.MILLISECONDS, labels=label, at=now - timedelta(days=days))
        for days, mean in sorted(means.items(), reverse=True)
    ]
    return past


def ask(lab: Lab, past: Past, **thresholds: Any) -> Answer:
    return lab.ask(query_regressions, history=past, **{**NOW, **thresholds})


@pytest.mark.baseline
def test_as_slow_as_ever(lab: Lab) -> None:
    past = history(lab, sleepy(lab), {7: 10.3, 14: 10.1, 21: 10.6})
    answer = ask(lab, past)
    assert answer.status is Status.OK
    assert "0 of 1 statement slower than usual (1 with the same weekday, 0 with any day)" in answer.summary
    assert [m.n for m in answer.metrics] == [20]


@pytest.mark.near_miss
def test_slower_than_other_weekdays_only(lab: Lab) -> None:
    past = history(lab, sleepy(lab), {**dict.fromkeys(range(1, 28), 1.0), 7: 10.0, 14: 11.0, 21: 10.5})
    assert rules(ask(lab, past)) == []


@pytest.mark.near_miss
def test_slower_but_always_noisy(lab: Lab) -> None:
    past = history(lab, sleepy(lab), {7: 2.0, 14: 9.0, 21: 4.0, 28: 1.0})
    assert rules(ask(lab, past)) == []


@pytest.mark.near_miss
def test_slower_but_of_no_weight(lab: Lab) -> None:
    past = history(lab, sleepy(lab), {7: 1.0, 14: 1.1, 21: 1.05})
    assert rules(ask(lab, past, min_extra_seconds=10)) == []


@pytest.mark.fault
def test_slower_than_the_same_weekday(lab: Lab) -> None:
    past = history(lab, sleepy(lab), {**dict.fromkeys(range(1, 28), 11.0), 7: 1.0, 14: 1.1, 21: 1.05})
    answer = ask(lab, past)
    assert [f.rule for f in answer.findings] == ["statement_slower"]
    assert answer.worst is Severity.HIGH
    assert "over 3 same weekdays" in answer.findings[0].title


@pytest.mark.fault
def test_a_week_of_any_days_will_do(lab: Lab) -> None:
    past = history(lab, sleepy(lab), {days: 4.0 + days % 2 / 10 for days in range(1, 8)})
    answer = ask(lab, past)
    assert [f.rule for f in answer.findings] == ["statement_slower"]
    assert answer.worst is Severity.MEDIUM
    assert "over 7 days" in answer.findings[0].title


def test_too_little_history_says_how_much_is_missing(lab: Lab) -> None:
    answer = ask(lab, history(lab, sleepy(lab), {1: 1.0, 2: 1.0}))
    assert answer.status is Status.UNKNOWN
    assert "5 of 7 days are missing" in answer.summary
    assert answer.metrics
    assert answer.state


def test_nothing_ran(lab: Lab) -> None:
    remembered = lab.ask(query_regressions, **NOW).state
    answer = ask(lab, Past(remembered=json.loads(json.dumps(remembered))))
    assert answer.status is Status.OK
    assert answer.summary == "no statement ran often enough to be compared"
