"""The report of a run: what the rows say, the same whatever started it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import Lab
from tests.reports.world import DUTIES, TARGETS, answer, breach, build_world, found, window
from upkeep.answer import Answer, Metric, Severity
from upkeep.notify.links import Links
from upkeep.notify.summary import summary
from upkeep.reports.run import RunReport, build, publish
from upkeep.store.quality_result import QualityResult
from upkeep.units import Unit
from upkeep.window import Cadence

if TYPE_CHECKING:
    import psycopg


@pytest.fixture
def connection(lab: Lab) -> "psycopg.Connection[Any]":
    """A session in a report database with two duties and two targets."""
    build_world(lab.endpoint)
    return lab.session()


def daily(connection: "psycopg.Connection[Any]", day: int, quality: QualityResult | None = None) -> RunReport:
    return build(connection, Cadence.DAILY, window(day), quality or QualityResult(1))


def everything_ok(connection: "psycopg.Connection[Any]", day: int) -> None:
    for duty in DUTIES:
        for target in TARGETS:
            answer(connection, day, breach(), duty=duty, target=target)


@pytest.mark.baseline
def test_all_fine(connection: "psycopg.Connection[Any]") -> None:
    everything_ok(connection, 20)
    report = daily(connection, 20)
    assert report.headline == "all fine"
    assert report.by_status == {"ok": 4, "breach": 0, "unknown": 0}
    assert report.title == "Daily report, 2026-11-20"


@pytest.mark.near_miss
def test_nothing_asked_is_not_fine(connection: "psycopg.Connection[Any]") -> None:
    assert daily(connection, 20).headline == "4 no result"


@pytest.mark.fault
def test_what_became_of_findings(connection: "psycopg.Connection[Any]") -> None:
    everything_ok(connection, 18)
    answer(connection, 19, breach(found("old"), found("gone"), found("back")))
    answer(connection, 20, breach(found("old"), found("gone")))
    answer(connection, 21, breach(found("old"), found("back"), found("fresh", Severity.CRITICAL), found("small", Severity.LOW)))
    report = daily(connection, 21)
    assert [(f.object, f.news) for f in report.open] == [
        ("fresh", "new"), ("back", "reopened"), ("old", ""), ("small", "new"),
    ]  # fmt: skip
    assert [f.title.split()[0] for f in report.resolved] == ["gone"]
    assert [f.object for f in report.red] == ["fresh", "back", "old"]
    assert report.headline == "4 findings, 3 red, 3 no result"


@pytest.mark.fault
def test_unknown_keeps_a_finding_open(connection: "psycopg.Connection[Any]") -> None:
    answer(connection, 20, breach(found("x")))
    answer(connection, 21, Answer.unknown("host away", "correct the connection"))
    report = daily(connection, 21)
    assert [f.object for f in report.open] == ["x"]
    assert report.resolved == ()
    assert [(a.summary, a.remedy) for a in report.unknown] == [("host away", "correct the connection")]
    assert report.headline == "1 finding, 1 red, 1 unknown, 3 no result"


@pytest.mark.near_miss
def test_waived_findings_are_neither_open_nor_red(connection: "psycopg.Connection[Any]") -> None:
    everything_ok(connection, 20)
    answer(connection, 20, breach(found("x")))
    connection.execute(
        "insert into upkeep.waiver values ('w', 'sequences', null, null, 'x', 'r', 'i', 'a', '2026-11-01', '2026-11-22', true)"
    )
    report = daily(connection, 20)
    assert report.headline == "all fine"
    assert [str(f.waived_until) for f in report.waived] == ["2026-11-22"]
    answer(connection, 21, breach(found("x")))
    assert [f.object for f in daily(connection, 21).red] == ["x"], "expired"


@pytest.mark.fault
def test_due_and_overdue(connection: "psycopg.Connection[Any]") -> None:
    for day in range(10, 20):
        answer(connection, day, breach(found("x", Severity.CRITICAL)))
    assert daily(connection, 16).overdue == ()
    assert [f.object for f in daily(connection, 18).overdue] == ["x"]


@pytest.mark.fault
def test_its_own_day_is_when_it_is_due(connection: "psycopg.Connection[Any]") -> None:
    dated = replace(found("x", Severity.CRITICAL), due_by=datetime(2026, 11, 12, 18, tzinfo=UTC))
    for day in (10, 11, 12):
        answer(connection, day, breach(dated))
    assert daily(connection, 11).overdue == ()
    late = daily(connection, 12)
    assert [f.due_at for f in late.overdue] == [dated.due_by]
    publish(connection, late)
    (markdown,) = connection.execute("select markdown from upkeep.report").fetchone() or ("",)
    assert "| 2026-11-11 | 2026-11-12 |" in markdown
    slack = str(summary(late, Links("https://airflow.test/", "daily", "r")))
    assert "*overdue*, found 2026-11-11 · due 2026-11-12 · " in slack


@pytest.mark.fault
def test_the_same_rows_give_the_same_document(connection: "psycopg.Connection[Any]") -> None:
    documents = []
    for run_id in ("scheduled__2026", "backfill__2026", "manual__2026"):
        for day in (19, 20):
            answer(connection, day, breach(found("a"), found("b")), run_id=run_id)
        answer(connection, 20, Answer.unknown("no"), duty=DUTIES[1], run_id=run_id)
        publish(connection, daily(connection, 20))
        documents.append(connection.execute("select title, markdown, content::text, xmin::text from upkeep.report").fetchall())
    assert documents[0] == documents[1] == documents[2], "one row, not even written again"
    assert len(documents[0]) == 1
    assert "scheduled__2026" not in str(documents)


@pytest.mark.fault
def test_a_later_window_does_not_change_the_document(connection: "psycopg.Connection[Any]") -> None:
    answer(connection, 20, breach(found("a")))
    before = daily(connection, 20)
    answer(connection, 21, breach())
    assert daily(connection, 20) == before


@pytest.mark.fault
def test_quality(connection: "psycopg.Connection[Any]") -> None:
    everything_ok(connection, 20)
    failed = daily(connection, 20, QualityResult(1, ("no metric without a unit: 3",)))
    assert failed.headline == "quality gate failed"
    assert "3" in failed.quality_text
    assert build(connection, Cadence.DAILY, window(20), None).quality_text == "Not judged."


@pytest.mark.fault
def test_numbers_beside_earlier_windows(connection: "psycopg.Connection[Any]") -> None:
    for day, value in ((17, 100.0), (18, 200.0), (19, 300.0), (20, 400.0)):
        numbers = [
            Metric(name="size", value=value * 2**30, unit=Unit.BYTES),
            Metric(name="size", value=1, unit=Unit.BYTES, labels={"table": "a"}),
            Metric(name="ratio", value=float("nan"), unit=Unit.SHARE),
        ]
        answer(connection, day, breach(metrics=numbers))
    (number,) = daily(connection, 20).numbers
    assert (number.now, number.earlier, number.change_text, number.windows) == ("400.0 GiB", "200.0 GiB", "+100 %", 3)


@pytest.mark.fault
def test_hostile_words_stay_in_their_cell(connection: "psycopg.Connection[Any]") -> None:
    nasty = 'a | b `c` <script>\n# head\x00 {{ 7*7 }} [x](javascript:1) "q"'
    answer(connection, 20, breach(*(found(f"{nasty}{n}", title=nasty) for n in range(3))), target=TARGETS[1])
    publish(connection, daily(connection, 20))
    row = connection.execute("select markdown, content from upkeep.report").fetchone()
    assert row
    lines = row[0].splitlines()
    assert len([line for line in lines if "head" in line and line.startswith("| high")]) == 3
    assert not [line for line in lines if line.startswith("# head")]
    assert "<script>" not in row[0]
    assert json.dumps(row[1])


@pytest.mark.fault
def test_five_thousand_findings(connection: "psycopg.Connection[Any]") -> None:
    answer(connection, 20, breach(*(found(f"t{n:05}") for n in range(5_000))))
    publish(connection, daily(connection, 20))
    row = connection.execute("select markdown, content from upkeep.report").fetchone()
    assert row
    assert "And 4500 more." in row[0]
    assert row[1]["counts"]["open"] == 5_000
    assert len(row[1]["findings"]) == 500
