"""disabled_triggers: what is off, what it lets through, and that the remedy ends it."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.disabled_triggers import disabled_triggers

TABLES = """
    create table "Customer ä" (id int primary key);
    create table "Order" (id int primary key, customer_id int references "Customer ä", number int,
        constraint "Order number" unique (number) deferrable);
    create function nothing() returns trigger language plpgsql as 'begin return new; end';
    create trigger "audit ä" after insert on "Order" for each row execute function nothing();
"""
PARTITIONED = """
    create table visit (id int, day int, customer_id int references "Customer ä") partition by range (day);
    create table visit_1 partition of visit for values from (1) to (10);
    create table visit_2 partition of visit for values from (10) to (20);
    create trigger count_visits after insert on visit for each row execute function nothing();
"""
FOREIGN_KEY = '"Order_customer_id_fkey"'


@pytest.fixture
def shop(lab: Lab) -> Lab:
    """Two tables with a foreign key, a deferrable key and a trigger."""
    lab.run(TABLES)
    return lab


@pytest.mark.baseline
def test_everything_is_on(shop: Lab) -> None:
    answer = shop.ask(disabled_triggers)
    assert (answer.status, answer.summary) == (Status.OK, "0 triggers and rules switched off, 0 constraints hold no longer")


@pytest.mark.near_miss
@pytest.mark.parametrize("kind", ["replica", "always"])
def test_a_trigger_for_replicas(shop: Lab, kind: str) -> None:
    shop.run(f'alter table "Order" enable {kind} trigger "audit ä"')
    assert rules(shop.ask(disabled_triggers)) == []


@pytest.mark.near_miss
def test_a_load_that_switched_them_off_and_on(shop: Lab) -> None:
    shop.run('alter table "Order" disable trigger all; insert into "Order" values (1, 1); alter table "Order" enable trigger all')
    assert rules(shop.ask(disabled_triggers)) == []


@pytest.mark.near_miss
def test_a_temporary_table(shop: Lab) -> None:
    session = shop.session()
    session.execute("create temporary table t (id int); create trigger t before insert on t execute function nothing()")
    session.execute("alter table t disable trigger t")
    assert rules(shop.ask(disabled_triggers)) == []


@pytest.mark.near_miss
def test_a_restore_under_way(shop: Lab) -> None:
    shop.run('alter table "Order" disable trigger all')
    session = shop.session(application="pg_restore", autocommit=False)
    session.execute('insert into "Order" values (1, 1)')
    assert rules(shop.ask(disabled_triggers)) == []
    session.rollback()
    session.execute('lock table "Customer ä" in access share mode')
    assert ("foreign_key_disabled", f'public."Order".{FOREIGN_KEY}') in rules(shop.ask(disabled_triggers))


@pytest.mark.fault
def test_a_trigger_that_is_off(shop: Lab) -> None:
    shop.run('alter table "Order" disable trigger "audit ä"')
    answer = shop.ask(disabled_triggers)
    assert rules(answer) == [("trigger_disabled", 'public."Order"."audit ä"')]
    assert answer.worst is Severity.MEDIUM
    shop.run(answer.findings[0].remedy)
    assert rules(shop.ask(disabled_triggers)) == []


@pytest.mark.fault
def test_all_triggers_of_a_table_are_off(every_lab: Lab) -> None:
    every_lab.run(TABLES + 'alter table "Order" disable trigger all')
    answer = every_lab.ask(disabled_triggers)
    assert rules(answer) == [
        ("constraint_disabled", 'public."Order"."Order number"'),
        ("foreign_key_disabled", f'public."Order".{FOREIGN_KEY}'),
        ("trigger_disabled", 'public."Order"."audit ä"'),
    ]
    assert answer.worst is Severity.HIGH
    assert "lets through new rows without the row they refer to:" in answer.findings[1].title
    for finding in answer.findings:
        every_lab.run(finding.remedy)
    assert rules(every_lab.ask(disabled_triggers)) == []


@pytest.mark.fault
def test_a_key_whose_triggers_fire_on_replicas_alone(shop: Lab) -> None:
    checks = "tgrelid = '\"Order\"'::regclass and tgfoid = '\"RI_FKey_check_ins\"'::regproc"
    trigger = shop.value(f"select tgname from pg_trigger where {checks}")
    shop.run(f'alter table "Order" enable replica trigger "{trigger}"')
    shop.run('insert into "Order" values (1, 77)')
    answer = shop.ask(disabled_triggers)
    assert rules(answer) == [("foreign_key_disabled", f'public."Order".{FOREIGN_KEY}')]
    shop.run('delete from "Order"')
    shop.run(answer.findings[0].remedy)
    assert rules(shop.ask(disabled_triggers)) == []


@pytest.mark.fault
def test_rows_that_came_meanwhile_are_named_by_the_remedy(shop: Lab) -> None:
    import psycopg

    shop.run('alter table "Order" disable trigger all; insert into "Order" values (1, 77)')
    remedy = next(f.remedy for f in shop.ask(disabled_triggers).findings if f.rule == "foreign_key_disabled")
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="77"):
        shop.run(remedy)


@pytest.mark.fault
def test_the_referred_side_is_off(shop: Lab) -> None:
    shop.run('alter table "Customer ä" disable trigger all')
    answer = shop.ask(disabled_triggers)
    assert rules(answer) == [("foreign_key_disabled", f'public."Order".{FOREIGN_KEY}')]
    assert "lets through deletes of rows that others refer to:" in answer.findings[0].title
    shop.run(answer.findings[0].remedy)
    assert rules(shop.ask(disabled_triggers)) == []


@pytest.mark.fault
def test_the_root_stands_for_its_partitions(shop: Lab) -> None:
    shop.run(PARTITIONED + "alter table visit disable trigger all; alter table visit_1 disable trigger all")
    answer = shop.ask(disabled_triggers)
    assert set(rules(answer)) == {
        ("foreign_key_disabled", "public.visit.visit_customer_id_fkey"),
        ("trigger_disabled", "public.visit.count_visits"),
    }


@pytest.mark.fault
def test_a_single_partition_is_named(every_lab: Lab) -> None:
    every_lab.run(TABLES + PARTITIONED + "alter table visit_1 disable trigger all")
    answer = every_lab.ask(disabled_triggers)
    assert set(rules(answer)) == {
        ("foreign_key_disabled", "public.visit_1.visit_customer_id_fkey"),
        ("trigger_disabled", "public.visit_1.count_visits"),
    }
    for finding in answer.findings:
        every_lab.run(finding.remedy)
    assert rules(every_lab.ask(disabled_triggers)) == []


@pytest.mark.fault
def test_a_rule_and_an_event_trigger(shop: Lab) -> None:
    shop.run('create rule "keep ä" as on delete to "Order" do instead nothing; alter table "Order" disable rule "keep ä"')
    shop.run("create function note() returns event_trigger language plpgsql as 'begin end'")
    shop.run('create event trigger "note ä" on ddl_command_end execute function note(); alter event trigger "note ä" disable')
    answer = shop.ask(disabled_triggers)
    assert rules(answer) == [("event_trigger_disabled", '"note ä"'), ("rule_disabled", 'public."Order"."keep ä"')]
    for finding in answer.findings:
        shop.run(finding.remedy)
    assert rules(shop.ask(disabled_triggers)) == []
