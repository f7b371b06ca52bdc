"""Work under way is no fault: a vacuum holds no other vacuum back, however long it takes."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab, rules
from tests.replica import wait_until
from upkeep.checks.database.long_transactions import long_transactions
from upkeep.checks.database.replication_lag import replication_lag
from upkeep.checks.database.xmin_horizon import xmin_horizon


@pytest.fixture
def vacuumed(lab: Lab) -> Iterator[Lab]:
    """A database in which a vacuum by hand takes its time."""
    lab.run("create table t as select generate_series(1, 20000) as id; delete from t where id % 2 = 0")
    slow = lab.session(application="by hand")
    slow.execute("set vacuum_cost_delay = 100; set vacuum_cost_limit = 1")
    slow.pgconn.send_query(b"vacuum t")
    wait_until(lab.server, "select count(*) > 0 from pg_stat_progress_vacuum")
    yield lab
    slow.cancel()
    while slow.pgconn.get_result():
        pass


@pytest.mark.near_miss
def test_a_vacuum_by_hand_is_no_long_transaction(vacuumed: Lab) -> None:
    assert rules(vacuumed.ask(long_transactions, limit_s=0)) == []


@pytest.mark.near_miss
def test_a_vacuum_by_hand_does_not_hold_the_horizon(vacuumed: Lab) -> None:
    found = {name for rule, name in rules(vacuumed.ask(xmin_horizon, held_xids=-1)) if rule == "horizon_held_by_session"}
    assert not {name for name in found if name.endswith(f"@{vacuumed.database}")}


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("work", "progress"),
    [
        ("create index concurrently on t (id)", "create_index"),
        ("reindex table concurrently t", "create_index"),
        ("analyze t", "analyze"),
    ],
)
def test_maintenance_may_take_as_long_as_a_backup(lab: Lab, work: str, progress: str) -> None:
    lab.run("create table t as select generate_series(1, 50000) as id; create index first on t (id)")
    writer = lab.session(autocommit=False, application="writer")
    writer.execute("insert into t values (0)")
    busy = lab.session(application="by hand")
    busy.execute("set vacuum_cost_delay = 100; set vacuum_cost_limit = 1")
    busy.pgconn.send_query(work.encode())
    wait_until(lab.server, f"select count(*) > 0 from pg_stat_progress_{progress}")
    at_once, later = lab.ask(long_transactions, limit_s=0), lab.ask(long_transactions, limit_s=0, backup_s=0)
    busy.cancel()
    while busy.pgconn.get_result():
        pass
    assert rules(at_once) == [("long_transaction", "postgres@writer")]
    assert rules(later) == [("long_transaction", "postgres@by hand"), ("long_transaction", "postgres@writer")]


@pytest.mark.near_miss
def test_a_base_backup_is_no_standby(lab: Lab, tmp_path: Path) -> None:
    place = lab.endpoint
    program = [str(lab.server.program("pg_basebackup")), "-D", str(tmp_path / "copy"), "-X", "stream", "-c", "fast"]
    where = ["--max-rate", "32k", "-d", f"host={place.host} port={place.port} user={place.user}"]
    told = {**os.environ, "PGPASSWORD": str(place.password)}
    with subprocess.Popen([*program, *where], env=told, stderr=subprocess.DEVNULL, start_new_session=True) as backup:
        try:
            wait_until(lab.server, "select count(*) > 0 from pg_stat_replication where state = 'streaming'")
            answer = lab.ask(replication_lag)
        finally:
            # It has a process of its own for the WAL, which would go on.
            os.killpg(backup.pid, signal.SIGKILL)
    wait_until(lab.server, "select count(*) = 0 from pg_stat_replication")
    assert answer.summary == "no standby and no subscriber is connected"
    assert [m.value for m in answer.metrics if m.name == "replication_standbys"] == [0]


@pytest.mark.fault
def test_another_transaction_beside_it_is_one(vacuumed: Lab) -> None:
    vacuumed.session(autocommit=False, application="report").execute("select * from t")
    assert rules(vacuumed.ask(long_transactions, limit_s=0)) == [("long_transaction", "postgres@report")]
