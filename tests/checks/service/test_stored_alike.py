"""A day with 25 hours, asked as scheduled and again in a backfill: the same rows, minute by minute."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.lab import Lab, asking
from tests.prometheus_lab import Past, Served, needs_prometheus, prometheus
from upkeep.answer import Status
from upkeep.checks.service.alerts import alerts
from upkeep.checks.service.cache import cache
from upkeep.checks.service.golden_signals import golden_signals
from upkeep.checks.service.infrastructure import infrastructure
from upkeep.duty import Duty
from upkeep.runner import ask_and_store
from upkeep.targets.service import Service
from upkeep.window import Cadence

pytestmark = needs_prometheus
BERLIN = ZoneInfo("Europe/Berlin")
# The clocks go back on this day, from 3 to 2 in the morning.
WINDOW = Cadence.DAILY.last_full(datetime(2025, 10, 26, 23, 30, tzinfo=UTC), BERLIN)
AT = range(-600, 25 * 3600 + 1, 60)
PLACE = {"connection": "prometheus", "match": 'job="shop"'}
SHOP = {
    "name": "shop",
    "owner": "tester",
    "signals": {"kind": "prometheus", **PLACE},
    "infrastructure": [{**PLACE, "preset": "up"}],
    "caches": [{**PLACE, "name": "sessions", "preset": "redis"}],
    "alerts": [PLACE],
}
TABLES = {
    "answer": "duty, status, summary, evidence",
    "metric": "duty, name, labels, at, value, unit, numerator, denominator, n",
    "finding": "duty, fingerprint, title",
    "golden_signal": "*",
    "service_hour": "*",
    "alert_firing": "*",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Ten requests a minute, of which one fails, by a target that was down in the second of the two hours after two."""
    past, labels = Past(WINDOW.start), {"job": "shop", "instance": "i"}
    seen = [at for at in AT if not 3 * 3600 <= at < 4 * 3600]
    past.add("up", [(at, float(at in seen)) for at in AT], **labels)
    for code, by in (("200", 9), ("500", 1)):
        past.add("http_requests_total", [(at, by * at // 60 + 100) for at in seen], code=code, **labels)
    for name, by in (("hits", 9), ("misses", 1)):
        past.add(f"redis_keyspace_{name}_total", [(at, by * at // 60 + 100) for at in seen], **labels)
    past.add("ALERTS", [(at, 1) for at in range(3 * 3600, 4 * 3600, 60)], alertname="Down", alertstate="firing", **labels)
    with prometheus(tmp_path_factory.mktemp("prometheus"), past) as made:
        yield made


def rows(reports: Lab) -> dict[str, list[Any]]:
    with reports.endpoint.connect("look") as connection:
        return {
            table: connection.execute(f"select {columns} from upkeep.{table} order by {columns}::text".encode()).fetchall()
            if columns != "*"
            else sorted(map(repr, connection.execute(f"select * from upkeep.{table}".encode()).fetchall()))
            for table, columns in TABLES.items()
        }


def ask(reports: Lab, served: Served, duty: Duty, *, replay: bool) -> Status:
    asked = asking(duty, Service.model_validate(SHOP), served.connections(), window=WINDOW, replay=replay)
    return ask_and_store(asked, reports.endpoint).status


def test_a_day_with_25_hours_is_stored_alike_however_it_is_asked(reports: Lab, served: Served) -> None:
    duties = (golden_signals, infrastructure, cache, alerts)
    first = [ask(reports, served, duty, replay=False) for duty in duties]
    stored = rows(reports)
    assert [ask(reports, served, duty, replay=True) for duty in duties] == first
    assert rows(reports) == stored
    assert first == [Status.BREACH, Status.BREACH, Status.OK, Status.OK]
    assert (len(stored["golden_signal"]), len(stored["service_hour"]), len(stored["alert_firing"])) == (1, 24, 1)
    assert reports.value("select minutes from upkeep.golden_signal") == 25 * 60
    unseen = reports.value("select minutes - minutes_seen from upkeep.golden_signal")
    assert 60 <= unseen <= 62
    assert reports.value("select count(*) from upkeep.service_minute") == 25 * 60 - unseen
    assert reports.value("select array_agg(distinct requests) from upkeep.service_minute") == [10]
    assert reports.value("select array_agg(distinct errors) from upkeep.service_minute") == [1]
