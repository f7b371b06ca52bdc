"""duplicate_indexes: which is spare, which stays, and what only looks alike."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.duplicate_indexes import duplicate_indexes


def plant(lab: Lab, *indexes: str) -> None:
    """A table with data and these indexes, by the words that follow `create … index`."""
    lab.run("create table t (id int primary key, a int not null, b int, s text, d jsonb)")
    lab.run("insert into t select i, i, i % 10, i::text from generate_series(1, 3000) as i")
    for case in indexes:
        unique, _, rest = case.partition("unique ") if case.startswith("unique ") else ("", "", case)
        lab.run(f"create {'unique' if case.startswith('unique ') else unique} index {rest}")


def ask(lab: Lab, min_mb: float = 0.001) -> Answer:
    return lab.ask(duplicate_indexes, min_mb=min_mb)


@pytest.mark.baseline
def test_different_indexes(lab: Lab) -> None:
    plant(lab, "i1 on t (a)", "i2 on t (b)", "i3 on t (s)")
    assert ask(lab).status is Status.OK


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("i1 on t (a)", "i2 on t (a desc nulls last)"),
        ("i1 on t (s)", "i2 on t (s text_pattern_ops)"),
        ("i1 on t (s)", 'i2 on t (s collate "C")'),
        ("i1 on t (a)", "i2 on t using hash (a)"),
        ("i1 on t (a)", "i2 on t (a) where b > 5"),
        ("i1 on t (a, b) where b > 5", "i2 on t (a)"),
        ("i1 on t (a) where b > 5", "i2 on t (a) where b > 6"),
        ("i1 on t (lower(s))", "i2 on t (upper(s))"),
        ("i1 on t (a, b)", "i2 on t (b, a)"),
        ("unique i1 on t (a)", "i2 on t (a, b)"),
        ("unique i1 on t (a) nulls not distinct", "unique i2 on t (a, b)"),
        ("i1 on t (a) include (s)", "i2 on t (a, b)"),
        ("i1 on t using brin (a)", "i2 on t using brin (a, b)"),
        ("i1 on t using brin (a)", "i2 on t using brin (a) with (pages_per_range = 4)"),
        (
            "i1 on t using brin (a int4_minmax_multi_ops)",
            "i2 on t using brin (a int4_minmax_multi_ops (values_per_range = 8))",
        ),
    ],
)
def test_only_alike(lab: Lab, one: str, other: str) -> None:
    plant(lab, one, other)
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_unique_indexes_that_treat_nulls_differently(lab: Lab) -> None:
    lab.run("create table n (a int); insert into n select generate_series(1, 3000)")
    lab.run("create unique index i1 on n (a); create unique index i2 on n (a) nulls not distinct")
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_small_ones_do_not_matter(lab: Lab) -> None:
    plant(lab, "i1 on t (a)", "i2 on t (a)")
    assert rules(ask(lab, min_mb=1)) == []


@pytest.mark.near_miss
def test_a_short_index_beside_a_huge_one_stays(lab: Lab) -> None:
    lab.run("create table w (a int, s text)")
    text = "(select string_agg(md5((i * 100 + j)::text), '') from generate_series(1, 20) as j)"
    lab.run(f"insert into w select i, {text} from generate_series(1, 3000) as i")
    lab.run("create index i1 on w (a); create index i2 on w (a, s)")
    assert rules(ask(lab)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("one", "other", "spare"),
    [
        ("i1 on t (a)", "i2 on t (a)", "i2"),
        ("i1 on t (a)", "unique i2 on t (a)", "i1"),
        ("i1 on t (lower(s))", "i2 on t (  lower(s))", "i2"),
        ("i1 on t (a) where b > 5", "i2  on t (a) where b > 5", "i2"),
        ("i1 on t using hash (a)", "i2 on t using hash (a)", "i2"),
        ("i1 on t using gin (d)", "i2 on t using gin (d)", "i2"),
        ("i1 on t (a)", "i2 on t (a) include (s)", "i1"),
        ("i1 on t (a)", "i2 on t (a) with (fillfactor = 70)", "i2"),
        ("i1 on t using brin (a) with (pages_per_range = 4)", "i2 on t using brin (a) with (pages_per_range = 4)", "i2"),
        ("i1 on t (id)", "i2 on t (b)", "i1"),
    ],
)
def test_duplicates(lab: Lab, one: str, other: str, spare: str) -> None:
    plant(lab, one, other)
    answer = ask(lab)
    assert rules(answer) == [("duplicate_index", f"public.{spare}")]
    assert answer.worst is Severity.MEDIUM
    assert {m.name: m.value for m in answer.metrics} == {
        "duplicate_indexes": 1,
        "duplicate_index_bytes": lab.value(f"select pg_relation_size('{spare}')"),
    }


@pytest.mark.fault
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("i1 on t (a)", "i2 on t (a, b)"),
        ("i1 on t (b)", "unique i2 on t (b, a)"),
        ("i1 on t (a) include (b)", "i2 on t (a, b)"),
        ("i1 on t (a)", "i2 on t (a, lower(s))"),
        ("i1 on t (a) where b > 5", "i2 on t (a, b) where b > 5"),
    ],
)
def test_overlaps(lab: Lab, one: str, other: str) -> None:
    plant(lab, one, other)
    answer = ask(lab)
    assert rules(answer) == [("overlapping_index", "public.i1")]
    assert answer.worst is Severity.LOW


@pytest.mark.fault
def test_of_three_one_stays(lab: Lab) -> None:
    plant(lab, "i1 on t (a)", "i2 on t (a)", "i3 on t (a)")
    assert rules(ask(lab)) == [("duplicate_index", "public.i2"), ("duplicate_index", "public.i3")]


@pytest.mark.fault
def test_a_constraint_twice(lab: Lab) -> None:
    plant(lab)
    lab.run("alter table t add constraint again unique (id)")
    answer = ask(lab)
    assert rules(answer) == [("duplicate_index", "public.again")]
    assert answer.findings[0].remedy == "alter table public.t drop constraint again;"


@pytest.mark.fault
def test_the_one_that_is_referred_to_stays(lab: Lab) -> None:
    plant(lab, "unique i1 on t (a)")
    lab.run("alter table t add constraint again unique (a); create table r (a int)")
    lab.run("drop index i1; create unique index i2 on t (a); alter table r add foreign key (a) references t (a)")
    (found,) = ask(lab).findings
    referred = lab.value("select conindid::regclass::text from pg_constraint where contype = 'f'")
    assert found.details["kept"] == f"public.{referred}"


@pytest.mark.fault
def test_partitioned_tables_are_named_once(lab: Lab) -> None:
    lab.run('create table "P ä" (id int, v int) partition by range (id)')
    lab.run('create table p1 partition of "P ä" for values from (0) to (9000)')
    lab.run('insert into "P ä" select i, i from generate_series(1, 5000) as i')
    lab.run('create index "I 1" on "P ä" (v); create index "I 2" on "P ä" (v)')
    answer = ask(lab)
    assert rules(answer) == [("duplicate_index", 'public."I 2"')]
    assert answer.findings[0].remedy == 'drop index public."I 2";'


@pytest.mark.fault
def test_a_partition_that_has_its_part_and_one_of_its_own(lab: Lab) -> None:
    lab.run("create table p (id int, v int) partition by range (id)")
    lab.run("create table p1 partition of p for values from (0) to (9000)")
    lab.run("create index own on p1 (v); create index whole on only p (v)")
    lab.run("create index part on p1 (v); alter index whole attach partition part")
    lab.run("insert into p select i, i from generate_series(1, 5000) as i")
    lab.run("vacuum analyze p1")
    assert rules(ask(lab)) == [("duplicate_index", "public.own")]
