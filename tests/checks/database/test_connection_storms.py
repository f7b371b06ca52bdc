"""connection_storms: rates between two looks, aware of resets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lab import Lab, Past, rules
from upkeep.answer import Answer, Metric, Severity, Status
from upkeep.checks.database.connection_storms import COUNTERS, connection_storms
from upkeep.units import Unit

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def earlier(lab: Lab, *, seconds: float = 3600, **opened: float) -> Past:
    """A look of some time ago, by which since then so many sessions were counted."""
    look = lab.ask(connection_storms).state or {}
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    state: dict[str, Any] = {}
    for name in COUNTERS:
        value = look[name]["value"] - opened.get(name, 0)
        state[name] = {**look[name], "value": value, "at": at.isoformat(), "pace": 0}
    return Past(state)


def asked(lab: Lab, past: Past, **thresholds: Any) -> Answer:
    return lab.ask(connection_storms, history=past, **thresholds)


@pytest.mark.baseline
def test_a_few_long_sessions(lab: Lab) -> None:
    answer = asked(lab, earlier(lab, sessions=100, session_ms=3_000_000))
    assert answer.status is Status.OK
    assert answer.metrics[0].value == pytest.approx(100 / 3600, rel=0.1)


def test_the_first_look_cannot_tell(lab: Lab) -> None:
    answer = lab.ask(connection_storms)
    assert answer.status is Status.UNKNOWN
    assert answer.state


@pytest.mark.near_miss
def test_many_sessions_that_last(lab: Lab) -> None:
    past = earlier(lab, sessions=2 * 3600, session_ms=2 * 3600 * 60_000)
    assert rules(asked(lab, past)) == []


@pytest.mark.near_miss
def test_a_few_lost_ones(lab: Lab) -> None:
    assert rules(asked(lab, earlier(lab, sessions=1000, session_ms=9e9, abandoned=40))) == []
    assert rules(asked(lab, earlier(lab, sessions=20, session_ms=9e9, fatal=15))) == []


@pytest.mark.fault
def test_sessions_without_a_pool(lab: Lab) -> None:
    answer = asked(lab, earlier(lab, sessions=2 * 3600, session_ms=2 * 3600 * 40))
    assert rules(answer) == [("sessions_too_short", lab.database)]
    assert answer.worst is Severity.MEDIUM
    assert answer.findings[0].value == pytest.approx(2, rel=0.1)


@pytest.mark.fault
def test_a_storm(lab: Lab) -> None:
    answer = asked(lab, earlier(lab, sessions=30 * 3600, session_ms=9e9))
    assert rules(answer) == [("sessions_opened_often", lab.database)]
    assert answer.worst is Severity.HIGH


@pytest.mark.fault
def test_far_more_than_usual(lab: Lab) -> None:
    past = earlier(lab, sessions=3600, session_ms=9e9)
    past.measured = [Metric(name="sessions_opened", value=0.1, unit=Unit.PER_SECOND, at=LONG_AGO)] * 6
    answer = asked(lab, past)
    assert rules(answer) == [("sessions_unusually_many", lab.database)]
    assert answer.worst is Severity.MEDIUM
    assert answer.findings[0].limit == pytest.approx(0.4)


@pytest.mark.near_miss
@pytest.mark.parametrize(("days", "usual"), [(4, 0.1), (6, 0.3), (6, 0.0)])
def test_too_few_days_or_not_so_many_more(lab: Lab, days: int, usual: float) -> None:
    past = earlier(lab, sessions=3600 if usual else 300, session_ms=9e9)
    past.measured = [Metric(name="sessions_opened", value=usual, unit=Unit.PER_SECOND, at=LONG_AGO)] * days
    assert rules(asked(lab, past)) == []


@pytest.mark.fault
def test_five_days_are_enough(lab: Lab) -> None:
    past = earlier(lab, sessions=3600, session_ms=9e9)
    past.measured = [Metric(name="sessions_opened", value=0.1, unit=Unit.PER_SECOND, at=LONG_AGO)] * 5
    assert rules(asked(lab, past)) == [("sessions_unusually_many", lab.database)]


@pytest.mark.fault
@pytest.mark.parametrize("kind", ["abandoned", "fatal", "killed"])
def test_lost_sessions(lab: Lab, kind: str) -> None:
    answer = asked(lab, earlier(lab, sessions=500, session_ms=9e9, **{kind: 60}))
    assert rules(answer) == [("sessions_lost", lab.database)]
    assert f"60 {kind}" in answer.findings[0].title
    assert answer.worst is Severity.MEDIUM
    assert answer.findings[0].value == pytest.approx(60 / 500, rel=0.1)
    shares = {m.name: m for m in answer.metrics}
    assert shares["sessions_lost"].value == pytest.approx(60 / 500, rel=0.1)
    assert shares["session_length"].value == pytest.approx(9e6 / 500, rel=0.1)


@pytest.mark.fault
def test_really_opened_sessions(lab: Lab) -> None:
    first = lab.ask(connection_storms)
    for _ in range(30):
        lab.value("select 1")
    answer = asked(lab, Past(first.state), min_span_s=0, high_per_s=1)
    assert rules(answer) == [("sessions_opened_often", lab.database)]


def test_a_reset_is_no_negative_rate(lab: Lab) -> None:
    past = earlier(lab, sessions=-1_000_000)
    answer = asked(lab, past)
    assert answer.metrics[0].value >= 0
    assert "reset" in answer.summary
