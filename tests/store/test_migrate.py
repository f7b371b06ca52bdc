"""Migrations: once, all or nothing, also when two come at the same time or one is killed."""

import multiprocessing
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab import Lab
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.store import migrate as module
from upkeep.store.migrate import migrate, migrations, pending

SCORECARD = "functions/scorecard.sql"


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


def test_functions_come_after_every_migration() -> None:
    names = list(migrations())
    functions = [name for name in names if name.startswith("functions/")]
    assert SCORECARD in functions
    assert names[-len(functions) :] == functions


def test_a_changed_function_is_defined_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(lab.endpoint)
    changed = {**migrations(), SCORECARD: "create or replace function upkeep.told() returns int language sql as 'select 7'"}
    monkeypatch.setattr(module, "migrations", lambda: changed)
    assert pending(lab.endpoint) == [SCORECARD]
    assert migrate(lab.endpoint) == [SCORECARD]
    assert lab.value("select upkeep.told()") == 7
    assert (pending(lab.endpoint), migrate(lab.endpoint)) == ([], [])


@pytest.mark.parametrize("path", sorted(Path(module.__file__).parent.glob("functions/*.sql")), ids=lambda path: path.stem)
def test_what_a_function_s_file_defines_may_be_defined_again(path: Path) -> None:
    made = re.findall(r"^(create.*?) upkeep\.(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert made == [("create or replace function", path.stem)], "a function a file, by its name; tables belong in migrations/"


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "WIN1252", "EUC_JP"])
def test_another_encoding_is_refused_and_the_remedy_helps(lab: Lab, encoding: str) -> None:
    name = f"{lab.database[:30]}_{encoding}".lower()
    there, made = replace(lab.endpoint, database=name), replace(lab.endpoint, database="upkeep_reports")
    lab.run(f"create database {name} encoding '{encoding}' locale 'C' template template0")
    try:
        for ask in (pending, migrate, migrate):
            with pytest.raises(BrokenError, match=f"{encoding}; Upkeep needs UTF8") as refused:
                ask(there)
            assert not refused.value.retry
        with there.connect("look") as connection:
            assert connection.execute("select to_regnamespace('upkeep') is null").fetchone() == (True,), "nothing was made"
        lab.run(refused.value.remedy.splitlines()[-1])
        assert migrate(made) == list(migrations())
        assert migrate(made) == []
    finally:
        for database in (name, "upkeep_reports"):
            lab.run(f"drop database if exists {database} with (force)")


def test_a_login_that_owns_its_schema_alone_can_migrate(lab: Lab) -> None:
    lab.run("drop role if exists owner_of_upkeep")
    lab.run("create role owner_of_upkeep login")
    try:
        lab.run("create schema upkeep authorization owner_of_upkeep")
        login = lab.login("owner_of_upkeep")
        assert migrate(login) == list(migrations())
        assert migrate(login) == []
        assert pending(login) == []
        owned = (
            "select count(*) from pg_class where relnamespace = 'upkeep'::regnamespace and relowner <> 'owner_of_upkeep'::regrole"
        )
        assert lab.value(owned) == 0
    finally:
        lab.run("drop owned by owner_of_upkeep cascade")
        lab.run("drop role owner_of_upkeep")


@pytest.mark.parametrize("before", ["select 1", "create schema upkeep"], ids=["no schema", "a schema of another"])
def test_a_login_that_may_not_is_told_what_to_do(lab: Lab, before: str) -> None:
    lab.run(before)
    lab.run("drop role if exists newcomer_to_upkeep")
    lab.run("create role newcomer_to_upkeep login")
    try:
        with pytest.raises(UpkeepError, match="newcomer_to_upkeep may not make the schema") as refused:
            migrate(lab.login("newcomer_to_upkeep"))
        assert isinstance(refused.value, BrokenError)
        lab.run(refused.value.remedy.splitlines()[-1])
        assert migrate(lab.login("newcomer_to_upkeep")) == list(migrations())
    finally:
        lab.run("drop owned by newcomer_to_upkeep cascade")
        lab.run("drop role newcomer_to_upkeep")


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
