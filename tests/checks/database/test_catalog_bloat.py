"""catalog_bloat: churn leaves dead rows, live ones are no bloat."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.catalog_bloat import catalog_bloat

CHURN = """
do $$
declare
    columns text := (select string_agg('c' || n || ' int', ',') from generate_series(1, 50) as n);
begin
    for i in 1..{tables} loop
        execute 'create table churn_' || i || ' (' || columns || ')';
        {drop}
    end loop;
    create table last_one (a int, b int);
end $$;
"""


def ask(lab: Lab, min_mb: float = 1) -> Answer:
    lab.run("vacuum (analyze) pg_catalog.pg_attribute")
    return lab.ask(catalog_bloat, min_mb=min_mb)


@pytest.mark.baseline
def test_a_new_database_on_every_major(every_lab: Lab) -> None:
    every_lab.run("vacuum (analyze)")
    assert every_lab.ask(catalog_bloat, min_mb=0.2).status is Status.OK


@pytest.mark.near_miss
def test_many_tables_that_are_there(lab: Lab) -> None:
    lab.run(CHURN.format(tables=200, drop=""))
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_little_of_it(lab: Lab) -> None:
    lab.run(CHURN.format(tables=200, drop="execute 'drop table churn_' || i;"))
    assert rules(ask(lab, min_mb=50)) == []


@pytest.mark.fault
def test_tables_that_were_made_and_dropped(every_lab: Lab) -> None:
    every_lab.run(CHURN.format(tables=200, drop="execute 'drop table churn_' || i;"))
    answer = ask(every_lab)
    assert (rules(answer), answer.worst) == ([("bloated_catalog", "pg_catalog.pg_attribute")], Severity.MEDIUM)
    before = every_lab.value("select pg_table_size('pg_catalog.pg_attribute')")
    every_lab.run(answer.findings[0].remedy)
    freed = before - every_lab.value("select pg_table_size('pg_catalog.pg_attribute')")
    assert answer.findings[0].details["wasted_bytes"] == pytest.approx(freed, rel=0.15)
    assert rules(ask(every_lab)) == []


def test_nobody_counted(lab: Lab) -> None:
    lab.run(CHURN.format(tables=200, drop="execute 'drop table churn_' || i;"))
    lab.run("vacuum pg_catalog.pg_attribute; ")
    lab.run("update pg_catalog.pg_class set reltuples = -1 where relname = 'pg_attribute'; select pg_stat_reset()")
    answer = lab.ask(catalog_bloat, min_mb=1)
    assert (answer.status, answer.evidence["remedy"]) == (Status.UNKNOWN, "analyze pg_catalog.pg_attribute;")
