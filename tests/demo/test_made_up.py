"""The demo's past: ninety days by the usual writers, marked wherever they show, and judged by nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.lab import Lab, fresh_database
from upkeep.answer import Answer, Metric
from upkeep.config.inventory import Inventory, load
from upkeep.demo import begin, made_up
from upkeep.demo.lives import AWAY, LIVES, Life
from upkeep.demo.planted import PLANTED
from upkeep.discovery import discover
from upkeep.duty import Duty
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import connected
from upkeep.store.migrate import migrate
from upkeep.store.run_history import run_history, runs_since
from upkeep.ui.app import create_app
from upkeep.units import Unit
from upkeep.window import Cadence, Window

END = datetime.now(UTC).replace(second=0, microsecond=0)
DAYS, WEEKS = 32, 4
NOW = Window(END - timedelta(days=1), END)
TABLES = ("answer", "finding", "metric", "metric_day", "run", "report", "episode")


def measured(inventory: Inventory) -> list[tuple[Duty, Answer]]:
    size = Metric(name="database_bytes", value=5e9, unit=Unit.BYTES, labels={"database": "shop"})
    healthy = Answer.judged("5 GB", metrics=[size], state={"counted": 1})
    assert inventory.target("shop")
    return [(duty, healthy) for duty in discover() if duty.name == "database_growth"]


def tell(made: Lab, folder: Path) -> None:
    begin.write_inventory(folder / "inventory.yaml", END)
    inventory = load(folder / "inventory.yaml")
    with connected(made.endpoint) as connection:
        made_up.tell(connection, inventory, inventory.target("shop"), measured(inventory), NOW)


@pytest.fixture(autouse=True, scope="module")
def fewer() -> Iterator[None]:
    """A third of the days: what holds for them holds for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made_up, "DAYS", DAYS)
        patch.setattr(made_up, "WEEKS", WEEKS)
        yield


@pytest.fixture(scope="module")
def told(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with fresh_database(server, "made_up") as made:
        migrate(made.endpoint)
        tell(made, tmp_path_factory.mktemp("demo"))
        yield made


def test_every_day_has_a_run_a_report_and_numbers(told: Lab) -> None:
    assert told.value("select count(*) from upkeep.run where cadence = 'daily'") == DAYS
    assert told.value("select count(*) from upkeep.report where cadence = 'daily' and name = 'run'") == DAYS
    assert told.value("select count(*) from upkeep.report where cadence = 'weekly' and name = 'run'") == WEEKS
    days = told.value("select count(distinct day) from upkeep.metric_day where name = 'database_bytes'")
    assert days >= DAYS - len(AWAY)
    assert told.value("select max(window_end) from upkeep.run where cadence = 'daily'") == NOW.start
    missing = told.value("select max((content -> 'counts' ->> 'missing')::integer) from upkeep.report where cadence = 'daily'")
    assert missing == 0


def _within(life: Life) -> bool:
    cadence = {duty.name: duty.cadence for duty in discover()}[life.duty]
    ages = range(DAYS) if cadence is Cadence.DAILY else range(3, 7 * WEEKS, 7)
    return any(life.newest <= age <= life.oldest for age in ages)


def test_findings_come_and_go_and_none_is_left(told: Lab) -> None:
    assert told.value("select count(*) from upkeep.episode where resolved_at is null") == 0
    assert told.value("select count(*) from upkeep.episode") == sum(map(_within, LIVES))
    assert told.value("select count(distinct content -> 'counts' ->> 'open') from upkeep.report where cadence = 'daily'") >= 3
    assert told.value("select count(*) from upkeep.answer where status = 'unknown'") > 0


def test_all_of_it_says_that_it_is_made_up(told: Lab) -> None:
    assert told.value("select count(*) from upkeep.run where run_type <> 'made up'") == 0
    assert (
        told.value("select count(*) from upkeep.answer where evidence ->> 'made_up' is null or run_id <> 'made up for the demo'")
        == 0
    )
    assert told.value("select count(*) from upkeep.answer where dag_id <> ''") == 0, "no run of Airflow's to lead to"
    assert told.value("select count(*) from upkeep.finding where title not like '%%(made up for the demo)'") == 0
    assert told.value("select count(*) from upkeep.report where name = 'run' and title not like '%%(made up for the demo)'") == 0
    pages = TestClient(create_app(lambda: told.endpoint, []), base_url="http://test/")
    for page in ("", "target?name=shop", "duty?name=sequences"):
        assert "is made up for the demo" in pages.get(page).text, page
    assert "(made up for the demo)" in pages.get("reports").text
    assert "data-plot" in pages.get("").text


def test_nothing_is_judged_by_it(told: Lab) -> None:
    with connected(told.endpoint) as connection:
        assert runs_since(connection, END - timedelta(days=400)) == []
        assert run_history(connection, Cadence.DAILY, NOW, END).first_start is None


def test_what_is_planted_was_never_there_before() -> None:
    told = {(life.duty, life.finding.rule, life.finding.object) for life in LIVES}
    assert not [p for p in PLANTED for duty, rule, thing in told if (p.duty, p.rule) == (duty, rule) and p.about in thing]
    names = {duty.name for duty in discover()}
    assert {life.duty for life in LIVES} <= names


def test_only_the_newest_day_remembers_counters(told: Lab) -> None:
    assert told.value("select array_agg(window_end) from upkeep.duty_state") == [NOW.start]


def test_telling_it_again_doubles_nothing(told: Lab, tmp_path: Path) -> None:
    before = [told.value(f"select count(*) from upkeep.{table}") for table in TABLES]
    with connected(told.endpoint) as connection:
        connection.execute("delete from upkeep.run where window_end > %s", [END - timedelta(days=20)])
    tell(told, tmp_path)
    assert [told.value(f"select count(*) from upkeep.{table}") for table in TABLES] == before
