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
    assert "it stands at 1,700,000,000, and it ends at 2,147,483,647" in answer.findings[0].title


@pytest.mark.fault
def test_a_sequence_that_counts_down(lab: Lab) -> None:
    lab.run("create sequence s as smallint increment -1; select setval('s', -32000)")
    assert rules(lab.ask(sequences)) == [("sequence_near_end", "public.s")]


@pytest.mark.fault
def test_names_that_need_quotes(lab: Lab) -> None:
    lab.run('create table "Bestellung ""ä""" (id smallserial)')
    lab.run("""select setval('"Bestellung ""ä""_id_seq"', 32000)""")
    assert rules(lab.ask(sequences)) == [("sequence_near_end", 'public."Bestellung ""ä""_id_seq"')]


FULL_RANGE = "minvalue -2147483648 maxvalue 2147483647"


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("made", "at"),
    [
        ("minvalue 9000000000000001", 9_000_000_000_000_001),
        ("increment -1", -1),
        ("increment -1 minvalue -9223372036854775808 maxvalue -9000000000000000", -9_000_000_000_000_000),
        ("as smallint increment -1 minvalue 1 maxvalue 32767", 32_767),
        (FULL_RANGE, -2_147_483_648),
        (FULL_RANGE, 0),
        (FULL_RANGE, 1_000_000_000),
        ("minvalue 1000 maxvalue 2000", 1740),
        ("increment 10 minvalue 1 maxvalue 1001", 731),
        ("increment -1 minvalue -100 maxvalue 100", -48),
        ("cycle", 9_223_372_036_854_775_806),
    ],
)
def test_what_is_used_counts_from_where_the_range_begins(lab: Lab, made: str, at: int) -> None:
    lab.run(f"create sequence s {made}; select setval('s', {at})")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("made", "at", "used"),
    [
        ("minvalue 1000 maxvalue 2000", 1760, 0.76),
        ("increment -1 minvalue -100 maxvalue 100", -60, 0.801),
        ("as smallint increment -1 minvalue 1 maxvalue 32767", 3276, 0.9),
        (FULL_RANGE, 1_300_000_000, 0.803),
        ("minvalue 9000000000000001 maxvalue 9000000000000010", 9_000_000_000_000_009, 0.9),
        ("increment 20000 as smallint", 20_001, 1.0),
        ("increment -1", -9_000_000_000_000_000_000, 0.976),
    ],
)
def test_the_share_that_is_used(lab: Lab, made: str, at: int, used: float) -> None:
    lab.run(f"create sequence s {made}; select setval('s', {at})")
    answer = lab.ask(sequences)
    assert rules(answer) == [("sequence_near_end", "public.s")]
    assert answer.findings[0].value == pytest.approx(used, abs=0.001)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("column", "at"),
    [
        ("number", 2_000_000_000),
        ("inner_number", 2_000_000_000),
        ("small", 32_000),
        ("numeric(6)", 900_000),
        ("numeric(6, 2)", 9_000),
        ("money_digits", 9_000),
    ],
)
def test_a_column_that_is_narrow_by_its_domain_or_digits(lab: Lab, column: str, at: int) -> None:
    lab.run(
        "create domain number as int check (value > 0); create domain inner_number as number; create domain small as smallint"
    )
    lab.run("create domain money_digits as numeric(6, 2)")
    lab.run(f"create sequence s; create table t (id {column} default nextval('s')); select setval('s', {at})")
    assert rules(lab.ask(sequences)) == [("sequence_near_end", "public.s")]


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "column",
    ["numeric", "numeric(30)", "numeric(38, 10)", "int8", "text", "varchar", "varchar(11)", "char(12)", "varchar(255)", "name"],
)
def test_a_column_that_is_wide(lab: Lab, column: str) -> None:
    lab.run(f"create sequence s; create table t (id {column} default nextval('s')); select setval('s', 4000000000)")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "given", ["'A' || nextval('s')", "lpad(nextval('s')::text, 6, '0')", "md5(nextval('s')::text)", "to_hex(nextval('s'))"]
)
def test_a_text_that_is_made_of_it(lab: Lab, given: str) -> None:
    lab.run(f"create sequence s; create table t (id varchar(6) default {given}); select setval('s', 4000000000)")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("column", "at"),
    [("varchar(6)", 900_000), ("char(3)", 950), ("varchar(6) default nextval('s')::varchar", 900_000), ("code", 95_000)],
)
def test_a_text_of_few_characters(lab: Lab, column: str, at: int) -> None:
    given = "" if "default" in column else "default nextval('s')"
    lab.run(
        f"create domain code as varchar(5); create sequence s; create table t (id {column} {given}); select setval('s', {at})"
    )
    answer = lab.ask(sequences)
    assert rules(answer) == [("sequence_near_end", "public.s")]
    assert "alter column id type text" in answer.findings[0].remedy


