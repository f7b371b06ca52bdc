"""The doctor on archives: the exact grants, a table that would be refused, and a store that keeps what it gets."""

from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.test_doctor_backups import Connected
from upkeep.config.inventory import load
from upkeep.doctor.archive import ArchiveExamined
from upkeep.doctor.examine import Practice, examine
from upkeep.errors import BrokenError
from upkeep.notify.wire import SlackEndpoint
from upkeep.targets.archive import Archive
from upkeep.targets.database import Database
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.maintenance_plan import MaintenancePlan

TABLES = """
    create schema "Shop Ä";
    create table "Shop Ä"."order" (id int, "order" date) partition by range ("order");
    create table "Shop Ä"."p 2024" partition of "Shop Ä"."order" for values from ('2024-01-01') to ('2025-01-01');
    create table visits (id int, seen_at timestamptz)
"""
ORDERS = {"table": "Shop Ä.order", "column": "order", "keep": "1 year"}
VISITS = {"table": "public.visits", "column": "seen_at", "keep": "1 year"}


def examined(lab: Lab, folder: Path, *plans: dict[str, Any], user: str = "", **fields: Any) -> list[Diagnosis]:
    archive = tuple(Archive(**{"to": folder.as_uri(), **plan}) for plan in plans)
    usual = {"maintenance": MaintenancePlan(login="work")}
    target = Database(name="shop", owner="o", connection="check", archive=archive, **{**usual, **fields})
    endpoint = lab.login(user) if user else lab.endpoint
    return list(ArchiveExamined(target, Connected(endpoint), "inventory.yaml:4").examined())


@pytest.fixture
def tables(every_lab: Lab) -> Lab:
    """Two tables, one of them partitioned and with names that need quotes."""
    every_lab.run(TABLES)
    every_lab.run('drop role if exists "Archiv ä"')
    every_lab.run('create role "Archiv ä" login')
    return every_lab


def test_the_least_grants_are_told_and_are_enough(tables: Lab, tmp_path: Path) -> None:
    store, orders, visits = examined(tables, tmp_path, ORDERS, VISITS, user="Archiv ä")
    assert (store.level, store.about) == (Level.OK, "archive store")
    assert orders.grants == (
        'grant usage on schema "Shop Ä" to "Archiv ä";',
        'grant select, delete on "Shop Ä"."order" to "Archiv ä";',
        'grant select, delete on "Shop Ä"."p 2024" to "Archiv ä";',
    )
    assert (orders.level, orders.blind, orders.database) == (Level.NO, ("archive",), tables.database)
    assert '"Archiv ä" may not select and delete on public.visits' in visits.text
    for grant in [*orders.grants, *visits.grants]:
        tables.run(grant)
    store, orders, visits = examined(tables, tmp_path, ORDERS, VISITS, user="Archiv ä")
    assert [store.level, orders.level, visits.level] == [Level.OK, Level.OK, Level.OK]
    assert "in 1 partition may be copied and deleted" in orders.text
    assert "rows of public.visits may be copied and deleted" in visits.text
    assert not list(tmp_path.rglob("test"))
    tables.run('drop owned by "Archiv ä"; drop role "Archiv ä"')


def test_a_table_that_would_be_refused_is_told_with_the_way_out(lab: Lab, tmp_path: Path) -> None:
    lab.run(TABLES)
    lab.run("create publication p for table visits")
    found = examined(lab, tmp_path, VISITS, {**VISITS, "legal_hold": "case 7"}, {**VISITS, "table": "public.gone"})[1:]
    assert [each.level for each in found] == [Level.NO, Level.NOTE, Level.NO]
    assert "p publishes deletes of public.visits" in found[0].text
    assert "legal hold: case 7" in found[1].text
    assert "there is no table public.gone" in found[2].text
    assert all(each.remedy for each in found)


def test_a_store_that_cannot_be_written_is_told(lab: Lab, tmp_path: Path) -> None:
    lab.run(TABLES)
    (tmp_path / "file").write_text("")
    store, visits = examined(lab, tmp_path, {**VISITS, "to": (tmp_path / "file").as_uri()})
    assert (store.level, visits.level) == (Level.NO, Level.OK)
    assert store.remedy


def test_no_login_and_a_login_that_is_none_are_told(lab: Lab, tmp_path: Path) -> None:
    assert "names no login" in examined(lab, tmp_path, VISITS, maintenance=None)[1].text
    diagnosis = examined(lab, tmp_path, VISITS, maintenance=MaintenancePlan(login="gone"))[1]
    assert (diagnosis.level, diagnosis.remedy) == (Level.NO, "add it")
    assert 'Airflow has no connection "gone"' in diagnosis.text


def test_the_whole_examination_has_it(lab: Lab, tmp_path: Path) -> None:
    def nowhere() -> SlackEndpoint:
        raise BrokenError("no Slack here", "none", retry=False)

    lab.run(TABLES)
    path = tmp_path / "inventory.yaml"
    path.write_text(f"""
people: [{{name: ann, role: dba, slack: U0ANN}}]
databases:
  - name: shop
    owner: ann
    connection: shop_db
    maintenance: {{login: shop_db}}
    archive:
      - {{table: public.visits, column: seen_at, keep: 1 year, to: {(tmp_path / "store").as_uri()}}}
""")
    inventory = load(path)
    practice = Practice(
        inventory=inventory, path=path, duties=[], connections=Connected(lab.endpoint), store=lambda: lab.endpoint, slack=nowhere
    )
    found = [each for each in examine(practice, list(inventory.of(Database))) if each.about.startswith("archive")]
    assert [(each.about, each.level) for each in found] == [("archive store", Level.OK), ("archive", Level.OK)]
    assert found[0].where.endswith(":8")
