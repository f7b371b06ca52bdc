"""autovacuum: tables that fall behind by their own settings, and an autovacuum that is off."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.conftest import FULL
from tests.lab import Lab, Past, rules
from tests.replica import wait_until
from upkeep.answer import Severity, Status
from upkeep.checks.database.autovacuum import Workers, _server, autovacuum
from upkeep.sources.scratch import ScratchServer, free_port

QUIET = "0 tables behind, 0 tables over the limit since a short while; 0 of 3 workers busy"


def yesterday(lab: Lab, name: str = "public.t") -> Past:
    """A run eight hours ago, at which this table was over its limit; whatever vacuum it had came before that."""
    when = lab.value("select extract(epoch from now())::float8 - 8 * 3600")
    return Past(remembered={"over_since": {name: when}})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """A server of our own with autovacuum on, which wakes so seldom that it does nothing here."""
    folder = tmp_path_factory.mktemp("autovacuum")
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    settings = {"autovacuum": "on", "autovacuum_naptime": "2000000", "fsync": "off"}
    server = ScratchServer(folder / "own", free_port(), major=FULL, settings=settings)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def own(running: ScratchServer) -> Iterator[Lab]:
    lab = Lab(running, "postgres", ExitStack())
    yield lab
    lab.run("drop schema public cascade; create schema public")


def grown(lab: Lab, rows: int, name: str = "t", options: str = "") -> None:
    """A table that was never vacuumed and has had so many rows inserted."""
    lab.run(f"create table {name} (id int) {options}; insert into {name} select generate_series(1, {rows})")
    wait_until(lab.server, f"select n_ins_since_vacuum = {rows} from pg_stat_all_tables where relid = '{name}'::regclass")


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
    assert (answer.status, answer.summary) == (Status.OK, QUIET)


@pytest.mark.near_miss
def test_just_over_its_threshold_is_autovacuums_own_work(own: Lab) -> None:
    grown(own, 15_000, options="with (autovacuum_vacuum_insert_threshold = 10000)")
    assert own.ask(autovacuum, history=yesterday(own)).status is Status.OK


@pytest.mark.near_miss
def test_a_bulk_change_a_minute_ago(own: Lab) -> None:
    grown(own, 40_000)
    answer = own.ask(autovacuum, history=Past(remembered={"over_since": {}}))
    assert answer.status is Status.OK
    assert "1 table over the limit since a short while" in answer.summary


@pytest.mark.near_miss
def test_a_table_that_was_vacuumed_since(own: Lab) -> None:
    table(own, 50_000, 40_000)
    assert own.ask(autovacuum, history=yesterday(own)).status is Status.OK


@pytest.mark.near_miss
def test_a_small_table(own: Lab) -> None:
    grown(own, 5_000)
    assert own.ask(autovacuum, history=yesterday(own)).status is Status.OK


@pytest.mark.near_miss
def test_its_own_settings_may_want_more(own: Lab) -> None:
    grown(own, 40_000, options="with (autovacuum_vacuum_insert_threshold = 30000)")
    assert own.ask(autovacuum, history=yesterday(own)).status is Status.OK


def test_the_first_look_cannot_tell(own: Lab) -> None:
    grown(own, 40_000)
    answer = own.ask(autovacuum)
    assert answer.status is Status.UNKNOWN
    assert answer.state is not None
    assert list(answer.state["over_since"]) == ["public.t"]


@pytest.mark.fault
def test_inserts_that_nobody_vacuumed_for_hours(own: Lab) -> None:
    name = '"Bestellung ""ä"""'
    grown(own, 40_000, name=name)
    history = yesterday(own, f"public.{name}")
    answer = own.ask(autovacuum, history=history)
    assert rules(answer) == [("vacuum_behind", f"public.{name}")]
    assert answer.worst is Severity.HIGH
    assert "never vacuumed" in answer.findings[0].title
    assert own.ask(autovacuum, history=history, high_times_over=100).worst is Severity.MEDIUM
    own.run(answer.findings[0].remedy.split(";")[0])
    assert own.ask(autovacuum, history=history).status is Status.OK


@pytest.mark.fault
def test_dead_rows_beyond_its_own_settings(own: Lab) -> None:
    options = "with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_threshold = -1)"
    own.run(f"create table t (id int) {options}; insert into t select generate_series(1, 200000); analyze t")
    own.run("delete from t where id <= 20000")
    wait_until(own.server, "select n_dead_tup >= 20000 from pg_stat_all_tables where relid = 't'::regclass")
    answer = own.ask(autovacuum, history=yesterday(own))
    assert rules(answer) == [("vacuum_behind", "public.t")]
    assert "20,000 rows to vacuum" in answer.findings[0].title


@pytest.mark.fault
def test_a_table_that_nothing_will_vacuum_is_behind_at_once(own: Lab) -> None:
    table(own, 50_000, 40_000, options="with (autovacuum_enabled = off)")
    answer = own.ask(autovacuum)
    assert rules(answer) == [("vacuum_behind", "public.t")]
    assert "alter table public.t reset (autovacuum_enabled);" in answer.findings[0].remedy


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
