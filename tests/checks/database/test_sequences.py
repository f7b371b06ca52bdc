"""sequences: the narrower of sequence and column decides."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.sequences import sequences


@pytest.mark.baseline
def test_fresh_sequences_are_fine(lab: Lab) -> None:
    lab.run("create table orders (id serial primary key); insert into orders default values")
    answer = lab.ask(sequences)
    assert answer.status is Status.OK
    assert [m.labels["sequence"] for m in answer.metrics] == ["public.orders_id_seq"]


@pytest.mark.near_miss
def test_just_under_the_limit(lab: Lab) -> None:
    lab.run("create table t (id smallserial); select setval('t_id_seq', 24574)")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.near_miss
def test_a_cycling_sequence_does_not_run_out(lab: Lab) -> None:
    lab.run("create sequence s as smallint cycle; select setval('s', 32000)")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("kind", "at"), [("smallserial", 30_000), ("serial", 2_000_000_000), ("bigserial", 9_000_000_000_000_000_000)]
)
def test_every_integer_kind(lab: Lab, kind: str, at: int) -> None:
    lab.run(f"create table t (id {kind}); select setval('t_id_seq', {at})")
    answer = lab.ask(sequences)
    assert rules(answer) == [("sequence_near_end", "public.t_id_seq")]
    assert answer.worst is Severity.CRITICAL


@pytest.mark.fault
def test_a_bigint_sequence_feeding_an_integer_column(lab: Lab) -> None:
    lab.run("create sequence s; create table t (id int default nextval('s')); select setval('s', 1700000000)")
    answer = lab.ask(sequences)
    assert rules(answer) == [("sequence_near_end", "public.s")]
    assert answer.worst is Severity.HIGH
    assert answer.findings[0].details["feeds"] == "public.t.id"


@pytest.mark.fault
def test_a_sequence_that_counts_down(lab: Lab) -> None:
    lab.run("create sequence s as smallint increment -1; select setval('s', -32000)")
    assert rules(lab.ask(sequences)) == [("sequence_near_end", "public.s")]


@pytest.mark.fault
def test_names_that_need_quotes(lab: Lab) -> None:
    lab.run('create table "Bestellung ""ä""" (id smallserial)')
    lab.run("""select setval('"Bestellung ""ä""_id_seq"', 32000)""")
    assert rules(lab.ask(sequences)) == [("sequence_near_end", 'public."Bestellung ""ä""_id_seq"')]


def test_a_role_without_pg_monitor_cannot_tell(lab: Lab) -> None:
    lab.run("drop role if exists nobody_much; create role nobody_much login")
    answer = lab.ask(sequences, user="nobody_much")
    assert answer.status is Status.UNKNOWN
    assert answer.evidence["remedy"] == "grant pg_monitor to nobody_much;"


def test_sequences_that_may_not_be_read_are_unknown_with_the_grant(lab: Lab) -> None:
    lab.run("drop role if exists watcher; create role watcher login; grant pg_monitor to watcher")
    lab.run('create schema "S ä"; create sequence "S ä".s as smallint; select setval(\'"S ä".s\', 32000)')
    answer = lab.ask(sequences, user="watcher")
    assert answer.status is Status.UNKNOWN
    assert "1 of 1 sequence may not be read" in answer.summary
    lab.run('grant usage on schema "S ä" to watcher')
    lab.run(str(answer.evidence["remedy"]))
    assert rules(lab.ask(sequences, user="watcher")) == [("sequence_near_end", '"S ä".s')]
