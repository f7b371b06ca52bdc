"""Days of services and deployments, asked for in part: the same as all of them, cut."""

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import Lab
from tests.service_world import day_of, put_day
from upkeep.signals.minutes import Minute

if TYPE_CHECKING:
    import psycopg

END = datetime(2026, 11, 20, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PUT = """
    insert into upkeep.deployment (service, deployment, version, started_at, finished_at, status, failed_at, unplanned)
    values (%s, %s, %s, %s, %s, %s, %s, %s)
"""


def deploy(connection: "psycopg.Connection[Any]", chance: random.Random) -> None:
    """Sixty deployments of three services: some are marked, some rolled back, some bring back what had been live before."""
    for number in range(60):
        at = END - chance.randrange(1, 400) * HOUR
        status = chance.choice(["succeeded"] * 5 + ["rolled back", "failed", "cancelled"])
        marked = at + chance.randrange(1, 30) * HOUR if chance.random() < 0.2 else None
        service, version = chance.choice("abc"), f"v{chance.randrange(20)}"
        connection.execute(PUT, [service, f"d{number}", version, at, at, status, marked, chance.choice([None, True, False])])


@pytest.mark.parametrize("seed", range(5))
def test_deployments_since_a_moment_are_those_of_all_that_went_live_since(reports: Lab, seed: int) -> None:
    connection, chance = reports.session(), random.Random(seed)  # noqa: S311 - rows, not secrets
    deploy(connection, chance)
    for hours in (40, 200, 390):
        as_of, since = END - chance.randrange(40) * HOUR, END - hours * HOUR
        about = {"as_of": as_of, "since": since}
        every = (
            "select * from upkeep.live_deployments(%(as_of)s) where live_at >= %(since)s order by service, live_at, deployment"
        )
        part = "select * from upkeep.live_deployments(%(as_of)s, %(since)s) order by service, live_at, deployment"
        one = "select * from upkeep.live_deployments(%(as_of)s, services => array['b']) order by service, live_at, deployment"
        asked = connection.execute(every, about).fetchall()
        assert asked == connection.execute(part, about).fetchall()
        of_one = [row for row in connection.execute(every, {**about, "since": END - 999 * HOUR}).fetchall() if row[0] == "b"]
        assert of_one == connection.execute(one, about).fetchall()


def test_of_days_that_overlap_the_one_asked_last_counts(reports: Lab) -> None:
    connection = reports.session()
    for hours in (0, 24, 26, 48, 72):
        put_day(connection, "web", END - hours * HOUR, day_of(END - hours * HOUR, [Minute(hours + 1, 0, 0, 0, 0)]))
    put_day(connection, "api", END, day_of(END, [Minute(5, 0, 0, 0, 0)]))
    connection.execute("update upkeep.answer set asked_at = %s where window_end = %s", [END + DAY, END - 26 * HOUR])
    query = "select target, window_end from upkeep.golden_signal_days('-infinity', 'infinity') order by target, window_end"
    found = connection.execute(query).fetchall()
    assert found == [("api", END), *(("web", END - hours * HOUR) for hours in (72, 26, 0))]
    named = connection.execute("select target from upkeep.golden_signal_days('-infinity', 'infinity', array['api'])").fetchall()
    assert named == [("api",)]


def test_days_beside_each_other_do_not_overlap(reports: Lab) -> None:
    connection = reports.session()
    for back in range(5):
        put_day(connection, "web", END - back * DAY, day_of(END - back * DAY, [Minute(1, 0, 0, 0, 0)]))
    days = connection.execute("select count(*) from upkeep.golden_signal_days(%s, %s)", [END - 4 * DAY, END]).fetchone()
    assert days == (4,), "of whole days inside the span each counts"
