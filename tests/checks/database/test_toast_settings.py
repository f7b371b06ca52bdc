"""toast_settings: what somebody changed, and whether it matters."""

import psycopg
import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.toast_settings import toast_settings

MAKE = """create table "T ä" (id int primary key, "C ä" text, n numeric, b bytea, j jsonb, i inet)"""
FILL = (
    """insert into "T ä" ("id", "C ä") select 1, string_agg(md5(i::text), '') from generate_series(1, 2000) as i; vacuum "T ä" """
)


@pytest.mark.baseline
def test_settings_as_they_are(every_lab: Lab) -> None:
    every_lab.run(MAKE)
    assert every_lab.ask(toast_settings, uncompressed_mb=0).status is Status.OK


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "change",
    [
        'alter table "T ä" alter column "C ä" set storage main',
        'alter table "T ä" alter column "C ä" set storage external',
        'alter table "T ä" set (autovacuum_enabled = off, toast.autovacuum_enabled = off)',
        'alter table "T ä" set (toast.autovacuum_vacuum_scale_factor = 0.01)',
        "create temporary table t (a text); alter table t alter column a set storage plain",
    ],
)
def test_what_is_fine(lab: Lab, change: str) -> None:
    lab.run(MAKE)
    lab.session().execute(change)
    assert rules(lab.ask(toast_settings)) == []


@pytest.mark.fault
@pytest.mark.parametrize("column", ['"C ä"', "b", "j", "n"])
def test_a_column_that_may_not_leave_its_row(every_lab: Lab, column: str) -> None:
    every_lab.run(f'{MAKE}; alter table "T ä" alter column {column} set storage plain')
    answer = every_lab.ask(toast_settings)
    assert (rules(answer), answer.worst) == ([("storage_plain", f'public."T ä".{column}')], Severity.MEDIUM)
    if column == '"C ä"':
        with pytest.raises(psycopg.errors.ProgramLimitExceeded):
            every_lab.run(FILL.partition(";")[0])
    every_lab.run(answer.findings[0].remedy)
    assert rules(every_lab.ask(toast_settings)) == []


@pytest.mark.fault
def test_the_root_stands_for_its_partitions(lab: Lab) -> None:
    lab.run("create table t (a int, b text) partition by range (a); create table t_1 partition of t for values from (1) to (2)")
    lab.run("alter table t alter column b set storage plain; alter table t_1 alter column b set storage plain")
    assert rules(lab.ask(toast_settings)) == [("storage_plain", "public.t.b")]


@pytest.mark.fault
def test_large_values_that_nobody_vacuums(lab: Lab) -> None:
    lab.run(f'{MAKE}; alter table "T ä" set (toast.autovacuum_enabled = off)')
    answer = lab.ask(toast_settings)
    assert (rules(answer), answer.worst) == ([("toast_not_vacuumed", 'public."T ä"')], Severity.LOW)
    for statement in FILL.split(";"):
        lab.run(statement)
    assert lab.ask(toast_settings, medium_mb=0.01).worst is Severity.MEDIUM
    lab.run(answer.findings[0].remedy)
    assert rules(lab.ask(toast_settings)) == []


@pytest.mark.fault
def test_values_that_are_never_compressed(lab: Lab) -> None:
    lab.run(f'{MAKE}; alter table "T ä" alter column "C ä" set storage external')
    for statement in FILL.split(";"):
        lab.run(statement)
    answer = lab.ask(toast_settings, uncompressed_mb=0.01)
    assert (rules(answer), answer.worst) == ([("storage_uncompressed", 'public."T ä"."C ä"')], Severity.LOW)
