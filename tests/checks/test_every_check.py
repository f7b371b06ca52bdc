"""What holds for every check that asks PostgreSQL, on every major version that this machine has, on primaries and in recovery."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import FULL
from tests.lab import Lab, fresh_database
from upkeep.answer import Status
from upkeep.discovery import discover
from upkeep.duty import Duty
from upkeep.sources.postgres import Postgres
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.targets.database import Database
from upkeep.window import Window

NO_CONTRIB = 16
CHECKS = [d for d in discover() if d.kind == "check" and d.target is Database and Postgres in d.takes.values()]
IDS = [d.name for d in CHECKS]
NOW = datetime.now(UTC)
TODAY = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=6))

# Test servers run without fsync, autovacuum and archiving on purpose; every other finding on an empty database is a false alarm.
HEALTHY: dict[str, dict[str, Any]] = {"settings": {"accept": "fsync"}}
PLANTED = {
    "archiver": {"archiving_off"},
    "autovacuum": {"autovacuum_off"},
    # They are of the release that they are of, and old majors end.
    "postgres_releases": {"security_release_missed", "minor_release_missed", "end_of_life"},
}


@pytest.fixture(scope="module")
def old_and_new(every_server: ScratchServer) -> Iterator[Lab]:
    """A small healthy database with names that need quotes, on each major."""
    with fresh_database(every_server, 'La "Böse" DB') as made:
        made.run(
            """
            create extension if not exists pg_stat_statements;
            create schema "Schema ä'";
            create table "Schema ä'"."Tab""elle" (id bigserial primary key, "Spalte %s" text);
            insert into "Schema ä'"."Tab""elle" ("Spalte %s") select 'x' from generate_series(1, 100);
            analyze;
            """
            if every_server.major != NO_CONTRIB
            else "create table t (id bigserial primary key); analyze"
        )
        yield made


@pytest.mark.baseline
@pytest.mark.parametrize("duty", CHECKS, ids=IDS)
def test_it_can_be_asked_on_every_major_and_a_healthy_server_raises_nothing(old_and_new: Lab, duty: Duty) -> None:
    answer = old_and_new.ask(duty, window=TODAY, **HEALTHY.get(duty.name, {}))
    invented = [f for f in answer.findings if f.rule not in PLANTED.get(duty.name, set())]
    assert not invented, f"false alarm of {duty.name} on PostgreSQL {old_and_new.server.major}: {invented}"
    assert answer.summary
    if answer.status is Status.UNKNOWN:
        assert "does not offer" not in answer.summary, (
            f"{duty.name} uses what PostgreSQL {old_and_new.server.major} does not have: write {duty.name}.pgNN.sql beside it, "
            f"or raise CannotAskError with a plain reason ({answer.summary})"
        )


@pytest.fixture(scope="module")
def strange(server: ScratchServer) -> Iterator[Lab]:
    """A database and a role without rights."""
    with fresh_database(server, "seen_by_a_stranger") as made:
        made.run("create role stranger login")
        yield made


@pytest.mark.parametrize("duty", CHECKS, ids=IDS)
def test_without_rights_it_is_unknown_with_a_remedy_or_needs_none(strange: Lab, duty: Duty) -> None:
    answer = strange.ask(duty, user="stranger", window=TODAY)
    if duty.needs:
        assert answer.status is Status.UNKNOWN, f"{duty.name} says {answer.status} without the rights it needs: {answer.summary}"
        assert answer.evidence["remedy"], f"{duty.name} does not say which grant is missing"


@pytest.fixture(scope="module")
def standby(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A hot standby of the scratch server, made of a copy of its files."""
    with fresh_database(server, "seen_from_standby") as made:
        made.run("create extension if not exists pg_stat_statements; create table t (id bigserial primary key)")
        copy = ScratchServer(tmp_path_factory.mktemp("standby"), free_port(), major=FULL, password=server.endpoint().password)
        copy.folder.parent.chmod(0o755)
        with made.endpoint.connect("base backup") as admin:
            admin.execute("select pg_catalog.pg_backup_start('standby', true)")
            shutil.copytree(server.data, copy.data, ignore=shutil.ignore_patterns("postmaster.pid", "pg_replslot"))
            label = admin.execute("select labelfile from pg_catalog.pg_backup_stop(false)").fetchone()
        assert label is not None
        (copy.data / "backup_label").write_text(label[0])
        (copy.data / "pg_replslot").mkdir()
        (copy.data / "standby.signal").touch()
        with (copy.data / "postgresql.auto.conf").open("a") as conf:
            conf.write(f"primary_conninfo = 'host=127.0.0.1 port={server.port} user=postgres password={copy.password}'\n")
        copy.adopt()
        try:
            copy.start()
            with ExitStack() as stack:
                yield Lab(copy, made.database, stack)
        finally:
            copy.remove()


@pytest.mark.baseline
@pytest.mark.parametrize("duty", CHECKS, ids=IDS)
def test_it_can_be_asked_of_a_server_in_recovery(standby: Lab, duty: Duty) -> None:
    answer = standby.ask(duty, window=TODAY, **HEALTHY.get(duty.name, {}))
    invented = [f for f in answer.findings if f.rule not in PLANTED.get(duty.name, set())]
    assert not invented, f"false alarm of {duty.name} on a standby: {invented}"
    assert "recovery is in progress" not in answer.summary, f"{duty.name} must look at pg.in_recovery first: {answer.summary}"
