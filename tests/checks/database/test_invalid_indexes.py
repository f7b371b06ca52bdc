"""invalid_indexes: real leftovers of concurrent builds, and builds that are under way."""

import psycopg
import pytest

from tests.lab import Lab, rules
from tests.replica import wait_until
from upkeep.answer import Severity, Status
from upkeep.checks.database.invalid_indexes import invalid_indexes


@pytest.fixture
def doubled(lab: Lab) -> Lab:
    """A table with two rows that are alike."""
    lab.run("create table \"Kunden\" (id int, name text); insert into \"Kunden\" values (1, 'a'), (1, 'b')")
    return lab


@pytest.mark.baseline
def test_valid_indexes(lab: Lab) -> None:
    lab.run("create table t (id int primary key); create index on t (id)")
    answer = lab.ask(invalid_indexes)
    assert (answer.status, answer.summary) == (Status.OK, "0 invalid indexes, 0 being built")


@pytest.mark.baseline
def test_a_complete_partitioned_index(lab: Lab) -> None:
    lab.run("create table p (id int) partition by range (id); create table p1 partition of p for values from (0) to (9)")
    lab.run("create index on p (id)")
    assert lab.ask(invalid_indexes).status is Status.OK


@pytest.mark.near_miss
def test_an_index_that_is_being_built(lab: Lab) -> None:
    lab.run("create table t as select generate_series(1, 10) as id")
    writer = lab.session(autocommit=False)
    writer.execute("insert into t values (11)")
    builder = lab.session(application="builder")
    builder.pgconn.send_query(b"create index concurrently slow_build on t (id)")
    wait_until(lab.server, "select count(*) > 0 from pg_stat_progress_create_index where phase like 'waiting%'")
    answer = lab.ask(invalid_indexes)
    writer.rollback()
    while builder.pgconn.get_result():
        pass
    assert (answer.status, answer.summary) == (Status.OK, "0 invalid indexes, 1 being built")


@pytest.mark.fault
def test_a_unique_build_that_failed(doubled: Lab) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        doubled.run('create unique index concurrently "Kunden ""id""" on "Kunden" (id)')
    answer = doubled.ask(invalid_indexes)
    assert rules(answer) == [("index_invalid", 'public."Kunden ""id"""')]
    assert answer.worst is Severity.HIGH
    doubled.run(answer.findings[0].remedy.rpartition(": ")[2])
    assert doubled.ask(invalid_indexes).status is Status.OK


@pytest.mark.fault
def test_a_build_that_was_cancelled(lab: Lab) -> None:
    lab.run("create table t as select generate_series(1, 10) as id")
    writer = lab.session(autocommit=False)
    writer.execute("insert into t values (11)")
    builder = lab.session(application="builder", options="-c statement_timeout=300ms")
    with pytest.raises(psycopg.errors.QueryCanceled):
        builder.execute("create index concurrently cut_off on t (id)")
    writer.rollback()
    answer = lab.ask(invalid_indexes)
    assert rules(answer) == [("index_invalid", "public.cut_off")]
    assert answer.worst is Severity.MEDIUM
    lab.run(answer.findings[0].remedy.split(";")[0])
    assert lab.ask(invalid_indexes).status is Status.OK


@pytest.mark.fault
def test_a_reindex_that_was_cancelled(lab: Lab) -> None:
    lab.run("create table t (id int primary key); insert into t select generate_series(1, 10)")
    writer = lab.session(autocommit=False)
    writer.execute("insert into t values (11)")
    builder = lab.session(application="builder", options="-c statement_timeout=300ms")
    with pytest.raises(psycopg.errors.QueryCanceled):
        builder.execute("reindex table concurrently t")
    writer.rollback()
    answer = lab.ask(invalid_indexes)
    assert rules(answer) == [("index_invalid", "public.t_pkey_ccnew")]
    assert answer.worst is Severity.MEDIUM
    lab.run(answer.findings[0].remedy)


@pytest.mark.fault
def test_a_partitioned_index_without_all_its_parts(lab: Lab) -> None:
    lab.run("create table p (id int) partition by range (id); create table p1 partition of p for values from (0) to (9)")
    lab.run("create index p_id on only p (id)")
    answer = lab.ask(invalid_indexes)
    assert rules(answer) == [("partitioned_index_incomplete", "public.p_id")]
    assert answer.worst is Severity.LOW
    assert "1 partition of public.p" in answer.findings[0].title


def leftover(lab: Lab) -> None:
    """An invalid index, as a build that failed leaves it."""
    lab.run("create table t as select generate_series(1, 10) as id; create index broken on t (id)")
    lab.run("update pg_index set indisvalid = false where indexrelid = 'broken'::regclass")


@pytest.mark.fault
@pytest.mark.parametrize("lock", ["share update exclusive", "share", "share row exclusive", "access exclusive"])
def test_work_on_its_table_does_not_hide_it(lab: Lab, lock: str) -> None:
    leftover(lab)
    lab.session(autocommit=False).execute(f"lock table t in {lock} mode".encode())
    assert rules(lab.ask(invalid_indexes)) == [("index_invalid", "public.broken")]


@pytest.mark.fault
def test_a_build_of_another_index_does_not_hide_it(lab: Lab) -> None:
    leftover(lab)
    writer = lab.session(autocommit=False)
    writer.execute("insert into t values (11)")
    builder = lab.session(application="builder")
    builder.pgconn.send_query(b"create index concurrently slow_build on t (id)")
    wait_until(lab.server, "select count(*) > 0 from pg_stat_progress_create_index where phase like 'waiting%'")
    answer = lab.ask(invalid_indexes)
    writer.rollback()
    while builder.pgconn.get_result():
        pass
    assert rules(answer) == [("index_invalid", "public.broken")]
    assert "1 being built" in answer.summary


@pytest.mark.near_miss
def test_one_that_is_being_rebuilt(lab: Lab) -> None:
    leftover(lab)
    lab.session(autocommit=False).execute("reindex index broken")
    answer = lab.ask(invalid_indexes)
    assert (rules(answer), answer.summary) == ([], "0 invalid indexes, 1 being built")
