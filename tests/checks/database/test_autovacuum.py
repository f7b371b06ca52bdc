"""autovacuum: tables that fall behind by their own settings, and an autovacuum that is off."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.lab import Lab, rules
from tests.replica import wait_until
from upkeep.answer import Severity, Status
from upkeep.checks.database.autovacuum import Workers, _server, autovacuum
from upkeep.sources.scratch import ScratchServer, free_port


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """A server of our own with autovacuum on, which wakes so seldom that it does nothing here."""
    folder = tmp_path_factory.mktemp("autovacuum")
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    settings = {"autovacuum": "on", "autovacuum_naptime": "2000000", "fsync": "off"}
    server = ScratchServer(folder / "own", free_port(), major=18, settings=settings)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def own(running: ScratchServer) -> Iterator[Lab]:
    lab = Lab(running, "postgres", ExitStack())
    yield lab
    lab.run("drop schema public cascade; create schema public")


def table(lab: Lab, rows: int, dead: int, name: str = "t", options: str = "") -> None:
    """A table that was vacuumed when it had so many rows, and then had so many deleted."""
    lab.run(f"create table {name} (id int) {options}; insert into {name} select generate_series(1, {rows})")
    lab.run(f"vacuum (analyze) {name}")
    if dead:
        lab.run(f"delete from {name} where id <= {dead}")
    wait_until(lab.server, f"select n_dead_tup >= {dead} from pg_stat_all_tables where relid = '{name}'::regclass")


@pytest.mark.baseline
def test_vacuumed_tables(own: Lab) -> None:
    table(own, 20_000, 0)
    answer = own.ask(autovacuum)
    assert (answer.status, answer.summary) == (Status.OK, "0 tables behind; 0 of 3 workers busy")


@pytest.mark.near_miss
def test_just_over_its_threshold_is_autovacuums_own_work(own: Lab) -> None:
    table(own, 100_000, 30_000)
    assert own.ask(autovacuum, hours=0).status is Status.OK


@pytest.mark.near_miss
def test_a_table_vacuumed_an_hour_ago(own: Lab) -> None:
    table(own, 50_000, 40_000)
    assert own.ask(autovacuum).status is Status.OK


@pytest.mark.near_miss
def test_a_small_table(own: Lab) -> None:
    table(own, 5_000, 5_000)
    assert own.ask(autovacuum, hours=0).status is Status.OK


@pytest.mark.near_miss
def test_its_own_settings_may_want_more(own: Lab) -> None:
    table(own, 50_000, 40_000, options="with (autovacuum_vacuum_threshold = 30000)")
    assert own.ask(autovacuum, hours=0).status is Status.OK


@pytest.mark.fault
def test_twice_its_threshold_for_long(own: Lab) -> None:
    table(own, 50_000, 40_000, name='"Bestellung ""ä"""')
    answer = own.ask(autovacuum, hours=0)
    assert rules(answer) == [("vacuum_behind", 'public."Bestellung ""ä"""')]
    assert answer.worst is Severity.MEDIUM
    assert own.ask(autovacuum, hours=0, high_times_over=3).worst is Severity.HIGH
    own.run(answer.findings[0].remedy.split(";")[0])
    assert own.ask(autovacuum, hours=0).status is Status.OK


@pytest.mark.fault
def test_its_own_settings_may_want_less(own: Lab) -> None:
    table(own, 200_000, 20_000, options="with (autovacuum_vacuum_scale_factor = 0.01)")
    assert rules(own.ask(autovacuum, hours=0)) == [("vacuum_behind", "public.t")]


@pytest.mark.fault
def test_only_inserts(own: Lab) -> None:
    own.run("create table log (id int); insert into log select generate_series(1, 40000)")
    wait_until(own.server, "select n_ins_since_vacuum = 40000 from pg_stat_all_tables where relid = 'log'::regclass")
    answer = own.ask(autovacuum)
    assert rules(answer) == [("vacuum_behind", "public.log")]
    assert "never vacuumed" in answer.findings[0].title


@pytest.mark.fault
def test_turned_off_for_a_table(own: Lab) -> None:
    table(own, 100, 0, options="with (autovacuum_enabled = off)")
    answer = own.ask(autovacuum)
    assert rules(answer) == [("table_autovacuum_off", "public.t")]
    assert answer.worst is Severity.LOW
    own.run(answer.findings[0].remedy)
    assert own.ask(autovacuum).status is Status.OK


@pytest.mark.fault
def test_turned_off_for_the_server(lab: Lab) -> None:
    answer = lab.ask(autovacuum)
    assert rules(answer) == [("autovacuum_off", "server")]
    assert answer.worst is Severity.HIGH


@pytest.mark.fault
def test_all_workers_busy_for_long() -> None:
    busy = Workers(enabled=True, counting=True, allowed=3, busy=3, shortest_seconds=7200)
    assert [f.rule for f in _server(busy, 3600, behind=False)] == ["autovacuum_workers_busy"]


@pytest.mark.near_miss
def test_a_short_burst_of_workers() -> None:
    burst = Workers(enabled=True, counting=True, allowed=3, busy=3, shortest_seconds=20)
    assert [*_server(burst, 3600, behind=False)] == []
