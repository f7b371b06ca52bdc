"""alerts: what fired, for how long, and what nobody acknowledged; Prometheus and Alertmanager are real."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.alertmanager_lab import alertmanager, needs_alertmanager, silence
from tests.checks.service.prometheus_days import service
from tests.lab import Lab, rules
from tests.prometheus_lab import Past, Served, needs_prometheus, prometheus
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.service.alerts import alerts
from upkeep.errors import BrokenError
from upkeep.signals.alert_rows import AlertFiring
from upkeep.targets.diagnosis import Level
from upkeep.window import Window

pytestmark = [needs_prometheus, needs_alertmanager]
# Silences begin when they are made: the window lies around this moment.
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
WINDOW = Window(NOW - timedelta(hours=4), NOW + timedelta(hours=2))
MINUTE, LENGTH = 60, 6 * 3600
FIVE_DAYS_AGO = Window(WINDOW.start - timedelta(days=6), WINDOW.end - timedelta(days=6))


@dataclass(frozen=True)
class World:
    """Both servers."""

    served: Served
    manager: str


def _fires(past: Past, name: str, *spans: tuple[float, float], severity: str = "critical") -> None:
    """Evaluated each minute; spans are minutes of the window."""
    at = [(minute * MINUTE, 1.0) for first, last in spans for minute in range(int(first), int(last) + 1)]
    past.add("ALERTS", at, alertname=name, alertstate="firing", severity=severity, service=name)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Alerts of every kind, of which one is silenced."""
    past = Past(WINDOW.start)
    past.add("up", [(at, 1.0) for at in range(-600, LENGTH + 60, MINUTE)], job="any", instance="i")
    _fires(past, "Down", (60, 100))
    _fires(past, "Short", (60, 74))
    _fires(past, "Slow", (60, 100), severity="warning")
    _fires(past, "Late", (60, 80), (84, 100))
    _fires(past, "Long", (-120, 30))
    _fires(past, "Before", (-120, -10))
    _fires(past, "Open", (200, 360))
    _fires(past, "Five", *((minute, minute + 1) for minute in range(0, 100, 20)), severity="warning")
    _fires(past, "Enough", (60, 75))
    _fires(past, "Flaps", *((minute, minute + 1) for minute in range(0, 120, 20)), severity="warning")
    for copy, late in (("a", 0.0), ("b", 7.0)):
        at = [(minute * MINUTE + late, 1.0) for minute in range(60, 101)]
        labels = {"alertname": "Twice", "alertstate": "firing", "severity": "warning", "service": "Twice"}
        past.add("ALERTS", at, prometheus_replica=copy, **labels)
    past.add("ALERTS", [(at, 1.0) for at in range(0, LENGTH, MINUTE)], alertname="Soon", alertstate="pending", service="Soon")
    six = past.start.timestamp() - FIVE_DAYS_AGO.start.timestamp()
    past.add("up", [(at - six, 1.0) for at in range(0, LENGTH // 3 * 2, MINUTE)], job="then", instance="i")
    labels = {"alertname": "Old", "alertstate": "firing", "service": "Old", "severity": "page"}
    past.add("ALERTS", [(at - six, 1.0) for at in range(60, 3600, MINUTE)], **labels)
    with (
        prometheus(tmp_path_factory.mktemp("prometheus"), past) as served,
        alertmanager(tmp_path_factory.mktemp("alertmanager")) as manager,
    ):
        yield World(served, manager)


def asked(world: World, name: str, window: Window = WINDOW, **thresholds: float | str) -> Answer:
    place = {"connection": "prometheus", "match": f'service=~"{name}"', "alertmanager": "manager"}
    found: Answer = alerts.ask(service(alerts=[place]), world.served.connections(manager=world.manager), window, **thresholds)
    return found


def row(answer: Answer) -> AlertFiring:
    (found,) = answer.records
    assert isinstance(found, AlertFiring)
    return found


def at(minute: int) -> datetime:
    return WINDOW.start + timedelta(minutes=minute)


@pytest.mark.baseline
def test_nothing_fired(world: World) -> None:
    answer = asked(world, "Soon")
    assert (answer.status, answer.summary, answer.records) == (Status.OK, "0 alerts", ())


@pytest.mark.near_miss
def test_a_short_one_and_one_of_no_urgency_are_only_stored(world: World) -> None:
    assert rules(asked(world, "Short|Slow")) == []
    assert row(asked(world, "Short")).seconds == 14 * MINUTE


@pytest.mark.fault
def test_one_that_nobody_acknowledged(world: World) -> None:
    answer = asked(world, "Down")
    assert rules(answer) == [("unacknowledged", 'Down{service="Down", severity="critical"}')]
    assert answer.worst is Severity.HIGH
    assert answer.findings[0].title == "Down fired for 40 min and nobody acknowledged it (limit 15 min)"
    assert (answer.findings[0].value, answer.findings[0].limit) == (40 * MINUTE, 15 * MINUTE)
    assert rules(asked(world, "Enough")) != [], "as long as its limit is long enough"
    found = row(answer)
    assert (found.began, found.ended, found.acknowledged, found.acknowledged_known) == (at(60), at(100), None, True)


@pytest.mark.fault
def test_one_that_comes_and_goes(world: World) -> None:
    answer = asked(world, "Flaps")
    assert rules(answer) == [("noisy", 'Flaps{service="Flaps", severity="warning"}')]
    assert answer.findings[0].title == "Flaps fired 6 times (limit 5)"
    assert [(metric.name, metric.value) for metric in answer.metrics[:2]] == [("alerts", 6), ("alert_time", 6 * MINUTE)]


@pytest.mark.near_miss
def test_one_that_comes_as_often_as_it_may_is_not_noisy(world: World) -> None:
    assert rules(asked(world, "Five")) == []


def test_a_late_evaluation_is_no_end(world: World) -> None:
    found = row(asked(world, "Late"))
    assert (found.began, found.ended, found.seconds) == (at(60), at(100), 40 * MINUTE)


def test_of_one_that_began_before_only_the_window_counts(world: World) -> None:
    found = row(asked(world, "Long"))
    assert (found.began, found.ended, found.seconds) == (at(-120), at(30), 30 * MINUTE)
    assert asked(world, "Before").records == ()


def test_one_that_goes_on_has_no_end(world: World) -> None:
    found = row(asked(world, "Open"))
    assert (found.began, found.ended, found.seconds) == (at(200), None, 160 * MINUTE)


def test_a_silence_acknowledges(world: World) -> None:
    silence(world.manager, NOW, WINDOW.end, alertname="Open")
    answer = asked(world, "Open")
    assert (rules(answer), row(answer).acknowledged_by) == ([], "on call")
    assert rules(asked(world, "Down")) != [], "it is of another alert"


def test_of_long_ago_nobody_knows_what_was_acknowledged(world: World) -> None:
    answer = asked(world, "Old", FIVE_DAYS_AGO)
    assert (rules(answer), row(answer).acknowledged_known) == ([], False)
    assert "what was acknowledged is not known" in answer.summary
    assert "Prometheus was there for 6" in answer.summary


def test_a_prometheus_that_was_down_knows_of_no_alert(world: World) -> None:
    answer = asked(world, "Down", Window(WINDOW.start - timedelta(days=2), WINDOW.start - timedelta(days=1)))
    assert answer.status is Status.UNKNOWN


def test_a_service_without_a_place_says_so(world: World) -> None:
    answer: Answer = alerts.ask(service(), world.served.connections(), WINDOW)
    assert (answer.status, answer.summary) == (Status.OK, "no place of alerts is declared")


def test_rows_fit_their_table(reports: Lab) -> None:
    assert reports.value("select count(*) from upkeep.alert_firing") == 0
    columns = "select array_agg(column_name::text) from information_schema.columns where table_name = 'alert_firing'"
    assert set(AlertFiring.columns()) == set(reports.value(columns)) - {"duty", "target", "window_start", "window_end"}


def test_doctor_is_told_whether_each_place_answers(world: World) -> None:
    place = {"connection": "prometheus", "match": 'job="none"'}
    shop = service(
        alerts=[{**place, "alertmanager": "manager"}, place],
        infrastructure=[{**place, "preset": "node"}],
        caches=[{**place, "name": "c", "preset": "redis"}],
    )
    found = [each for each in shop.examine(world.served.connections(manager=world.manager), ()) if each.about != "signals"]
    assert [(each.about, each.level) for each in found] == [
        ("infrastructure", Level.NO), ("caches", Level.NO), ("alerts", Level.OK), ("alerts", Level.OK),
    ]  # fmt: skip
    assert 'has no {job="none"} at present' in found[0].text
    assert 'has no redis_keyspace_hits_total{job="none"} at present' in found[1].text
    assert "Alertmanager keeps" in found[2].text
    assert "without Alertmanager" in found[3].text


def test_another_api_than_alertmanagers_is_said(world: World) -> None:
    place = {"connection": "prometheus", "match": 'service="Down"', "alertmanager": "manager"}
    with pytest.raises(BrokenError, match="Alertmanager at http"):
        alerts.ask(service(alerts=[place]), world.served.connections(manager=world.served.url), WINDOW)


def test_one_that_two_servers_evaluate_fired_once(world: World) -> None:
    found = asked(world, "Twice")
    assert (row(found).seconds, "replica" in row(found).labels) == (40 * MINUTE + 7, False)
