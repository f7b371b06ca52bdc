"""unused_indexes: evidence first; what is new, young, elsewhere or enforced is not accused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, Past, fresh_database, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database import unused_indexes as module
from upkeep.checks.database.unused_indexes import unused_indexes
from upkeep.sources.scratch import ScratchServer

PLANT = """
    create table t (id int primary key, a int, b int, c int unique);
    insert into t select i, i, i, i from generate_series(1, 5000) as i;
    create index used on t (a);
    create index idle on t (b);
    vacuum analyze t
"""
NOT_READ = ("unused_index", "public.idle")


def plant(lab: Lab) -> None:
    """A table with an index that is read and one that is not."""
    for statement in PLANT.split(";"):
        lab.run(statement)
    read(lab, "a")


def read(lab: Lab, column: str) -> None:
    """Read the table through an index of this column, and have it counted."""
    session = lab.session()
    session.execute(f"set enable_seqscan = off; select * from t where {column} = 5".encode())
    session.execute("select pg_stat_force_next_flush()")
    session.close()


def ask(lab: Lab, history: Past | None = None, **thresholds: Any) -> Answer:
    return lab.ask(unused_indexes, history=history, **{"min_mb": 0.01, "evidence_days": 0, **thresholds})


def aged(answer: Answer, days: float) -> Past:
    """What this answer remembered, as if it had been given earlier."""
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    quiet = (answer.state or {})["quiet"]
    return Past({"quiet": {name: [scans, at] for name, (scans, _) in quiet.items()}})


def counted(name: str, scans: int) -> module.Index:
    """An index of a server that does not date reads."""
    common = {"partitioned": False, "has_expression": False, "serves_key": None, "last_read": None, "made": None}
    return module.Index(name=name, table_name="t", bytes=10**9, scans=scans, writes=1, **common)  # type: ignore[arg-type]


@pytest.mark.baseline
def test_every_index_is_read(lab: Lab) -> None:
    plant(lab)
    read(lab, "b")
    assert ask(lab).status is Status.OK


@pytest.mark.near_miss
def test_young_statistics_cannot_tell(lab: Lab) -> None:
    plant(lab)
    answer = ask(lab, evidence_days=90)
    assert answer.status is Status.UNKNOWN
    assert "1 index (0 MB)" in answer.summary
    assert answer.state


@pytest.mark.near_miss
def test_a_small_index_does_not_matter(lab: Lab) -> None:
    plant(lab)
    assert rules(lab.ask(unused_indexes, evidence_days=0)) == []


@pytest.mark.near_miss
def test_what_enforces_something_stays(lab: Lab) -> None:
    plant(lab)
    lab.run("drop index idle")
    lab.run("alter table t alter b set not null; create unique index identity on t (b)")
    lab.run("alter table t replica identity using index identity")
    lab.run("create extension btree_gist; alter table t add constraint apart exclude using gist (b with =)")
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_an_index_that_the_last_look_did_not_see_is_new(lab: Lab) -> None:
    plant(lab)
    past = aged(ask(lab), 100)
    lab.run("create index newborn on t (b, a)")
    found = ask(lab, past, evidence_days=0.00001)
    assert ("unused_index", "public.newborn") not in rules(found)


@pytest.mark.near_miss
def test_the_first_look_believes_the_date_of_its_making(lab: Lab) -> None:
    """Reads are counted for longer than the index exists; the server dates commits and says so."""
    plant(lab)
    assert rules(ask(lab, evidence_days=0.00000001)) == [NOT_READ]
    made = lab.value("select pg_xact_commit_timestamp(xmin) from pg_class where relname = 'idle'")
    young = (datetime.now(UTC) - made).total_seconds()
    assert rules(ask(lab, evidence_days=(young + 5) / 86_400)) == []


@pytest.mark.near_miss
def test_reads_on_standbys_are_not_seen_here() -> None:
    now = datetime.now(UTC)
    evidence = module.Evidence(at=now, since=now, is_standby=False, standbys=2)
    index = counted("i", scans=0)
    doubt = module.doubts([index], evidence, 0, standbys_asked=False, unread=1)
    assert doubt
    assert "2 connected standbys" in doubt[0]
    assert module.doubts([index], evidence, 0, standbys_asked=True, unread=1) is None
    standby = module.Evidence(at=now, since=now, is_standby=True, standbys=0)
    assert module.doubts([index], standby, 0, standbys_asked=False, unread=1)


@pytest.mark.fault
def test_an_index_nobody_reads(lab: Lab) -> None:
    plant(lab)
    answer = ask(lab)
    assert rules(answer) == [NOT_READ]
    assert answer.worst is Severity.LOW
    assert answer.findings[0].remedy == "drop index concurrently public.idle;"
    assert ask(lab, medium_gb=0.0001).worst is Severity.MEDIUM


@pytest.mark.fault
def test_a_partitioned_index_is_the_sum_of_its_partitions(lab: Lab) -> None:
    lab.run("create table p (id int, v int) partition by range (id)")
    lab.run("create table p1 partition of p for values from (0) to (9000)")
    lab.run("create table p2 partition of p for values from (9000) to (20000)")
    lab.run("create index idle on p (v)")
    lab.run("insert into p select i, i from generate_series(1, 15000) as i")
    lab.run("analyze p")
    answer = ask(lab)
    assert rules(answer) == [NOT_READ]
    assert answer.findings[0].remedy == "drop index public.idle;"
    session = lab.session()
    session.execute("set enable_seqscan = off; select * from p where id = 5 and v = 5")
    session.execute("select pg_stat_force_next_flush()")
    session.close()
    assert rules(ask(lab)) == [], "it was read in one of its partitions"


@pytest.mark.fault
def test_an_index_that_is_read_no_more(every_server: ScratchServer) -> None:
    """Before version 16 reads have no date: the count that stays the same over looks says it."""
    with fresh_database(every_server, "no_more") as lab:
        lab.run("create table t (id int, a int); insert into t select i, i from generate_series(1, 5000) as i")
        lab.run("create index once on t (a)")
        lab.run("analyze t")
        read_and_count(lab)
        index = lab.ask(unused_indexes, min_mb=0.01, evidence_days=0)
        assert rules(index) == []
        old = counted("public.once", scans=1)
        evidence = module.Evidence(datetime.now(UTC), datetime.now(UTC) - timedelta(days=400), is_standby=False, standbys=0)
        quiet = module.quiet_since([old], evidence, aged(index, 100).remembered["quiet"])  # type: ignore[index]
        assert evidence.days(quiet["public.once"]) == pytest.approx(100, abs=0.1)


def read_and_count(lab: Lab) -> None:
    """One read through the index, counted by any version."""
    session = lab.session()
    session.execute("set enable_seqscan = off; select * from t where a = 5")
    session.close()
    for _ in range(100):
        if lab.value("select idx_scan from pg_stat_user_indexes where indexrelname = 'once'"):
            return


def test_a_count_that_moved_is_a_read() -> None:
    now = datetime.now(UTC)
    evidence = module.Evidence(now, now - timedelta(days=400), is_standby=False, standbys=0)
    index = counted("i", scans=7)
    assert module.quiet_since([index], evidence, {"i": (6, (now - timedelta(days=90)).isoformat())}) == {"i": now}


def test_the_question_for_older_servers_is_valid(lab: Lab) -> None:
    plant(lab)
    lab.run(Path(module.__file__).with_name("unused_indexes.pg15.sql").read_text())


@pytest.mark.fault
@pytest.mark.parametrize(("columns", "serves"), [("(b)", True), ("(b, a)", True), ("(a, b)", False)])
def test_one_that_serves_a_foreign_key_says_so(lab: Lab, columns: str, *, serves: bool) -> None:
    lab.run("create table r (id int primary key); create table t (a int, b int constraint to_r references r)")
    lab.run("insert into r values (1); insert into t select i, 1 from generate_series(1, 5000) as i")
    lab.run(f"create index idle on t {columns}")
    lab.run("analyze t")
    (finding,) = ask(lab).findings
    assert ("serves the foreign key to_r" in finding.remedy) is serves
