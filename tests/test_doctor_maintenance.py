"""The doctor says of a maintenance login whether it can work, and the exact grant."""

from collections.abc import Iterator

import pytest

from tests.jobs.database.world import Two
from tests.lab import Lab
from upkeep.doctor.maintenance import MaintenanceExamined
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Database
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.maintenance_plan import MaintenancePlan


def examined(lab: Lab, user: str) -> list[Diagnosis]:
    target, plan = Database(name="shop", owner="o", connection="check"), MaintenancePlan(login="work")
    return list(MaintenanceExamined(target, plan, Two(lab.endpoint, lab.login(user)), "inventory.yaml:4").examined())


@pytest.fixture
def roles(every_lab: Lab) -> Iterator[Lab]:
    """Tables of two owners."""
    every_lab.run('create role shop; create role "Lager ä"; create role worker login')
    every_lab.run(
        'create table t (id int); alter table t owner to shop; create table u (id int); alter table u owner to "Lager ä"'
    )
    yield every_lab
    every_lab.run('drop owned by shop, "Lager ä", worker; drop role shop; drop role "Lager ä"; drop role worker')


def test_the_least_grant_is_told_and_is_enough(roles: Lab) -> None:
    place, rights = examined(roles, "worker")
    assert (place.level, place.text) == (Level.OK, "no pooler in between")
    assert (rights.level, rights.blind) == (Level.NO, ("statistics", "vacuum"))
    assert "worker may not vacuum and analyze 2 tables: " in rights.text
    newer = roles.value("select current_setting('server_version_num')::int >= 170000")
    least = ("grant pg_maintain to worker;",) if newer else ('grant "Lager ä" to worker;', "grant shop to worker;")
    assert rights.grants == least
    for grant in rights.grants:
        roles.run(grant)
    assert [found.level for found in examined(roles, "worker")] == [Level.OK, Level.OK]


@pytest.mark.parametrize(("tables", "ends"), [(5, "t5"), (7, "t5 and 2 more")])
def test_of_many_tables_a_few_are_named(lab: Lab, tables: int, ends: str) -> None:
    lab.run("drop role if exists worker; create role worker login")
    for number in range(1, tables + 1):
        lab.run(f"create table t{number} (id int)")
    text = examined(lab, "worker")[1].text
    assert f"{tables} tables: public.t1, " in text
    assert text.endswith(ends)
    lab.run("drop role worker")


def test_a_right_on_each_table_is_enough_where_there_is_one(roles: Lab) -> None:
    if not roles.value("select current_setting('server_version_num')::int >= 170000"):
        pytest.skip("from version 17 on")
    roles.run("grant maintain on t, u to worker")
    assert examined(roles, "worker")[1].level is Level.OK


def test_the_owner_of_the_database_may(roles: Lab) -> None:
    roles.run(f'alter database "{roles.database}" owner to worker')
    assert examined(roles, "worker")[1].level is Level.OK
    roles.run(f'alter database "{roles.database}" owner to postgres')


def test_a_connection_that_is_none_is_said(lab: Lab) -> None:
    class Nowhere(Two):
        def postgres(self, connection_id: str) -> Endpoint:
            raise BrokenError(f'Airflow has no connection "{connection_id}"', "add it", retry=False)

    target, plan = Database(name="shop", owner="o", connection="check"), MaintenancePlan(login="work")
    (found,) = MaintenanceExamined(target, plan, Nowhere(lab.endpoint, lab.endpoint), "x:1").examined()
    assert (found.level, found.remedy) == (Level.NO, "add it")
    assert 'Airflow has no connection "work"' in found.text
