"""anomalies: what a service's own past does not explain, with what moved along and what was deployed."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lab import Lab, rules
from tests.objectives.stored import DAY, Connection, store_minutes
from upkeep.answer import Answer, Metric, Severity, Status
from upkeep.checks.service.anomalies import anomalies
from upkeep.checks.service.anomalies_said import AnomalyRow
from upkeep.signals.minutes import Minute
from upkeep.sources.rows import Rows
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Window

START = datetime(2026, 4, 1, tzinfo=UTC)
DAYS = 28
TODAY = Window(START + (DAYS - 1) * DAY, START + DAYS * DAY)
NOON = (DAYS - 1) * 24 + 12
Change = Callable[[int, Minute], Minute | None]


@pytest.fixture
def connection(lab: Lab) -> Connection:
    """An empty report database."""
    migrate(lab.endpoint)
    return lab.session()


def usual(days: int = DAYS, scale: float = 60, seed: str = "usual") -> list[Minute]:
    """Days with few requests at night and many at noon, and one error in 500."""
    chance, found = random.Random(seed), []  # noqa: S311 - noise, not a secret
    for place in range(days * 1440):
        middle = scale * (1.2 - math.cos(place * math.tau / 1440))
        requests = max(0, round(chance.gauss(middle, math.sqrt(middle))))
        found.append(Minute(requests, errors=sum(chance.random() < 0.002 for _ in range(requests)), slow=round(requests * 0.05)))
    return found


def put(connection: Connection, change: Change = lambda _, minute: minute, **made: Any) -> None:
    """Those days, changed by the number of the hour."""
    store_minutes(connection, "shop", START, [change(place // 60, minute) for place, minute in enumerate(usual(**made))])


def service(**more: Any) -> Service:
    return Service(name="shop", owner="tester", signals={"kind": "query", "connection": "shop", "minutes": "select"}, **more)


def asked(connection: Connection, window: Window = TODAY, of: Service | None = None, **thresholds: float) -> Answer:
    found: Answer = anomalies.ask(of or service(), Rows(connection), window, **thresholds)
    return found


def rows(answer: Answer) -> list[AnomalyRow]:
    return [one for one in answer.records if isinstance(one, AnomalyRow)]


def at(hour: int) -> datetime:
    return TODAY.start + timedelta(hours=hour)


@pytest.mark.baseline
def test_days_as_always_have_none(connection: Connection) -> None:
    put(connection)
    answer = asked(connection)
    assert (answer.status, answer.summary) == (Status.OK, "no anomaly among 3 series")
    assert all(asked(connection, Window(TODAY.start - n * DAY, TODAY.end - n * DAY)).status is Status.OK for n in range(1, 12))


@pytest.mark.near_miss
def test_a_little_more_is_none(connection: Connection) -> None:
    put(connection, lambda hour, minute: Minute(round(minute.requests * 1.1), minute.errors, slow=0) if hour == NOON else minute)
    assert rules(asked(connection)) == []


@pytest.mark.fault
def test_two_hours_without_most_requests_are_a_fall(connection: Connection) -> None:
    put(connection, lambda hour, minute: Minute(minute.requests // 4, slow=0) if hour in {NOON, NOON + 1} else minute)
    answer = asked(connection)
    assert rules(answer) == [("requests_fall", "requests a minute")]
    (row,) = rows(answer)
    assert (row.since, row.open) == (at(12), False)
    assert row.at in {at(12), at(13)}
    assert row.value < row.low < row.expected < row.high
    assert row.n >= 26 * 24
    assert "by chance once in" in answer.findings[0].title


@pytest.mark.fault
def test_errors_that_come_with_slowness_after_a_deployment_say_so(connection: Connection) -> None:
    put(
        connection,
        lambda hour, minute: Minute(minute.requests, minute.requests // 5, slow=minute.requests // 2) if hour >= NOON else minute,
    )
    connection.execute(
        "insert into upkeep.deployment (service, deployment, version, started_at, finished_at) "
        "values ('shop', '7', 'v7', %s, %s)",
        [at(11), at(12)],
    )
    answer = asked(connection)
    assert sorted(rules(answer)) == [("error_share_rise", "share of errors"), ("slow_share_rise", "share of slow answers")]
    errors = next(row for row in rows(answer) if row.rule == "error_share_rise")
    save(connection, anomalies, "shop", TODAY, answer, Provenance("daily", "r", "t", 0, 1, TODAY.end, 0))
    stored = connection.execute("select rule, together, deployments, unit from upkeep.anomaly order by rule").fetchall()
    assert stored[0] == ("error_share_rise", ["share of slow answers"], errors.deployments, "1")
    assert (errors.since, errors.open, errors.together) == (at(12), True, ["share of slow answers"])
    assert errors.deployments == ["v7 to production at 2026-04-28 12:00 UTC"]
    assert "see whether v7 to production" in answer.findings[0].remedy
    assert "with it moved share of" in answer.findings[0].title


@pytest.mark.near_miss
def test_hours_that_nobody_saw_are_no_anomaly(connection: Connection) -> None:
    put(connection, lambda hour, minute: None if NOON <= hour < NOON + 4 else minute)
    assert rules(asked(connection)) == []


@pytest.mark.near_miss
def test_an_hour_seen_in_part_is_judged_by_its_minutes_or_not_at_all(connection: Connection) -> None:
    store_minutes(
        connection, "shop", START, [None if place // 60 == NOON and place % 60 < 40 else m for place, m in enumerate(usual())]
    )
    assert rules(asked(connection)) == []
    connection.execute("truncate upkeep.answer cascade")
    store_minutes(connection, "shop", START, [None if place % 20 == 7 else minute for place, minute in enumerate(usual())])
    assert asked(connection).summary == "no anomaly among 3 series"


@pytest.mark.near_miss
def test_low_traffic_says_so_and_its_shares_are_not_judged(connection: Connection) -> None:
    put(
        connection,
        lambda hour, minute: Minute(minute.requests, min(1, minute.requests), slow=0) if hour == NOON else minute,
        scale=0.5,
    )
    answer = asked(connection)
    assert rules(answer) == []
    assert "too little traffic to judge share of errors, share of slow answers" in answer.summary


def test_in_the_first_two_weeks_nothing_is_said(connection: Connection) -> None:
    put(connection, days=10)
    answer = asked(connection, Window(START + 9 * DAY, START + 10 * DAY))
    assert (answer.status, answer.summary[:43]) == (Status.UNKNOWN, "too short a past: 240 hours were seen well ")
    assert asked(connection, Window(START - DAY, START)).status is Status.UNKNOWN


def test_the_day_says_the_same_whatever_came_later(connection: Connection) -> None:
    put(connection)
    early = Window(TODAY.start - 3 * DAY, TODAY.end - 3 * DAY)
    before = asked(connection, early)
    connection.execute("update upkeep.service_hour set requests = array_fill(9999, array[60]) where hour >= %s", [early.end])
    assert asked(connection, early) == before


def test_what_goes_on_for_days_keeps_its_beginning(connection: Connection) -> None:
    put(connection, lambda hour, minute: Minute(minute.requests, minute.requests // 5, slow=0) if hour >= NOON - 24 else minute)
    (row,) = rows(asked(connection))
    assert (row.since, row.rule) == (at(12) - DAY, "error_share_rise")


def measured(connection: Connection, day: int, value: float, n: int | None, duty: str) -> None:
    window = Window(START + day * DAY, START + (day + 1) * DAY)
    answer = Answer.judged("s", metrics=[Metric(name="hit_rate", value=value, unit=Unit.SHARE, n=n)])
    save(connection, replace(anomalies, name=duty), "db", window, answer, Provenance("daily", "r", "t", 0, 1, window.end, 0))


def hit_rates(connection: Connection, newest: float, n: int | None = 5000, duty: str = "cache") -> None:
    chance = random.Random("cache")  # noqa: S311 - noise, not a secret
    for day in range(90):
        measured(connection, day - 90 + DAYS, newest if day == 89 else 0.9 + chance.gauss(0, 0.004), n, duty)


@pytest.mark.fault
def test_a_stored_metric_of_its_database_is_watched_day_by_day(connection: Connection) -> None:
    hit_rates(connection, 0.7)
    answer = asked(connection, of=service(databases=["db"]))
    assert rules(answer) == [("hit_rate_fall", "cache db hit_rate")]
    (row,) = rows(answer)
    assert (row.since, row.at, row.value, row.unit) == (TODAY.start, TODAY.start, 0.7, "1")
    assert "cache db hit_rate was 70.00% at 2026-04-28" in answer.findings[0].title


@pytest.mark.near_miss
def test_a_metric_that_is_none_of_its_own_or_of_few_is_not_watched(connection: Connection) -> None:
    hit_rates(connection, 0.7, n=20)
    assert asked(connection).status is Status.UNKNOWN
    assert rules(asked(connection, of=service(databases=["db"]))) == []


def test_a_metric_is_watched_by_its_name(connection: Connection) -> None:
    hit_rates(connection, 0.7, duty="other")
    assert asked(connection, of=service(databases=["db"])).status is Status.UNKNOWN
    assert rules(asked(connection, of=service(databases=["db"], watched=["hit_rate"]))) != []


_OPENED = """
    insert into upkeep.decision (key, kind, duty, target, window_start, window_end, run, question, digest, subject, needed,
        due_days, status, outcome, opened_at, due_at, closed_at)
    values (%(key)s, 'review', 'anomaly_verdicts', 'shop', %(at)s::timestamptz - interval '7 d', %(at)s, '', '{}', 'd', 's', 1,
        7, 'answered', 'Sign', %(at)s, %(at)s::timestamptz + interval '7 d', %(at)s)
