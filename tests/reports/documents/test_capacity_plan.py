"""The capacity plan as a document: what ends first, how far to believe it, what cannot be told."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.capacity_world import QUARTER, foretold, keep, put_days, put_storage
from tests.lab import Lab
from tests.stats.made import straight
from upkeep.reports.documents.capacity_plan import capacity_plan
from upkeep.reports.report import Report, publish_reports
from upkeep.reports.spark import spark
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate
from upkeep.window import Cadence

if TYPE_CHECKING:
    import psycopg


@pytest.fixture
def connection(lab: Lab) -> "psycopg.Connection[Any]":
    """An empty report database."""
    migrate(lab.endpoint)
    return lab.session()


def made(connection: "psycopg.Connection[Any]") -> Report | None:
    return capacity_plan.make(Rows(connection), QUARTER)


def test_nothing_foretold_is_no_report(connection: "psycopg.Connection[Any]") -> None:
    assert made(connection) is None


def test_what_ends_first_stands_first(lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    put_storage(connection, straight(90))
    put_days(connection, "sequences", "sequence_used", [0.5 + 0.005 * day for day in range(90)], "1", sequence="public.a|b")
    put_days(connection, "database_growth", "database_bytes", [1e9] * 30, "bytes", database="shop")
    put_days(connection, "wraparound", "xid_age", [0.1] * 5, "1", database="shop")
    keep(connection, foretold(lab, connection, storage_gb=160))
    report = made(connection)
    assert report
    assert report.title == "Capacity plan, 2026 Q3"
    assert report.headline.startswith(
        "2 limits of 2 reached within the horizon: sequence public.a|b of lab first, about 2026-10-1"
    )
    ahead, short = report.sections
    assert [row[1] for row in ahead.rows] == ["sequence public.a|b", "storage", "size of shop"]
    assert ahead.rows[1][2:4] == ("118.4 GiB", "149.0 GiB")
    assert ahead.rows[2][3:8] == ("none known", "", "", "", "")
    assert short.rows == (("lab", "transaction ids of shop", "too short a history: 5 values over 5 days, 14 are needed"),)


def test_the_document_is_kept(lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    put_storage(connection, straight(90))
    keep(connection, foretold(lab, connection))
    for _ in range(2):
        publish_reports(connection, Cadence.QUARTERLY, QUARTER)
    kept = connection.execute("select title, markdown from upkeep.report where name = 'capacity_plan'").fetchall()
    assert len(kept) == 1
    assert "0 limits of 0 reached within the horizon: none is in sight" in kept[0][1]
    assert "▁" in kept[0][1]


def test_sparks() -> None:
    assert spark([]) == ""
    assert spark([5, 5, 5]) == "▄▄▄"
    assert spark([0, 1, 2, 3]) == "▁▃▆█"
    assert len(spark(list(range(100)))) == 12
