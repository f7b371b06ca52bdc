"""capacity: what was measured, where it goes, and when a limit is reached."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.capacity_world import END, foretold, keep, put_days, put_storage
from tests.lab import Lab, rules
from tests.stats.made import saw, steady, straight
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.capacity import CapacityForecast
from upkeep.store.migrate import migrate

if TYPE_CHECKING:
    import psycopg

SERVER, ROLE = {"scope": "server", "name": "max_connections"}, {"scope": "role", "name": "shop"}
Connection: TypeAlias = "psycopg.Connection[Any]"


@pytest.fixture
def connection(lab: Lab) -> Connection:
    """An empty report database."""
    migrate(lab.endpoint)
    return lab.session()


def records(answer: Answer) -> dict[str, CapacityForecast]:
    return {r.measure: r for r in answer.records if isinstance(r, CapacityForecast)}


@pytest.mark.baseline
def test_a_calm_past_reaches_nothing(lab: Lab, connection: Connection) -> None:
    put_storage(connection, steady(90))
    put_days(connection, "connection_use", "connections_used", [0.3 + (day % 5) / 100 for day in range(90)], "1", **SERVER)
    answer = foretold(lab, connection, storage_gb=1000)
    assert answer.status is Status.OK
    assert answer.summary.startswith("2 limits foretold, none is in sight; 80 % intervals held in ")


@pytest.mark.near_miss
def test_a_limit_beyond_the_plan_is_no_finding(lab: Lab, connection: Connection) -> None:
    """300 MB a day from 127 GB: 180 days later it is at 181 GB."""
    put_storage(connection, straight(90))
    assert rules(foretold(lab, connection, storage_gb=200)) == []


@pytest.mark.near_miss
def test_freezing_is_no_growth(lab: Lab, connection: Connection) -> None:
    """Ages rise and fall: what falls again every month never reaches the end."""
    put_days(connection, "wraparound", "xid_age", [value / 12_000 for value in saw(150)], "1", database="shop")
    assert rules(foretold(lab, connection)) == []


@pytest.mark.fault
def test_storage_that_fills_within_the_plan(lab: Lab, connection: Connection) -> None:
    put_storage(connection, straight(90))
    answer = foretold(lab, connection, storage_gb=150)
    assert rules(answer) == [("limit_ahead", "storage")]
    finding = answer.findings[0]
    assert finding.severity is Severity.MEDIUM
    assert finding.limit == pytest.approx(150e9)
    kept = records(answer)["storage"]
    assert kept.earliest_at
    assert kept.expected_at
    assert abs(kept.expected_at - (END + timedelta(days=77))) < timedelta(days=10)
    assert kept.earliest_at <= kept.expected_at
    assert f"most likely {kept.expected_at:%Y-%m-%d}" in finding.title
    assert "likely within 180 days; intervals held in " in finding.title
    assert (kept.n, kept.past_days, kept.reason) == (90, 90, None)
    assert kept.tested >= kept.held > 0


@pytest.mark.fault
def test_what_is_near_is_high(lab: Lab, connection: Connection) -> None:
    put_storage(connection, straight(90))
    assert foretold(lab, connection, storage_gb=130).findings[0].severity is Severity.HIGH


@pytest.mark.fault
def test_what_is_only_possible_is_low(lab: Lab, connection: Connection) -> None:
    put_storage(connection, straight(90, noise=60))
    found = {gb: foretold(lab, connection, storage_gb=gb).findings for gb in (170, 180, 185, 190, 200, 400)}
    severities = [finding.severity for findings in found.values() for finding in findings]
    assert Severity.LOW in severities
    assert severities == sorted(severities, reverse=True)
    assert found[400] == ()


@pytest.mark.fault
def test_connections_and_sequences_have_limits_of_their_own(lab: Lab, connection: Connection) -> None:
    put_days(connection, "connection_use", "connections_used", [0.4 + 0.004 * day for day in range(90)], "1", **ROLE)
    put_days(
        connection, "sequences", "sequence_used", [0.5 + 0.003 * day for day in range(90)], "1", sequence="public.orders_id_seq"
    )
    assert rules(foretold(lab, connection)) == [
        ("limit_ahead", "connections of role shop"),
        ("limit_ahead", "sequence public.orders_id_seq"),
    ]


def test_shares_stay_below_one(lab: Lab, connection: Connection) -> None:
    put_days(connection, "sequences", "sequence_used", [0.5 + 0.005 * day for day in range(90)], "1", sequence="s")
    kept = records(foretold(lab, connection))["sequence s"]
    assert max(kept.high) == 1
    assert all(low <= middle <= high for low, middle, high in zip(kept.low, kept.middle, kept.high, strict=True))
    assert kept.ahead_days[0] == 1
    assert kept.ahead_days[-1] == 180  # twice the past


def test_without_a_past_it_is_unknown(lab: Lab, connection: Connection) -> None:
    answer = foretold(lab, connection)
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "nothing was measured of it until the window's end")


def test_a_short_past_is_told_with_its_length(lab: Lab, connection: Connection) -> None:
    put_storage(connection, straight(9))
    answer = foretold(lab, connection)
    assert answer.status is Status.UNKNOWN
    assert answer.summary == "too short a history: 9 values over 9 days, 14 are needed"


def test_what_is_too_short_beside_what_is_not(lab: Lab, connection: Connection) -> None:
    put_storage(connection, straight(60))
    put_days(connection, "sequences", "sequence_used", [0.5] * 5, "1", sequence="s")
    answer = foretold(lab, connection)
    assert "1 number with too short a history; storage has no limit (storage_gb is not given)" in answer.summary
    assert records(answer)["sequence s"].reason == "too short a history: 5 values over 5 days, 14 are needed"
    assert records(answer)["sequence s"].ahead_days == []


def test_what_came_after_the_window_is_not_used(lab: Lab, connection: Connection) -> None:
    put_storage(connection, straight(60))
    before = foretold(lab, connection, storage_gb=150)
    connection.execute(
        "insert into upkeep.metric_day (duty, target, day, name, labels, unit, min, max, avg, sum, n, last)"
        " values ('database_growth', 'lab', '2026-10-01', 'server_bytes', '{}', 'bytes', 9e12, 9e12, 9e12, 9e12, 1, 9e12)"
    )
    assert foretold(lab, connection, storage_gb=150) == before


def test_only_the_fullest_parts_are_looked_at(lab: Lab, connection: Connection) -> None:
    for n in range(8):
        put_days(connection, "sequences", "sequence_used", [n / 10] * 20, "1", sequence=f"s{n}")
    assert sorted(records(foretold(lab, connection))) == [f"sequence s{n}" for n in range(3, 8)]


def test_rows_are_replaced_with_the_answer(lab: Lab, connection: Connection) -> None:
    put_storage(connection, straight(60))
    for _ in range(2):
        keep(connection, foretold(lab, connection, storage_gb=150))
    rows = connection.execute(
        "select measure, limit_value, n, labels, cardinality(high) from upkeep.capacity_forecast"
    ).fetchall()
    assert [(row[0], row[1], row[2], row[3]) for row in rows] == [("storage", 150e9, 60, {})]
    assert rows[0][4] > 0
