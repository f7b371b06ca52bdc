"""primary_keys: what tells rows apart, and what publications need."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.primary_keys import primary_keys

CHOSEN = """
    create table t (id int not null);
    create unique index i on t (id);
    alter table t replica identity using index i;
"""
PARTITIONED = """
    create table t (id int, day int) partition by range (day);
    create table t_1 partition of t for values from (1) to (9);
    create table t_2 partition of t for values from (9) to (99);
"""


def ask(lab: Lab) -> Answer:
    lab.run("analyze")
    return lab.ask(primary_keys, min_rows=5)


@pytest.mark.baseline
def test_a_table_with_a_key(every_lab: Lab) -> None:
    every_lab.run("create table t (id int primary key); insert into t select generate_series(1, 50)")
    every_lab.run("create publication p for all tables")
    assert ask(every_lab).status is Status.OK


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "key", ["create unique index on t (a, b)", "create unique index on t (a) include (c)", "alter table t add unique (a)"]
)
def test_a_unique_index_is_as_good(lab: Lab, key: str) -> None:
    lab.run("create table t (a int not null, b int not null, c int)")
    lab.run("insert into t select i, i, i from generate_series(1, 9) as i")
    lab.run(key)
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_few_rows(lab: Lab) -> None:
    lab.run("create table t (a int); insert into t values (1), (1), (1), (1)")
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
@pytest.mark.parametrize("kind", ["unlogged", "temporary"])
def test_scratch_tables(lab: Lab, kind: str) -> None:
    lab.session().execute(f"create {kind} table t as select generate_series(1, 50); analyze t")
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_partitions_with_keys_of_their_own(lab: Lab) -> None:
    lab.run(PARTITIONED + "alter table t_1 add primary key (id); alter table t_2 add primary key (id)")
    lab.run("insert into t select i, i from generate_series(1, 50) i; create publication p for table t")
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "way",
    [
        "alter table t replica identity full; create publication p for table t",
        "create publication p for table t with (publish = 'insert, truncate')",
        "create unique index i on t (id); alter table t replica identity using index i; create publication p for all tables",
    ],
)
def test_what_may_be_published(lab: Lab, way: str) -> None:
    lab.run(f"create table t (id int not null); {way}")
    assert rules(ask(lab)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    "almost",
    [
        "select 1",
        "create index on t (a)",
        "create unique index on t (b)",
        "create unique index on t (a) where a > 0",
        "create unique index on t ((a + 1))",
    ],
)
def test_nothing_tells_rows_apart(lab: Lab, almost: str) -> None:
    lab.run(f'create table t (a int not null, b int); {almost}; alter table t rename to "T ä"')
    lab.run('insert into "T ä" select i, i from generate_series(1, 50) as i')
    answer = ask(lab)
    assert rules(answer) == [("no_primary_key", 'public."T ä"')]
    assert answer.worst is Severity.LOW
    lab.run(answer.findings[0].remedy)
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_a_partitioned_table_counts_its_partitions_together(lab: Lab) -> None:
    lab.run(PARTITIONED + "insert into t select i, i + 5 from generate_series(1, 6) i")
    assert rules(ask(lab)) == [("no_primary_key", "public.t")]


@pytest.mark.fault
@pytest.mark.parametrize(
    "table",
    [
        "create table t (id int)",
        "create table t (id int primary key); alter table t replica identity nothing",
        "create table t (id int primary key deferrable)",
        CHOSEN + "drop index i",
        "create table t (id int not null unique)",
    ],
)
def test_published_without_identity(lab: Lab, table: str) -> None:
    import psycopg

    lab.run(f"{table}; insert into t values (1); create publication p for table t")
    answer = ask(lab)
    assert rules(answer) == [("no_replica_identity", "public.t")]
    assert answer.worst is Severity.HIGH
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        lab.run("delete from t")
    lab.run(answer.findings[0].remedy)
    lab.run("delete from t")
    assert rules(ask(lab)) == []


@pytest.mark.fault
@pytest.mark.parametrize("published", ["table t", "table t_1", "all tables", "tables in schema public"])
@pytest.mark.parametrize("through_root", ["true", "false"])
def test_a_published_partition(lab: Lab, published: str, through_root: str) -> None:
    lab.run(PARTITIONED + "alter table t_2 add primary key (id); insert into t values (1, 1)")
    lab.run(f"create publication p for {published} with (publish_via_partition_root = {through_root})")
    answer = ask(lab)
    assert rules(answer) == [("no_replica_identity", "public.t")]
    assert answer.findings[0].title.startswith("no replica identity on 1 partition of public.t, published by p:")
    lab.run(answer.findings[0].remedy)
    lab.run("delete from t")
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_every_major_says_the_same(every_lab: Lab) -> None:
    every_lab.run(PARTITIONED + "insert into t select i, i from generate_series(1, 9) i")
    every_lab.run("create table u (id int primary key deferrable)")
    assert rules(ask(every_lab)) == [("no_primary_key", "public.t")]
    every_lab.run("create publication p for all tables")
    assert rules(ask(every_lab)) == [("no_replica_identity", "public.t"), ("no_replica_identity", "public.u")]


def test_tables_of_extensions_are_theirs(lab: Lab) -> None:
    lab.run("create table t as select generate_series(1, 50) as i")
    lab.run("create extension pgstattuple; alter extension pgstattuple add table t")
    assert rules(ask(lab)) == []
