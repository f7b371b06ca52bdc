"""foreign_key_indexes: which index serves a key, and which only seems to."""

import pytest

from tests.lab import Lab, needs_version, rules
from tests.replica import wait_until
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.foreign_key_indexes import foreign_key_indexes

FOUND = [("foreign_key_without_index", "public.orders.orders_fk")]


def plant(lab: Lab, *statements: str) -> None:
    """Two tables and a key of two columns between them, then these statements."""
    lab.run(
        "create table shops (x int, y int, primary key (x, y)); insert into shops select i, i from generate_series(1, 200) as i"
    )
    lab.run("create table orders (id int, x int, y int, z int, constraint orders_fk foreign key (x, y) references shops)")
    lab.run("insert into orders select i, i % 100 + 1, i % 100 + 1, i from generate_series(1, 3000) as i")
    for statement in statements:
        lab.run(statement)
    lab.run("analyze orders")


def ask(lab: Lab, min_rows: float = 1000, **thresholds: float) -> Answer:
    return lab.ask(foreign_key_indexes, min_rows=min_rows, **thresholds)  # type: ignore[arg-type]


@pytest.mark.baseline
def test_a_key_with_its_index(lab: Lab) -> None:
    plant(lab, "create index on orders (x, y)")
    assert ask(lab).status is Status.OK


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "columns", ["(y, x)", "(x, y, z)", "(y, x, z) include (id)", "(x, y) where y is not null and x is not null"]
)
def test_any_order_and_more_columns_serve(lab: Lab, columns: str) -> None:
    plant(lab, f"create index on orders {columns}")
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
@pytest.mark.parametrize("index", ["(c)", "using hash (c)", "(c) where c is not null"])
def test_what_serves_a_single_column(lab: Lab, index: str) -> None:
    lab.run("create table r (id int primary key); create table t (c int references r)")
    lab.run(f"insert into r values (1); insert into t select 1 from generate_series(1, 3000); create index on t {index}")
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_a_small_table(lab: Lab) -> None:
    plant(lab)
    # What a session inserted may be counted after the analyze has counted it too.
    answer = ask(lab, min_rows=7000)
    assert rules(answer) == []
    assert "1 more" in answer.summary


@pytest.mark.near_miss
def test_a_partitioned_table_with_its_index(lab: Lab) -> None:
    lab.run("create table r (id int primary key); create table p (c int references r) partition by range (c)")
    lab.run("create table p1 partition of p for values from (0) to (100); insert into r values (1)")
    lab.run("insert into p select 1 from generate_series(1, 3000); create index on p (c)")
    assert rules(ask(lab)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    "index",
    [
        "(id)",
        "(x)",
        "(z, x, y)",
        "(x, z, y)",
        "(x) include (y)",
        "(x, y) where z > 0",
        "using brin (x, y)",
        "(x, y) where z is not null",
        "(x, y) where x is not null and z is not null",
        "(x, y) where x is not null or y is not null",
        "(x, y) where x is null",
        "((x + 0), y)",
        "using brin (x, y) where x is not null",
    ],
)
def test_what_does_not_serve(lab: Lab, index: str) -> None:
    plant(lab, f"create index on orders {index}")
    answer = ask(lab)
    assert rules(answer) == FOUND
    assert answer.worst is Severity.LOW
    assert answer.findings[0].remedy == "create index concurrently on public.orders (x, y);"


@pytest.mark.near_miss
def test_a_key_that_is_declared_not_enforced(lab: Lab) -> None:
    needs_version(lab, 18, "keys that are not enforced")
    lab.run("create table r (id int primary key); create table t (c int references r not enforced)")
    lab.run("insert into t select 1 from generate_series(1, 3000)")
    assert rules(ask(lab)) == []


TEMPORAL = """
    create extension btree_gist;
    create table r (id int, at daterange, primary key (id, at without overlaps));
    create table t (id int, during daterange, constraint t_fk foreign key (id, period during) references r (id, period at));
    insert into r values (1, '[2026-01-01,2027-01-01)');
    insert into t select 1, '[2026-02-01,2026-03-01)' from generate_series(1, 3000)
"""


@pytest.mark.near_miss
def test_a_key_of_periods_with_its_index(lab: Lab) -> None:
    needs_version(lab, 18, "keys of periods")
    lab.run(TEMPORAL)
    (finding,) = ask(lab).findings
    assert finding.object == "public.t.t_fk"
    lab.run(finding.remedy)
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_an_index_that_is_being_built(lab: Lab) -> None:
    plant(lab)
    assert rules(ask(lab)) == FOUND
    blocker = lab.session(autocommit=False)
    blocker.execute("update orders set z = 0 where id = 1")
    busy = lab.session(application="mends")
    busy.pgconn.send_query(b"create index concurrently on orders (x, y)")
    wait_until(lab.server, "select count(*) > 0 from pg_stat_progress_create_index where index_relid <> 0")
    assert rules(ask(lab)) == []
    busy.cancel()
    while busy.pgconn.get_result():
        pass
    assert rules(ask(lab)) == FOUND


