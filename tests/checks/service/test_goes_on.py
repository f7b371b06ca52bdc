"""Stored rows of a past window, asked as scheduled, by hand, and in a backfill weeks later, when more is known: the same rows."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.alike import dated_checks
from tests.checks.service.test_anomalies import verdicts
from tests.delivery.world import BY, World, live
from tests.lab import Lab, asking
from upkeep.answer import Answer, Metric, Status
from upkeep.delivery.deployed import Outcome
from upkeep.duty import Duty
from upkeep.runner import ask_and_store
from upkeep.signals.minutes import Minute
from upkeep.sources.connections import OneDatabase
from upkeep.sources.rows import Rows
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window

START, DAY = datetime(2026, 4, 6, tzinfo=UTC), timedelta(days=1)
KNOWN, LATER = 35, 14
END = START + KNOWN * DAY
WINDOWS = {Cadence.DAILY: Window(END - DAY, END), Cadence.WEEKLY: Window(END - 7 * DAY, END)}
ENDPOINTS = "select '/carts' as endpoint, 900 as requests, 0 as errors, 90 as total_s, 0.2 as p95_s where %(start)s < %(end)s"
MINUTES = """
    select minute, 1 as requests
    from generate_series(%(start)s::timestamptz, %(end)s::timestamptz - interval '1 minute', '1 minute') as minute
"""
WEB = Service.model_validate(
    {
        "name": "web",
        "owner": "ann",
        "signals": {"kind": "query", "connection": "c", "minutes": MINUTES, "endpoints": ENDPOINTS},
        "databases": ["shop"],
        "watched": ["hit_rate"],
    }
)
DUTIES = [duty for duty in dated_checks() if Rows in duty.takes.values() and duty.target is Service]
RUNS = (
    {"provenance": BY, "replay": False},
    {"provenance": BY, "replay": False, "asked_by": "ann"},
    {"provenance": BY, "replay": True, "asked_by": "ann"},
)
_TABLES = """
    select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = 'upkeep' and table_type = 'BASE TABLE'
    and column_name in ('duty', 'target', 'window_start', 'window_end')
    group by table_name having count(*) = 4 order by table_name
"""
# What belongs to the asking and not to the answer.
_ASKING = "{asked_at,seconds,dag_id,run_id,task_id,map_index,try_number}"


def day(world: World, number: int, end: datetime) -> None:
    """From the last day that is known on: errors and a third of the requests at noon, and a cache that does worse."""
    odd, window = number >= KNOWN - 1, Window(end - DAY, end)

    def minute(moment: datetime) -> Minute:
        requests = round(40 * (1.2 - math.cos(moment.hour * math.tau / 24)))
        return Minute(requests // 3, requests // 6, slow=0) if odd and moment.hour == 12 else Minute(requests, 0, slow=1)

    world.minutes(minute, window)
    seconds = Metric(name="statements_span", value=86_400, unit=Unit.SECONDS)
    calls = Metric(name="statements_calls", value=90_000 if odd else 900, unit=Unit.COUNT)
    world.save("query_performance", Answer.judged("fine", metrics=[seconds, calls]), window, "shop")
    rate = 0.5 if odd else 0.9
    hits = Metric(name="hit_rate", value=rate, unit=Unit.SHARE, numerator=rate * 1000, denominator=1000, n=1000)
    world.save("cache", Answer.judged("fine", metrics=[hits]), window, "shop")
    deployed = live(str(number), end - 11.9 * timedelta(hours=1), "a", commit_id=f"{number:040x}", committed_at=end - DAY)
    world.kept.keep([deployed])


@pytest.fixture
def world(reports: Lab) -> World:
    made = World(reports)
    for number in range(KNOWN):
        day(made, number, START + (number + 1) * DAY)
    return made


def go_on(world: World) -> None:
    """Two weeks more, in which much comes out about the past."""
    for number in range(KNOWN, KNOWN + LATER):
        day(world, number, START + (number + 1) * DAY)
    newest = live(str(KNOWN - 1), END - 11.9 * timedelta(hours=1), "a", commit_id=f"{KNOWN - 1:040x}", committed_at=END - DAY)
    world.kept.keep([live("later", END + DAY, "a", commit_id=newest.commit_id or "", status=Outcome.SUCCEEDED)])
    world.connection.execute(
        "update upkeep.deployment set failed_at = %s, failed_why = 'found later' where deployment in ('33', '34')", [END + DAY]
    )
    verdicts(world.connection, 0, 20, END + DAY)


def rows(world: World, duty: Duty) -> dict[str, list[str]]:
    """All that is stored of the duty's windows, but for what belongs to the asking."""
    found = {}
    for (table,) in world.connection.execute(_TABLES.encode()).fetchall():
        query = (
            f"select (to_jsonb(one) - %s::text[])::text from upkeep.{table} as one where duty = %s and target = 'web' order by 1"
        )
        found[table] = [row[0] for row in world.connection.execute(query.encode(), [_ASKING, duty.name]).fetchall()]
    return {table: each for table, each in found.items() if each}


def stored(world: World, duty: Duty, **more: Any) -> dict[str, list[str]]:
    asked = asking(duty, WEB, OneDatabase(world.lab.endpoint), window=WINDOWS[duty.cadence], **more)
    assert ask_and_store(asked, world.lab.endpoint).status is not Status.UNKNOWN
    return rows(world, duty)


def test_each_that_reads_what_was_stored_is_one_of_them() -> None:
    assert {duty.name for duty in DUTIES} == {"anomalies", "deployments", "flow", "slo", "slow_endpoints"}


@pytest.mark.parametrize("later", [False, True], ids=["at once", "weeks later"])
def test_every_run_stores_the_same_rows(world: World, later: bool) -> None:  # noqa: FBT001 - a parameter of a test
    first = {duty.name: stored(world, duty, **RUNS[0]) for duty in DUTIES}
    assert {name for each in first.values() for name in each} >= {
        "answer", "metric", "finding", "error_budget", "burn_alert", "anomaly", "deployment_effect", "service_endpoint",
    }  # fmt: skip
    if later:
        go_on(world)
    for run in RUNS[1:]:
        for duty in DUTIES:
            assert stored(world, duty, **run) == first[duty.name], duty.name
