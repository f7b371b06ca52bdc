"""replication_lag and replica_delay: what a primary sees of its standbys, and what a replica sees of itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab, Past, fresh_database, rules
from tests.replica import standby_of, wait_until
from upkeep.answer import Metric, Severity, Status
from upkeep.checks.database.replica_delay import replica_delay
from upkeep.checks.database.replication_lag import replication_lag, synchronous_count
from upkeep.checks.database.replication_slots import replication_slots
from upkeep.sources.scratch import ScratchServer
from upkeep.units import Unit

STREAMS = "select count(*) = 1 from pg_stat_wal_receiver where status = 'streaming'"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ScratchServer, ScratchServer]]:
    """A primary and its streaming standby, both our own."""
    from tests.conftest import FULL, _serve

    for primary in _serve(tmp_path_factory.mktemp("primary"), FULL):
        folder = tmp_path_factory.mktemp("standby")
        folder.chmod(0o755)
        with standby_of(primary, folder, slot="standby_one") as standby:
            yield primary, standby


@pytest.fixture
def primary(pair: tuple[ScratchServer, ScratchServer]) -> Iterator[Lab]:
    with fresh_database(pair[0], "lag") as lab:
        yield lab


@pytest.fixture
def replica(pair: tuple[ScratchServer, ScratchServer], primary: Lab) -> Lab:
    lab = Lab(pair[1], "lag", primary.stack)
    caught_up(primary, lab)
    return lab


def caught_up(primary: Lab, replica: Lab) -> None:
    """Wait until the replica has replayed all of the primary."""
    lsn = primary.value("select pg_current_wal_lsn()::text")
    wait_until(replica.server, f"select pg_last_wal_replay_lsn() >= '{lsn}'")


def received(primary: Lab, replica: Lab) -> None:
    """Wait until the replica has received all of the primary, replayed or not."""
    lsn = primary.value("select pg_current_wal_lsn()::text")
    wait_until(replica.server, f"select pg_last_wal_receive_lsn() >= '{lsn}'")


@pytest.mark.baseline
def test_no_standby_at_all(lab: Lab) -> None:
    answer = lab.ask(replication_lag)
    assert (answer.status, answer.summary) == (Status.OK, "no standby and no subscriber is connected")
    assert lab.ask(replica_delay).summary == "not a replica: nothing to replay"


@pytest.mark.baseline
def test_a_standby_that_streams(primary: Lab, replica: Lab) -> None:
    seen = primary.ask(replication_lag, standbys=1)
    assert seen.status is Status.OK
    assert "1 standby, 0 other receivers; furthest behind standby_one" in seen.summary
    own = replica.ask(replica_delay)
    assert own.status is Status.OK
    assert "receiver streaming" in own.summary
    assert replica.ask(replication_lag).status is Status.OK


@pytest.mark.near_miss
@pytest.mark.usefixtures("primary")
def test_an_idle_primary_is_no_delay(replica: Lab) -> None:
    assert replica.ask(replica_delay, delay_minutes=0).status is Status.OK


@pytest.mark.near_miss
@pytest.mark.usefixtures("replica")
def test_as_many_standbys_as_last_week(primary: Lab) -> None:
    past = Past(measured=[Metric(name="replication_standbys", value=1, unit=Unit.COUNT)])
    assert primary.ask(replication_lag, history=past).status is Status.OK


@pytest.mark.fault
def test_paused_and_behind(primary: Lab, replica: Lab) -> None:
    replica.run("select pg_wal_replay_pause()")
    try:
        primary.run("create table t as select repeat('x', 1000) from generate_series(1, 10000)")
        received(primary, replica)
        own = replica.ask(replica_delay)
        assert rules(own) == [("replay_paused", "replay")]
        assert own.worst is Severity.MEDIUM
        assert replica.ask(replica_delay, delay_minutes=0).worst is Severity.HIGH
        seen = primary.ask(replication_lag, lag_gib=0.005)
        assert rules(seen) == [("standby_behind", "standby_one")]
        assert seen.worst is Severity.HIGH
        assert primary.ask(replication_lag, lag_gib=0.001, critical_lag_gib=0.005).worst is Severity.CRITICAL
        assert primary.ask(replication_lag).status is Status.OK
    finally:
        replica.run("select pg_wal_replay_resume()")


@pytest.mark.fault
def test_replay_that_a_query_holds_back(primary: Lab, replica: Lab) -> None:
    primary.run("create table held (id int); insert into held values (1)")
    caught_up(primary, replica)
    reader = replica.session(autocommit=False)
    reader.execute("select * from held")
    primary.run("drop table held")
    primary.run("select pg_sleep(0.1)")
    received(primary, replica)
    late = replica.ask(replica_delay, delay_minutes=0, settle_seconds=0.1)
    reader.rollback()
    assert rules(late) == [("replays_late", "replay")]


@pytest.mark.fault
@pytest.mark.usefixtures("replica")
def test_a_synchronous_standby_that_is_gone(primary: Lab) -> None:
    primary.run("alter system set synchronous_standby_names = 'any 2 (standby, elsewhere)'")
    primary.run("select pg_reload_conf()")
    try:
        wait_until(primary.server, "select current_setting('synchronous_standby_names') <> ''")
        wait_until(primary.server, "select count(*) = 1 from pg_stat_replication where sync_state = 'quorum'")
        answer = primary.ask(replication_lag)
    finally:
        primary.run("alter system reset synchronous_standby_names")
        primary.run("select pg_reload_conf()")
    assert rules(answer) == [("synchronous_standby_missing", "synchronous_standby_names")]
    assert answer.worst is Severity.CRITICAL
    assert "1 of 2" in answer.findings[0].title


@pytest.mark.fault
@pytest.mark.usefixtures("replica")
def test_fewer_standbys_than_configured_or_before(primary: Lab) -> None:
    answer = primary.ask(replication_lag, standbys=2)
    assert answer.worst is Severity.HIGH
    assert answer.findings[0].title == "1 standby streams; 2 were expected (as configured)"
    past = Past(measured=[Metric(name="replication_standbys", value=3, unit=Unit.COUNT)])
    answer = primary.ask(replication_lag, history=past)
    assert rules(answer) == [("standby_missing", "standbys")]
    assert answer.worst is Severity.MEDIUM
    assert answer.findings[0].title == "1 standby streams; 3 were expected (as many as in the last 7 days)"


@pytest.mark.fault
@pytest.mark.usefixtures("primary")
def test_a_replica_that_cannot_reach_its_primary(replica: Lab) -> None:
    real = replica.value("select quote_literal(current_setting('primary_conninfo'))")
    replica.run("alter system set primary_conninfo = 'host=127.0.0.1 port=1'")
    replica.run("select pg_reload_conf()")
    try:
        wait_until(replica.server, "select count(*) = 0 from pg_stat_wal_receiver where status = 'streaming'")
        answer = replica.ask(replica_delay)
    finally:
        replica.run(f"alter system set primary_conninfo = {real}")
        replica.run("select pg_reload_conf()")
        wait_until(replica.server, STREAMS)
    assert rules(answer) == [("not_streaming", "receiver")]


def test_a_replica_fed_from_an_archive_cannot_tell(primary: Lab, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    with standby_of(primary.server, tmp_path / "shipped", streams=False) as shipped:
        lab = Lab(shipped, "lag", primary.stack)
        primary.run("create table newest (id int)")
        primary.run("select pg_switch_wal()")
        wait_until(shipped, "select pg_last_xact_replay_timestamp() is not null")
        assert lab.ask(replica_delay).status is Status.OK
        late = lab.ask(replica_delay, delay_minutes=0)
    assert late.status is Status.UNKNOWN
    assert "idle primary" in late.summary


@pytest.mark.parametrize(
    ("names", "count"),
    [("", 0), ("one, two", 1), ("*", 1), ("first 2 (a, b, c)", 2), ('ANY 3 ("a b", c)', 3), ("2 (a, b)", 2), ("first_one", 1)],
)
def test_how_many_standbys_a_commit_waits_for(names: str, count: int) -> None:
    assert synchronous_count(names) == count


def synchronous(lab: Lab, names: str, level: str = "on") -> None:
    """Have commits of this server wait for these standbys at this level; the session that says so does not."""
    with lab.endpoint.connect("plant") as admin:
        admin.execute("set synchronous_commit = local")
        admin.execute(f"alter system set synchronous_standby_names = '{names}'".encode())
        admin.execute(f"alter system set synchronous_commit = '{level}'".encode())
        admin.execute("select pg_reload_conf()")
    wait_until(lab.server, f"select current_setting('synchronous_standby_names') = '{names}'")


@pytest.fixture
def copied(primary: Lab, replica: Lab) -> Iterator[Lab]:
    """A standby that has its primary's settings, as a base backup copies them."""
    assert primary
    replica.run("alter system set synchronous_standby_names = 'FIRST 1 (nowhere)'")
    replica.run("select pg_reload_conf()")
    wait_until(replica.server, "select current_setting('synchronous_standby_names') <> ''")
    yield replica
    replica.run("alter system reset synchronous_standby_names")
    replica.run("select pg_reload_conf()")


