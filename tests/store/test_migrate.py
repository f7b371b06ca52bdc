"""Migrations: once, all or nothing, also when two come at the same time or one is killed."""

import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.lab import Lab
from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.store import migrate as module
from upkeep.store.migrate import migrate, migrations, pending


def test_twice_does_nothing_more(lab: Lab) -> None:
    assert pending(lab.endpoint) == list(migrations())
    assert migrate(lab.endpoint) == list(migrations())
    assert migrate(lab.endpoint) == []
    assert pending(lab.endpoint) == []


def test_two_at_once_apply_it_once(lab: Lab) -> None:
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(migrate, [lab.endpoint] * 3))
    assert sorted(map(len, done)) == [0, 0, len(migrations())]


def _migrate_and_hang(endpoint: Endpoint) -> None:
    slow = {**migrations(), "9999_slow.sql": "select pg_catalog.pg_sleep(60)"}
    module.migrations = lambda: slow
    migrate(endpoint)


def test_killed_nothing_has_happened(lab: Lab) -> None:
    child = multiprocessing.get_context("fork").Process(target=_migrate_and_hang, args=(lab.endpoint,))
    child.start()
    asleep = "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
    deadline = time.monotonic() + 30
    while not lab.value(asleep):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    lab.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    )
    assert migrate(lab.endpoint) == list(migrations())


def test_a_broken_one_leaves_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {**migrations(), "9999_broken.sql": "select nonsense"}
    monkeypatch.setattr(module, "migrations", lambda: broken)
    with pytest.raises(Exception, match="nonsense"):
        migrate(lab.endpoint)
    assert lab.value("select to_regnamespace('upkeep')") is None


def test_a_changed_one_is_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(lab.endpoint)
    changed = {name: text + "\n-- changed" for name, text in migrations().items()}
    monkeypatch.setattr(module, "migrations", lambda: changed)
    with pytest.raises(UpkeepError, match="was changed after it had been applied"):
        migrate(lab.endpoint)


def test_a_login_that_may_not_create_roles_can_migrate(lab: Lab) -> None:
    lab.run("drop role if exists keeper_of_upkeep")
    lab.run("create role keeper_of_upkeep login")
    try:
        lab.run(f'grant create on database "{lab.database}" to keeper_of_upkeep')
        assert migrate(lab.login("keeper_of_upkeep")) == list(migrations())
        assert (
            lab.value("select tableowner from pg_tables where schemaname = 'upkeep' and tablename = 'run'") == "keeper_of_upkeep"
        )
    finally:
        lab.run("drop owned by keeper_of_upkeep cascade")
        lab.run("drop role keeper_of_upkeep")
