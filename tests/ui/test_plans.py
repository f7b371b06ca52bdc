"""Pages look at what they show, not at all that ever was for each of it."""

from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.lab import Lab
from tests.plans import rows_looked_at
from upkeep.ui.database import statement


def looked_at(past: Lab, query: str, params: dict[str, Any]) -> float:
    """Rows that a page's query looks at."""
    with past.endpoint.connect("plan") as connection:
        row = connection.execute(b"explain (analyze, format json) " + statement(query), params).fetchone()
    assert row
    return rows_looked_at(row[0][0]["Plan"])


def newest(connection: "psycopg.Connection[Any]") -> dict[str, Any]:
    """The window of the newest daily run, as the page of a run asks for it."""
    query = "select cadence, window_start as start, window_end as end from upkeep.latest_run where cadence = 'daily'"
    found = connection.cursor(row_factory=dict_row).execute(query).fetchone()
    assert found
    return {**found, "now": datetime.now(UTC), "limit": 100}


def test_the_page_of_a_run_looks_up_the_lives_of_its_own_findings(past: Lab) -> None:
    """Of a run of 1,200 findings beside 60,000 past ones it looked through all lives for each finding, for over a minute."""
    with past.endpoint.connect("look") as connection:
        window = newest(connection)
        counted = connection.execute(
            "select count(*), (select count(*) from upkeep.episode) from upkeep.finding where window_end = %s", [window["end"]]
        ).fetchone()
    assert counted
    findings, lives = counted
    assert lives > 10 * findings > 0, "else this says nothing"
    # With each life looked at for each finding, and what belongs to it, it was more than five times as many.
    assert looked_at(past, "run_findings", window) < 3 * lives * findings


def test_an_episode_that_ended_says_when_it_was_seen_to_be_gone(past: Lab) -> None:
    with past.endpoint.connect("look") as connection:
        other = "gone_at is distinct from upkeep.gone_at(duty, target, resolved_at)"
        found = connection.execute(
            f"select count(*), count(*) filter (where {other}) from upkeep.episode where resolved_at is not null"
        )
        row = found.fetchone()
    assert row
    assert row[0] > 0
    assert row[1] == 0