@pytest.mark.fault
def test_an_invalid_index_does_not_serve(lab: Lab) -> None:
    plant(
        lab,
        "create index broken on orders (x, y)",
        "update pg_index set indisvalid = false where indexrelid = 'broken'::regclass",
    )
    assert rules(ask(lab)) == FOUND


@pytest.mark.fault
def test_deletes_make_it_worse(lab: Lab) -> None:
    plant(lab)
    session = lab.session()
    session.execute("delete from shops where x > 150")
    session.execute("select pg_stat_force_next_flush()")
    session.close()
    assert ask(lab).worst is Severity.MEDIUM
    assert ask(lab, high_rows=3000).worst is Severity.HIGH


@pytest.mark.fault
def test_a_partitioned_table(lab: Lab) -> None:
    lab.run("create table r (id int primary key); create table p (c int) partition by range (c)")
    lab.run("alter table p add constraint f foreign key (c) references r; insert into r values (1)")
    lab.run('create table "p 1" partition of p for values from (0) to (100)')
    lab.run("insert into p select 1 from generate_series(1, 3000)")
    lab.run("analyze p")
    answer = ask(lab)
    assert rules(answer) == [("foreign_key_without_index", "public.p.f")]
    assert "one partition at a time" in answer.findings[0].remedy


@pytest.mark.fault
def test_a_key_of_one_partition_alone(lab: Lab) -> None:
    lab.run('create table r (id int primary key); create table p (c int, "d ä" int) partition by range (c)')
    lab.run('create table "p 1" partition of p for values from (0) to (100)')
    lab.run('alter table "p 1" add constraint own foreign key ("d ä") references r')
    lab.run("insert into p select 1 from generate_series(1, 3000)")
    lab.run("analyze p")
    answer = ask(lab)
    assert rules(answer) == [("foreign_key_without_index", 'public."p 1".own')]
    assert answer.findings[0].remedy == 'create index concurrently on public."p 1" ("d ä");'


def texts(lab: Lab, own: str, index: str) -> None:
    """A key between two columns of text, and an index."""
    lab.run(f"create table r (id text primary key); create table t (c {own} references r, n int)")
    lab.run("insert into r values ('a'); insert into t select 'a' from generate_series(1, 3000)")
    lab.run(f"create index on t {index}")
    lab.run("analyze t")


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("own", "index"), [("text", "(c)"), ("text", "(c text_pattern_ops)"), ("varchar(9)", "(c)"), ('text collate "C"', "(c, n)")]
)
def test_an_index_by_which_the_server_looks_up(lab: Lab, own: str, index: str) -> None:
    texts(lab, own, index)
    assert rules(ask(lab)) == []


@pytest.mark.fault
@pytest.mark.parametrize(("own", "index"), [("text", '(c collate "C")'), ('text collate "C"', '(c collate "POSIX")')])
def test_an_index_of_another_collation_does_not_serve(lab: Lab, own: str, index: str) -> None:
    texts(lab, own, index)
    assert rules(ask(lab)) == [("foreign_key_without_index", "public.t.t_c_fkey")]


@pytest.mark.fault
def test_an_index_by_another_operator_does_not_serve(lab: Lab) -> None:
    lab.run("create type pair as (a int, b int); create table r (p pair primary key); create table t (p pair references r)")
    lab.run("insert into r values ('(1,1)'); insert into t select '(1,1)'::pair from generate_series(1, 3000)")
    lab.run("create index on t (p record_image_ops)")
    lab.run("analyze t")
    assert rules(ask(lab)) == [("foreign_key_without_index", "public.t.t_p_fkey")]


def partitioned(lab: Lab) -> None:
    """A table of two partitions, one of which has its columns in another order, that refers to another."""
    lab.run("create table r (id int primary key); insert into r values (1), (200)")
    lab.run("create table p (at int, c int references r) partition by range (at)")
    lab.run("create table p1 partition of p for values from (0) to (100); create table p2 (c int, at int)")
    lab.run("alter table p attach partition p2 for values from (100) to (200)")
    lab.run("insert into p select i % 200, 1 from generate_series(1, 6000) as i")
    lab.run("analyze p")


@pytest.mark.near_miss
def test_partitions_that_have_an_index_each_by_itself(lab: Lab) -> None:
    partitioned(lab)
    lab.run("create index on p1 (c); create index on p2 (c)")
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_one_partition_without_an_index(lab: Lab) -> None:
    partitioned(lab)
    lab.run("create index on p1 (c); create index on p2 (at)")
    answer = ask(lab)
    assert rules(answer) == [("foreign_key_without_index", "public.p.p_c_fkey")]
    assert answer.findings[0].value == 3000