"""
_SIGNED = """
    insert into upkeep.decision_answer
    values (%(key)s, 1, 1, 'Sign', jsonb_build_object('anomaly_1', %(verdict)s::text), 'u', '1', 'ann', %(at)s,
        '{"fields": [{"name": "anomaly_1", "object": "requests_fall@x@y"}]}', 'd', '', 's')
"""


def verdicts(connection: Connection, real: int, wrong: int, answered: datetime = TODAY.start) -> None:
    for number, verdict in enumerate(["real"] * real + ["false alarm"] * wrong):
        values = {"key": f"d{number}", "verdict": verdict, "at": answered}
        connection.execute(_OPENED, values)
        connection.execute(_SIGNED, values)


@pytest.mark.parametrize(
    ("real", "wrong", "severity"),
    [(0, 0, Severity.MEDIUM), (4, 4, Severity.MEDIUM), (3, 5, Severity.LOW), (0, 7, Severity.MEDIUM)],
)
def test_a_rule_that_was_mostly_wrong_is_demoted(connection: Connection, real: int, wrong: int, severity: Severity) -> None:
    put(connection, lambda hour, minute: Minute(minute.requests // 4, slow=0) if hour == NOON else minute)
    verdicts(connection, real, wrong)
    answer = asked(connection)
    assert [finding.severity for finding in answer.findings] == [severity]
    assert [(m.numerator, m.denominator) for m in answer.metrics] == ([(real, real + wrong)] if real + wrong else [])
    assert ("this rule was right in 3 of 8" in answer.findings[0].title) is (severity is Severity.LOW)


def test_verdicts_that_came_later_change_no_day(connection: Connection) -> None:
    put(connection, lambda hour, minute: Minute(minute.requests // 4, slow=0) if hour == NOON else minute)
    verdicts(connection, 0, 20, TODAY.end + DAY)
    assert [finding.severity for finding in asked(connection).findings] == [Severity.MEDIUM]
