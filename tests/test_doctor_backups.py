"""The doctor on the chain of backups: each link well, just inside, and broken, with what to do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.pgbouncer import pgbouncer
from upkeep.backups import programs
from upkeep.config.inventory import load
from upkeep.discovery import discover
from upkeep.doctor import log, round_trip
from upkeep.doctor.backups import Chain
from upkeep.doctor.examine import Practice, examine
from upkeep.errors import BrokenError
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources import scratch
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Backup, Database, ServerLog
from upkeep.targets.diagnosis import Diagnosis, Level


@dataclass
class Connected:
    """One database and stores by their URL."""

    endpoint: Endpoint
    asked: list[str] = field(default_factory=list)

    def postgres(self, connection_id: str) -> Endpoint:
        """The database; "gone" is none."""
        self.asked.append(connection_id)
        if connection_id == "gone":
            raise BrokenError('Airflow has no connection "gone"', "add it", retry=False)
        return self.endpoint

    def objects(self, url: str, _: str | None) -> ObjectStore:
        """The store."""
        return open_store(url)

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """No result for."""
        raise NotImplementedError(connection_id, service)


@dataclass
class Chains:
    """Chains of one database and one folder."""

    lab: Lab
    folder: Path

    def ask(self, endpoint: Endpoint | None = None, *, executor: str = "LocalExecutor", **plan: Any) -> dict[str, Diagnosis]:
        """Verdicts by what they are about."""
        made = Backup.model_validate({"to": self.folder.as_uri(), **plan})
        target = Database(name="shop / ä", owner="ann", connection="shop_db", backup=made)
        chain = Chain(target, made, Connected(endpoint or self.lab.endpoint), executor, "inventory.yaml:7")
        return {diagnosis.about: diagnosis for diagnosis in chain.examined()}

    def refused(self, *args: Any, **plan: Any) -> list[str]:
        """What needs a person."""
        return [about for about, diagnosis in self.ask(*args, **plan).items() if diagnosis.level is Level.NO]


@pytest.fixture
def chains(lab: Lab, tmp_path: Path) -> Chains:
    (tmp_path / "store").mkdir()
    return Chains(lab, tmp_path / "store")


@pytest.fixture
def reader(lab: Lab) -> Iterator[str]:
    name = "backup reader"
    lab.run(f'drop role if exists "{name}"')
    lab.run(f'create role "{name}" login')
    yield name
    lab.run(f'drop owned by "{name}"')
    lab.run(f'drop role "{name}"')


@pytest.mark.baseline
def test_a_whole_chain_is_well_and_leaves_nothing_behind(chains: Chains) -> None:
    found = chains.ask()
    assert {about: diagnosis.level for about, diagnosis in found.items()} == dict.fromkeys(
        ("backup pooler", "backup reads", "backup store", "programs", "restore"), Level.OK
    )
    assert "pg_dump (PostgreSQL) 18" in found["programs"].text
    assert "for a server of PostgreSQL 18" in found["programs"].text
    assert "a tiny database was dumped and restored" in found["restore"].text
    assert "loosely" not in found["restore"].text, "it is of the same major version"
    assert [path for path in chains.folder.rglob("*") if path.is_file()] == []
    assert list(chains.folder.glob("*/upkeep-doctor-*")) == []


@pytest.mark.near_miss
def test_a_login_of_its_own_that_reads_all_is_well(chains: Chains, lab: Lab, reader: str) -> None:
    lab.run(f'create table t (a int); grant pg_read_all_data to "{reader}"')
    assert chains.refused(lab.login(reader), login="shop_backup") == []


@pytest.mark.near_miss
def test_what_no_login_sees_is_a_note(chains: Chains, lab: Lab, reader: str) -> None:
    lab.run("create extension postgres_fdw; create server far foreign data wrapper postgres_fdw")
    lab.run("create user mapping for postgres server far options (user 'x', password 'y')")
    lab.run(f'grant pg_read_all_data to "{reader}"')
    found = chains.ask(lab.login(reader))
    assert found["backup reads"].level is Level.OK
    notes = [v for v in whole_chain(chains, lab.login(reader)) if v.level is Level.NOTE]
    assert len(notes) == 1
    assert 'options of the user mapping for "postgres" on server "far"' in notes[0].text


def whole_chain(chains: Chains, endpoint: Endpoint) -> list[Diagnosis]:
    made = Backup(to=chains.folder.as_uri())
    target = Database(name="shop", owner="ann", connection="shop_db", backup=made)
    return list(Chain(target, made, Connected(endpoint), "LocalExecutor", "x:1").examined())


@pytest.mark.fault
def test_a_login_that_cannot_read_a_table_is_named_with_the_grant(chains: Chains, lab: Lab, reader: str) -> None:
    lab.run("create table secrets (a int)")
    found = chains.ask(lab.login(reader))["backup reads"]
    assert found.level is Level.NO
    assert "secrets" in found.text
    assert f'grant pg_read_all_data to "{reader}"' in found.remedy
    assert found.grants == (f'grant pg_read_all_data to "{reader}";',), "part of the script that is pasted once"
    assert (found.server, found.database) == (lab.endpoint.place, lab.database)
    assert "backup" in found.blind


@pytest.mark.fault
def test_a_login_that_is_missing_or_away(chains: Chains) -> None:
    found = chains.ask(login="gone")
    assert (found["backup login"].level, found["backup login"].remedy) == (Level.NO, "add it")
    assert "programs" not in found
    assert "does not answer" in chains.ask(Endpoint("127.0.0.1", 1, "x", database="x"))["backup login"].text


@pytest.mark.fault
def test_a_pooler_in_transaction_mode_is_refused_and_in_session_mode_is_not(chains: Chains, lab: Lab, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pgbouncer(tmp_path / "t", lab.endpoint, "transaction") as endpoint:
        found = chains.ask(endpoint)["backup pooler"]
        assert (found.level, "reaches the server itself" in found.remedy) == (Level.NO, True)
    with pgbouncer(tmp_path / "s", lab.endpoint, "session") as endpoint:
        assert chains.ask(endpoint)["backup pooler"].level is Level.OK


@pytest.mark.fault
def test_a_store_that_is_no_folder(chains: Chains) -> None:
    (chains.folder / "file").touch()
    found = chains.ask(to=(chains.folder / "file").as_uri())["backup store"]
    assert (found.level, bool(found.remedy)) == (Level.NO, True)


@pytest.mark.fault
def test_a_store_that_gives_back_other_bytes(chains: Chains, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = ObjectStore.get
    monkeypatch.setattr(ObjectStore, "get", lambda self, name: usual(self, name)[:-1])
    found = chains.ask()["backup store"]
    assert (found.level, "came back as other bytes" in found.text) == (Level.NO, True)


@pytest.mark.fault
def test_a_store_that_lets_nothing_go(chains: Chains, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ObjectStore, "delete", lambda *_: None)
    monkeypatch.setattr(ObjectStore, "delete_all", lambda _: None)
    found = chains.ask()["backup store"]
    assert (found.level, "still there after it was deleted" in found.text) == (Level.NO, True)


@pytest.mark.parametrize(
    ("executor", "to", "noted"),
    [
        ("CeleryExecutor", None, True),
        ("LocalExecutor,airflow.providers.celery.executors.celery_executor.CeleryExecutor", None, True),
        ("LocalExecutor", None, False),
        ("", None, False),
        ("KubernetesExecutor", "memory://store", False),
    ],
)
def test_a_local_store_where_tasks_run_on_several_machines_is_a_note(
    chains: Chains, executor: str, to: str | None, *, noted: bool
) -> None:
    found = chains.ask(executor=executor, to=to or chains.folder.as_uri())
    assert (found["backup store"].level is Level.NOTE) is noted
    if noted:
        assert "CeleryExecutor" in found["backup store"].text


@pytest.mark.fault
def test_keys_that_are_none(chains: Chains) -> None:
    import pyrage

    good = str(pyrage.x25519.Identity.generate().to_public())
    assert chains.ask(encrypt_to=[good])["backup keys"].level is Level.OK
    found = chains.ask(encrypt_to=[good, "age1nonsense"])["backup keys"]
    assert (found.level, "age1nonsense" in found.text) == (Level.NO, True)


@pytest.fixture
def bin_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A folder for UPKEEP_PG_BIN with programs that say a version."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(scratch, "installed", scratch.installed.__wrapped__)
    monkeypatch.setattr(programs, "installed", scratch.installed)

    def one(version: int, *names: str) -> Path:
        for name in names:
            file = folder / name
            file.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}.1'\n")
            file.chmod(0o755)
        monkeypatch.setenv("UPKEEP_PG_BIN", str(folder))
        return folder

    round_trip._tried.cache_clear()  # noqa: SLF001
    yield one
    round_trip._tried.cache_clear()  # noqa: SLF001


@pytest.mark.fault
def test_the_folder_that_was_set_wins_and_must_fit(bin_of: Any, chains: Chains) -> None:
    folder = bin_of(99, "pg_dump")
    assert programs.client(15) == (99, folder)
    found = chains.ask()["programs"]
    assert (found.level, f"{folder} has no pg_dumpall, pg_restore, psql" in found.text) == (Level.NO, True)
    bin_of(12, "pg_dump")
    found = chains.ask()["programs"]
    assert (found.level, f"UPKEEP_PG_BIN ({folder}) are of 12" in found.text) == (Level.NO, True)


@pytest.mark.fault
def test_a_folder_without_programs_is_said(bin_of: Any, chains: Chains) -> None:
    bin_of(18)
    found = chains.ask()["programs"]
    assert (found.level, "are of none" in found.text) == (Level.NO, True)


@pytest.mark.fault
def test_programs_that_do_not_work_together_are_found_by_trying(bin_of: Any, chains: Chains) -> None:
    folder = bin_of(18, "pg_dump", "pg_dumpall", "pg_restore", "psql")
    real = next(iter(scratch.installed("initdb").values()))
    assert real
    (folder / "pg_dump").write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 18.1' && exit\necho broken >&2; exit 1\n"
    )
    found = chains.ask()["restore"]
    assert found.level is Level.NO
    assert "a tiny restore into PostgreSQL" in found.text
    assert found.remedy


@pytest.mark.near_miss
def test_clients_alone_are_a_note(chains: Chains, monkeypatch: pytest.MonkeyPatch) -> None:
    round_trip._tried.cache_clear()  # noqa: SLF001
    monkeypatch.setattr(round_trip, "installed", dict)
    found = chains.ask()["restore"]
    round_trip._tried.cache_clear()  # noqa: SLF001
    assert (found.level, "no server programs of PostgreSQL 18" in found.text) == (Level.NOTE, True)


def test_the_log_as_slow_queries_reads_it(lab: Lab, reader: str, tmp_path: Path) -> None:
    shop = Database(name="shop", owner="ann", connection="shop_db")
    line = "inventory.yaml:{}".format
    collecting = lab.value("select current_setting('logging_collector')") == "on"
    found = log.examined(shop, lab.endpoint, line)
    assert (found.level is Level.OK) is collecting
    assert found.level is Level.OK or "log.read: file" in found.remedy
    if collecting:
        bare = log.examined(shop, lab.login(reader), line)
        assert any("pg_read_binary_file" in grant for grant in bare.grants)
    for path, level in ((tmp_path / "postgresql.log", Level.OK), (tmp_path / "gone.log", Level.NO)):
        (tmp_path / "postgresql.log").write_text("x")
        one = shop.model_copy(update={"log": ServerLog(read="file", path=str(path))})
        found = log.examined(one, lab.endpoint, line)
        assert found.level is level
        assert found.blind == (() if level is Level.OK else ("slow_queries",))


def test_backups_are_part_of_the_whole_examination(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "inventory.yaml"
    path.write_text(
        "people: [{name: ann, role: dba, slack: U0ANN}]\n"
        f"backup: {{to: '{(tmp_path / 'store').as_uri()}'}}\n"
        "databases:\n"
        "  - {name: shop, owner: ann, connection: shop}\n"
        "  - {name: crm, owner: ann, connection: crm, backup: {taken_by: barman, name: crm}}\n"
        "  - name: own\n    owner: ann\n    connection: own\n"
        f"    backup: {{to: '{(tmp_path / 'own').as_uri()}'}}\n"
    )
    practice = Practice(
        inventory=load(path), path=path, duties=discover(), connections=Connected(lab.endpoint), store=lambda: lab.endpoint,
        slack=lambda: SlackEndpoint("webhook", token="x"), executor="CeleryExecutor",
    )  # fmt: skip
    found = examine(practice, practice.inventory.targets)
    backups = [v for v in found if v.about.startswith(("backup", "programs", "restore"))]
    assert {v.subject for v in backups} == {"shop", "own"}
    assert {v.where for v in backups} == {f"{path}:2", f"{path}:9"}
    assert {v.about for v in found if v.subject == "crm"} >= {"reachable", "server log"}