@pytest.mark.fault
def test_a_cycle_that_never_comes_to_its_end(lab: Lab) -> None:
    lab.run("create sequence s cycle; create table t (id int default nextval('s')); select setval('s', 2100000000)")
    assert rules(lab.ask(sequences)) == [("sequence_near_end", "public.s")]


@pytest.mark.near_miss
def test_a_cycle_within_its_column(lab: Lab) -> None:
    lab.run("create sequence s as int cycle; create table t (id int default nextval('s')); select setval('s', 2100000000)")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.fault
def test_narrow_columns_that_refer_to_a_wide_key(lab: Lab) -> None:
    lab.run("create table a (id bigserial primary key, other int); create table b (a bigint primary key references a)")
    lab.run('create table "C c" (x int, "b ä" int references b); select setval(\'a_id_seq\', 2000000000)')
    answer = lab.ask(sequences)
    assert rules(answer) == [("sequence_near_end", "public.a_id_seq")]
    (finding,) = answer.findings
    assert finding.details["feeds"] == 'public."C c"."b ä"'
    assert 'public."C c"."b ä", which refers to its values, ends at 2,147,483,647' in finding.title
    lab.run(finding.remedy)
    assert rules(lab.ask(sequences)) == []


@pytest.mark.near_miss
def test_a_key_of_several_columns_counts_by_its_own_column(lab: Lab) -> None:
    lab.run("create table a (id bigserial, part int, primary key (id, part))")
    lab.run("create table b (a bigint, part int, foreign key (a, part) references a); select setval('a_id_seq', 2000000000)")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.fault
def test_a_column_that_ends_before_the_sequence_begins(lab: Lab) -> None:
    lab.run("create sequence s minvalue 3000000000; create table t (id int default nextval('s')); select nextval('s')")
    assert lab.ask(sequences).worst is Severity.CRITICAL


@pytest.mark.fault
@pytest.mark.parametrize(
    "made",
    [
        "as int start 2147483600",
        "increment -1 minvalue -100 maxvalue 100 start -95",
        "minvalue 1000 maxvalue 2000 start 1990",
    ],
)
def test_one_that_begins_close_to_its_end(lab: Lab, made: str) -> None:
    lab.run(f"create sequence s {made}")
    answer = lab.ask(sequences)
    assert rules(answer) == [("sequence_near_end", "public.s")]
    assert "it begins there and was never used" in answer.findings[0].title
    lab.run("select nextval('s')")
    assert rules(lab.ask(sequences)) == [("sequence_near_end", "public.s")]


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "made", ["start 1000000", "as int start 1600000000", "increment -1", "increment -5 start -100", "minvalue 10 start 10"]
)
def test_one_that_was_never_used_and_has_room(lab: Lab, made: str) -> None:
    lab.run(f"create sequence s {made}")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.near_miss
@pytest.mark.parametrize("given", ["nextval('s') % 16", "mod(nextval('s'), 16)", "1 + (nextval('s') % 16)"])
def test_a_column_that_takes_a_remainder(lab: Lab, given: str) -> None:
    lab.run(f"create sequence s; create table t (shard smallint default {given}); alter sequence s owned by t.shard")
    lab.run("select setval('s', 40000)")
    assert rules(lab.ask(sequences)) == []


@pytest.mark.fault
@pytest.mark.parametrize("given", ["nextval('s')::smallint", "10 + nextval('s')", "(nextval('s'))::int"])
def test_a_column_that_takes_it_by_an_expression(lab: Lab, given: str) -> None:
    lab.run(f"create sequence s; create table t (id smallint default {given}); select setval('s', 32000)")
    assert rules(lab.ask(sequences)) == [("sequence_near_end", "public.s")]


@pytest.mark.fault
def test_the_default_of_a_domain(lab: Lab) -> None:
    lab.run("create sequence s; create domain number as int default nextval('s'); create table t (id number, n number default 1)")
    lab.run("select setval('s', 2100000000)")
    answer = lab.ask(sequences)
    assert rules(answer) == [("sequence_near_end", "public.s")]
    assert answer.findings[0].details["feeds"] == "public.t.id"


@pytest.mark.fault
def test_an_identity_of_a_partitioned_table(every_lab: Lab) -> None:
    every_lab.run("create table p (id smallint generated always as identity, k int) partition by range (k)")
    every_lab.run("create table p1 partition of p for values from (0) to (10); select setval('p_id_seq', 32000)")
    assert rules(every_lab.ask(sequences)) == [("sequence_near_end", "public.p_id_seq")]


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
