"""unvalidated_constraints: every kind of them, on tables, partitioned tables and domains."""

import pytest

from tests.lab import Lab, needs_version, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.unvalidated_constraints import unvalidated_constraints


@pytest.fixture
def shop(lab: Lab) -> Lab:
    """Two tables with some rows."""
    lab.run('create table "Customer ä" (id int primary key); create table "Order" (id int, customer_id int)')
    lab.run('insert into "Customer ä" values (1); insert into "Order" values (1, 1); analyze')
    return lab


@pytest.mark.baseline
def test_constraints_that_were_checked(shop: Lab) -> None:
    shop.run('alter table "Order" add check (id > 0), add foreign key (customer_id) references "Customer ä"')
    assert shop.ask(unvalidated_constraints).status is Status.OK


@pytest.mark.near_miss
def test_one_that_was_validated_later(shop: Lab) -> None:
    shop.run('alter table "Order" add constraint "c ä" check (id > 0) not valid; alter table "Order" validate constraint "c ä"')
    assert rules(shop.ask(unvalidated_constraints)) == []


@pytest.mark.near_miss
def test_one_that_is_declared_not_enforced(shop: Lab) -> None:
    needs_version(shop, 18, "constraints that are not enforced")
    shop.run('alter table "Order" add check (id > 0) not enforced')
    shop.run('alter table "Order" add foreign key (customer_id) references "Customer ä" not enforced')
    assert rules(shop.ask(unvalidated_constraints)) == []


@pytest.mark.near_miss
def test_a_temporary_table(shop: Lab) -> None:
    shop.session().execute("create temporary table t (id int); alter table t add check (id > 0) not valid")
    assert rules(shop.ask(unvalidated_constraints)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("constraint", "severity"),
    [("check (id > 0)", Severity.LOW), ('foreign key (customer_id) references "Customer ä"', Severity.MEDIUM)],
)
def test_one_that_was_forgotten(shop: Lab, constraint: str, severity: Severity) -> None:
    shop.run(f'alter table "Order" add constraint "c ä" {constraint} not valid')
    answer = shop.ask(unvalidated_constraints)
    assert rules(answer) == [("constraint_not_validated", 'public."Order"."c ä"')]
    assert answer.worst is severity
    assert "about 1 row" in answer.findings[0].title
    shop.run(answer.findings[0].remedy)
    assert rules(shop.ask(unvalidated_constraints)) == []


@pytest.mark.fault
def test_not_null_of_newer_servers(shop: Lab) -> None:
    needs_version(shop, 18, "not null constraints that are not valid")
    shop.run('alter table "Order" add constraint "n ä" not null id not valid')
    answer = shop.ask(unvalidated_constraints)
    assert answer.findings[0].title.startswith('not null constraint "n ä"')
    shop.run(answer.findings[0].remedy)
    assert rules(shop.ask(unvalidated_constraints)) == []


@pytest.mark.fault
def test_a_domain(shop: Lab) -> None:
    shop.run('create domain "Positive" as int; alter domain "Positive" add constraint "d ä" check (value > 0) not valid')
    answer = shop.ask(unvalidated_constraints)
    assert rules(answer) == [("constraint_not_validated", 'public."Positive"."d ä"')]
    shop.run(answer.findings[0].remedy)
    assert rules(shop.ask(unvalidated_constraints)) == []


@pytest.mark.fault
def test_the_root_stands_for_its_partitions(every_lab: Lab) -> None:
    every_lab.run("create table visit (day int) partition by range (day)")
    every_lab.run("create table visit_1 partition of visit for values from (1) to (9) partition by range (day)")
    every_lab.run("create table visit_1_1 partition of visit_1 for values from (1) to (5)")
    every_lab.run("alter table visit add constraint c check (day > 0) not valid")
    answer = every_lab.ask(unvalidated_constraints)
    assert rules(answer) == [("constraint_not_validated", "public.visit.c")]
    every_lab.run(answer.findings[0].remedy)
    assert rules(every_lab.ask(unvalidated_constraints)) == []


@pytest.mark.fault
def test_a_partition_with_one_of_its_own(shop: Lab) -> None:
    shop.run("create table visit (day int, customer_id int) partition by range (day)")
    shop.run("create table visit_1 partition of visit for values from (1) to (9)")
    shop.run('alter table visit_1 add constraint own foreign key (customer_id) references "Customer ä" not valid')
    assert rules(shop.ask(unvalidated_constraints)) == [("constraint_not_validated", "public.visit_1.own")]