@pytest.mark.near_miss
def test_names_copied_to_a_standby_make_nothing_wait(copied: Lab) -> None:
    assert rules(copied.ask(replication_lag)) == []


@pytest.mark.parametrize(
    ("level", "own", "found"),
    [
        pytest.param("on", "", True, marks=pytest.mark.fault),
        pytest.param("remote_apply", "", True, marks=pytest.mark.fault),
        pytest.param("local", "", False, marks=pytest.mark.near_miss),
        pytest.param("off", "", False, marks=pytest.mark.near_miss),
        pytest.param("local", "remote_write", True, marks=pytest.mark.fault),
        pytest.param("off", "local", False, marks=pytest.mark.near_miss),
    ],
)
@pytest.mark.usefixtures("replica")
def test_the_level_of_commits_decides_whether_they_wait(primary: Lab, level: str, own: str, *, found: bool) -> None:
    synchronous(primary, "nowhere", level)
    try:
        if own:
            primary.run(f"set synchronous_commit = local; alter database lag set synchronous_commit = '{own}'")
        # The level of the question's own session is the database's then; the server's is not seen and taken to wait.
        asked = Lab(primary.server, "postgres", primary.stack)
        assert ("synchronous_standby_missing" in {rule for rule, _ in rules(asked.ask(replication_lag))}) is found
    finally:
        synchronous(primary, "")
        primary.run("alter database lag reset synchronous_commit")


@pytest.mark.near_miss
def test_slots_that_a_tool_keeps_for_each_member_of_a_cluster(primary: Lab, replica: Lab) -> None:
    replica.run("select pg_create_physical_replication_slot('member_2', true)")
    try:
        first = replica.ask(replication_slots)
        assert rules(first) == []
        assert "1 inactive" in first.summary
        primary.run("create table moved as select 1 as id")
        caught_up(primary, replica)
        assert rules(replica.ask(replication_slots, history=Past(remembered=first.state))) == []
        heavy = replica.ask(replication_slots, retained_gib=-1, history=Past(remembered=first.state))
        assert rules(heavy) == [("slot_inactive", "member_2")]
    finally:
        replica.run("select pg_drop_replication_slot('member_2')")
