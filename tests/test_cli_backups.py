"""upkeep backups and upkeep restore: what they print, and their exit codes: 0 well, 1 failed or differs, 2 wrong use."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

import upkeep.airflow_bridge
from tests.backups.world import Shelf, in_folder
from tests.lab import Lab
from upkeep.backups import restore_request as asked
from upkeep.backups.registry import Record, Restoration, State
from upkeep.backups.restore import Restored
from upkeep.backups.restore_request import Wanted, chosen, mapping
from upkeep.cli import main
from upkeep.cli.registry import stored_registry
from upkeep.cli.restore import proven
from upkeep.config.inventory import inventory_path
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.objects import open_store
from upkeep.sources.scratch import installed
from upkeep.store.migrate import migrate

TARGET = "the shop / ä"
UPKEEP = Path(sys.executable).parent / "upkeep"


@dataclass
class Output:
    """What one command ended with and printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run one command here."""

    def one(*args: str) -> Output:
        try:
            code = main(args)
        except SystemExit as ended:  # argparse's own
            code = int(ended.code or 0)
        return Output(code, *capsys.readouterr())

    return one


@pytest.fixture
def backup(lab: Lab, tmp_path: Path) -> str:
    """The id of a backup of a small database, in the folder `store`."""
    lab.run("create table t (a int); insert into t select generate_series(1, 7)")
    return in_folder(tmp_path / "store", TARGET).take(lab.endpoint).id


@dataclass
class House:
    """An inventory, a report database and one backup of `shop` that it knows."""

    lab: Lab
    shelf: Shelf
    record: Record
    inventory: Path
    copy: str = "cli copy"

    def put(self, record: Record) -> None:
        """A row of the report database."""
        with stored_registry() as registry:
            registry.put(record)

    def rows(self) -> list[Record]:
        """Those of `shop`."""
        with stored_registry() as registry:
            return registry.records("shop")

    def restorations(self) -> list[Restoration]:
        """Those of `shop`."""
        with stored_registry() as registry:
            return registry.restorations("shop")

    def has_copy(self) -> bool:
        """Whether the destination is there."""
        return bool(self.lab.value(f"select count(*) from pg_database where datname = '{self.copy}'"))


@pytest.fixture
def house(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    lab.run("create table public.t (a int); insert into t values (1)")
    shelf = in_folder(tmp_path / "store", "shop")
    record = shelf.take(lab.endpoint)
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(
        "people: [{name: ann, role: dba, slack: U0ANN}]\n"
        f"backup: {{to: '{(tmp_path / 'store').as_uri()}'}}\n"
        "databases:\n  - {name: shop, owner: ann, connection: shop_db}\n"
    )
    monkeypatch.setenv("UPKEEP_INVENTORY", str(inventory))
    assert inventory_path() == inventory
    migrate(lab.endpoint)
    connections = SimpleNamespace(postgres=lambda _: lab.endpoint, objects=lambda url, _: open_store(url))
    stand_in = SimpleNamespace(store=lambda: lab.endpoint, AirflowConnections=lambda: connections)
    monkeypatch.setattr(upkeep.airflow_bridge, "connections", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "upkeep.airflow_bridge.connections", stand_in)
    made = House(lab, shelf, record, inventory)
    yield made
    lab.server.endpoint().connect("drop").execute(f'drop database if exists "{made.copy}" with (force)'.encode())


@pytest.fixture
def known(house: House) -> House:
    house.put(house.record)
    return house


def folder(tmp_path: Path) -> str:
    return (tmp_path / "store").as_uri()


def test_restore_from_a_folder_alone(backup: str, tmp_path: Path, run: Any) -> None:
    for case in ([TARGET], [backup], []):
        output = run("restore", *case, "--from", folder(tmp_path))
        assert output.code == 0
        assert f"{backup} of {TARGET} restored to scratch (18), 7 rows and every object as in the backup" in output.out
        assert "compare" in output.out
        assert "definitions: exact" in output.out
        assert "compare" in output.err


@pytest.mark.usefixtures("backup")
@pytest.mark.parametrize("args", [[TARGET], []])
def test_the_targets_own_folder_may_be_named(tmp_path: Path, run: Any, args: list[str]) -> None:
    own = tmp_path / "store" / quote(TARGET, safe="")
    assert run("restore", *args, "--from", f"file://{own}").code == 0


def test_the_backups_own_folder_may_be_named(backup: str, tmp_path: Path, run: Any) -> None:
    own = tmp_path / "store" / quote(TARGET, safe="") / backup
    assert f"proven: {backup}" in run("restore", "--from", f"file://{own}/").out


def test_nothing_but_a_folder_is_needed(backup: str, tmp_path: Path) -> None:
    """`env -i`: no Airflow, no inventory, no home."""
    args = ["restore", TARGET, "--from", folder(tmp_path)]
    done = subprocess.run([UPKEEP, *args], env={}, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"proven: {backup}" in done.stdout
    assert {each.name for each in tmp_path.iterdir()} == {"store"}, "nothing is left here"


def test_with_nothing_but_a_folder_into_a_server_by_its_url(backup: str, lab: Lab, tmp_path: Path) -> None:
    here = lab.server.endpoint()
    args = ["restore", "--from", folder(tmp_path), "--to", f"postgresql://{here.user}@{here.host}:{here.port}/by%20url"]
    try:
        done = subprocess.run(
            [UPKEEP, *args], env={"PGPASSWORD": str(here.password)}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert f"proven: {backup} of {TARGET} restored to {here.host}:{here.port}/by url" in done.stdout
    finally:
        here.connect("drop").execute('drop database if exists "by url" with (force)')


def test_a_backup_that_is_not_there(backup: str, tmp_path: Path, run: Any) -> None:
    output = run("restore", "shoe", "--from", folder(tmp_path))
    assert output.code == 2
    assert 'has no complete backup "shoe"; the newest there:' in output.err
    assert backup in output.err


def test_without_a_word_the_place_must_hold_one_target(lab: Lab, tmp_path: Path, run: Any) -> None:
    output = run("restore", "--from", folder(tmp_path))
    assert (output.code, "has no complete backup" in output.err) == (2, True)
    for target in ("crm", "shop"):
        in_folder(tmp_path / "store", target).take(lab.endpoint)
    output = run("restore", "--from", folder(tmp_path))
    assert (output.code, "has backups of crm, shop: say which" in output.err) == (2, True)


def test_a_damaged_backup_fails_and_names_the_object(backup: str, tmp_path: Path, run: Any) -> None:
    file = tmp_path / "store" / quote(TARGET, safe="") / backup / "definitions.dump.zst"
    file.write_bytes(file.read_bytes()[:-1])
    output = run("restore", TARGET, "--from", folder(tmp_path))
    assert output.code == 1
    assert "definitions.dump.zst" in output.err


def test_into_a_named_database_and_listed(known: House, run: Any) -> None:
    line = next(line for line in run("backups").out.splitlines() if known.record.id in line)
    assert line.split()[-1] == "never"
    assert f"complete, on the disk of {os.uname().nodename}" in line
    output = run("restore", "shop", "--to", f"copies/{known.copy}")
    assert output.code == 0
    assert f"restored to copies/{known.copy}" in output.out
    output = run("restore", known.record.id, "--to", f"copies/{known.copy}")
    assert output.code == 1, "it was rightly asked for, and refused"
    assert "is not empty: it has table public.t" in output.err
    output = run("backups", "shop")
    assert output.code == 0
    assert known.record.id in output.out


def test_a_refused_restore_does_not_count_as_one_of_the_backup(known: House, run: Any) -> None:
    row = Restoration(
        id="r1", backup_id=known.record.id, target="shop", destination="x", state="proven", begun_at=known.record.begun_at
    )
    with stored_registry() as registry:
        registry.put_restoration(row)
        registry.put_restoration(replace(row, id="r2", state="refused", error="is not empty"))
    line = next(line for line in run("backups").out.splitlines() if known.record.id in line)
    assert line.split()[-2] == "proven"


def test_a_plan_changes_nothing(house: House, run: Any) -> None:
    house.lab.run('drop role if exists "cli owner"; create role "cli owner"; alter table t owner to "cli owner"')
    house.record = house.shelf.take(house.lab.endpoint)
    house.put(house.record)
    house.lab.run('alter table t owner to postgres; drop role "cli owner"')
    before = house.restorations()
    output = run("restore", "shop", "--to", f"copies/{house.copy}", "--roles", "create", "--plan")
    assert output.code == 0
    assert f"backup {house.record.id} of shop" in output.out
    assert f"manifest {house.record.manifest_sha256}" in output.out
    assert "the database does not exist and is created" in output.out
    assert 'roles: "cli owner" is created; it may not log in' in output.out
    assert "nothing was changed" in output.out
    assert not house.has_copy()
    assert house.restorations() == before
    assert house.lab.value("select count(*) from pg_roles where rolname = 'cli owner'") == 0
    assert "a server of PostgreSQL" in run("restore", "shop", "--plan").out


def test_a_plan_that_would_be_refused_fails(known: House, run: Any) -> None:
    output = run("restore", "shop", "--to", f"copies/{known.lab.database}", "--plan")
    assert output.code == 1
    assert "is not empty" in output.err


def test_a_plan_says_what_only_a_superuser_may_make(house: House, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    house.lab.run('drop role if exists "cli admin"; create role "cli admin" login createdb createrole')
    house.lab.run("create function f() returns event_trigger language plpgsql as 'begin end'")
    house.lab.run("create event trigger e on ddl_command_start execute function f()")
    house.put(house.shelf.take(house.lab.endpoint))
    connections = SimpleNamespace(postgres=lambda _: house.lab.login("cli admin"), objects=lambda url, _: open_store(url))
    monkeypatch.setattr("upkeep.cli.restore._connections", lambda: connections)
    output = run("restore", "shop", "--to", f"copies/{house.copy}", "--plan")
    house.lab.run('drop role "cli admin"')
    assert output.code == 0
    assert "needs a superuser there: event trigger" in output.out


def test_a_plan_of_an_encrypted_backup_says_that_it_needs_the_key(house: House, run: Any, tmp_path: Path) -> None:
    import pyrage

    key = pyrage.x25519.Identity.generate()
    house.put(house.shelf.take(house.lab.endpoint, encrypt_to=[str(key.to_public())]))
    (tmp_path / "key").write_text(str(key))
    args = ["restore", "shop", "--to", f"copies/{house.copy}", "--plan"]
    assert "needs a private key (--identity FILE)" in run(*args).out
    output = run(*args, "--identity", str(tmp_path / "key"))
    assert (output.code, "private key" in output.out) == (0, False)


def test_none_yet_says_what_to_do(house: House, run: Any) -> None:
    output = run("backups")
    assert (output.code, "no backup of shop yet" in output.out, "airflow dags trigger daily" in output.out) == (0, True, True)
    assert "--all" in output.out, "where to see those that failed"
    assert "--all" not in run("backups", "--all").out
    house.inventory.write_text(house.inventory.read_text().replace("backup:", "# backup:"))
    output = run("backups", "shop")
    assert (output.code, "say in the inventory where to" in output.out, "to: s3://" in output.out) == (0, True, True)


def test_a_hold_is_kept_with_who_and_why_and_let_go(known: House, run: Any) -> None:
    output = run("backups", "hold", known.record.id, "--why", "court case 12")
    assert output.code == 0
    assert f"held by {_me()}" in output.out
    held = known.rows()[0].legal_hold
    assert held is not None
    assert held.startswith(f"court case 12 ({_me()}, 20")
    assert "legal hold: court case 12" in run("backups").out
    output = run("backups", "release", known.record.id)
    assert (output.code, known.rows()[0].legal_hold) == (0, None)
    output = run("backups", "release", known.record.id)
    assert (output.code, "is not held" in output.err) == (2, True)


def test_prove_restores_the_newest_into_scratch(known: House, run: Any) -> None:
    output = run("backups", "prove", "shop")
    assert output.code == 0
    assert f"proven: {known.record.id} of shop restored to scratch" in output.out
    assert [(row.state, row.backup_id) for row in known.restorations()] == [("proven", known.record.id)]


def test_a_copy_that_differs_is_1_and_named(known: House, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Restored("b1", "shop", "scratch (18)", 18, 1, {"compare": 1.0}, ("table t: 1 row, not 2",), ("x",), "exact")
    monkeypatch.setattr("upkeep.cli.restore.carry_out", lambda *_, **__: (done, None))
    output = run("restore", "shop")
    assert output.code == 1
    assert "differs: table t: 1 row, not 2" in output.out
    assert "to be looked at: x" in output.out
    assert "1 difference" in output.out
    assert known.record.target == "shop"


def test_definitions_that_were_compared_loosely_are_in_the_verdict() -> None:
    text = "data proven, definitions compared loosely (no programs of 15 are here)"
    done = Restored("b1", "shop", "x/y", 18, 7, {}, (), (), text)
    assert proven(done) == "data proven, definitions compared loosely: b1 of shop restored to x/y, 7 rows as in the backup"
    assert (
        proven(replace(done, exactness="exact")) == "proven: b1 of shop restored to x/y, 7 rows and every object as in the backup"
    )


def test_one_on_the_disk_of_another_host_says_which(known: House, run: Any, tmp_path: Path) -> None:
    known.put(replace(known.record, host="worker-2"))
    assert run("restore", "shop", "--plan").code == 0, "a folder that both have"
    (tmp_path / "store").rename(tmp_path / "moved")
    output = run("restore", "shop", "--plan")
    assert output.code == 1
    assert f"backup {known.record.id} is on the local disk of worker-2" in output.err
    assert "restore it on worker-2" in output.err


WRONG = {
    "no command": [],
    "unknown target": ["backups", "shoq"],
    "unknown word": ["backups", "keep", "x"],
    "hold what": ["backups", "hold"],
    "hold why": ["backups", "hold", "ID"],
    "hold a target": ["backups", "hold", "shop", "--why", "x"],
    "hold unknown": ["backups", "hold", "20260101T000000Z-abcdef", "--why", "x"],
    "prove unknown": ["backups", "prove", "shoq"],
    "restore what": ["restore"],
    "restore unknown": ["restore", "shoq"],
    "no destination": ["restore", "shop", "--to", "elsewhere"],
    "no url": ["restore", "shop", "--to", "postgresql://host"],
    "major elsewhere": ["restore", "shop", "--to", "a/b", "--major", "18"],
    "keep elsewhere": ["restore", "shop", "--to", "a/b", "--keep"],
    "roles in scratch": ["restore", "shop", "--roles", "create"],
    "logins in scratch": ["restore", "shop", "--logins"],
    "roles how": ["restore", "shop", "--to", "a/b", "--roles", "all"],
    "map": ["restore", "shop", "--map-role", "old"],
    "jobs": ["restore", "shop", "--jobs", "0"],
    "jobs no number": ["restore", "shop", "--jobs", "x"],
    "identity": ["restore", "shop", "--identity", "/nowhere"],
    "connection alone": ["restore", "shop", "--connection", "x"],
    "no such store": ["restore", "shop", "--from", "nosuch://x"],
}


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("args", WRONG.values(), ids=WRONG)
def test_wrong_use_is_2_and_says_why(args: list[str], run: Any) -> None:
    output = run(*args)
    assert output.code == 2
    assert output.err.strip()
    assert "Traceback" not in output.err


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "args", [["backups"], ["restore", "shop"], ["backups", "hold", "x", "--why", "y"], ["backups", "prove", "shop"]]
)
def test_a_report_database_that_is_away_is_a_failure(args: list[str], run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def away() -> Iterator[None]:
        raise BrokenError("the report database does not answer", retry=True)
        yield

    for place in ("backups", "restore"):
        monkeypatch.setattr(f"upkeep.cli.{place}.stored_registry", away)
    output = run(*args)
    assert (output.code, "does not answer" in output.err) == (1, True)


def test_a_major_that_is_not_installed_fails(known: House, run: Any) -> None:
    missing = max(installed()) + 1
    output = run("restore", "shop", "--major", str(missing))
    assert (output.code, f"no scratch server of PostgreSQL {missing}" in output.err) == (1, True)
    assert known.record.target == "shop"


def test_mistakes_in_the_words() -> None:
    with pytest.raises(UpkeepError, match='"elsewhere" is no destination'):
        Wanted(backup="shop", to="elsewhere")
    with pytest.raises(UpkeepError, match="are for scratch"):
        Wanted(backup="shop", to="a/b", major=18)
    with pytest.raises(UpkeepError, match="write OLD=NEW"):
        mapping(["old"])
    with pytest.raises(UpkeepError, match="has no complete backup yet"):
        chosen("shop", ["shop"], lambda _: [])
    with pytest.raises(UpkeepError, match='no backup or target is called "shoq"'):
        chosen("shoq", ["shop"], lambda _: [])


def test_a_url_is_a_destination_and_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "from outside")
    one = Wanted(backup=None, to="postgresql://ann:secret@db:5433/shop?sslmode=require")
    assert (one.called, "secret" in repr(one)) == ("db:5433/shop", False)
    into = asked.destination_of(one.to)
    assert (into.server.password, into.server.options, into.database) == ("secret", {"sslmode": "require"}, "shop")
    assert asked.destination_of("postgresql://db/shop").server.password == "from outside"


def test_states_are_listed_with_all(known: House, run: Any) -> None:
    failed = replace(known.record, id="20260101T000000Z-abcdef", state=State.FAILED, error="no space is left")
    known.put(failed)
    assert failed.id not in run("backups").out
    assert "no space is left" in run("backups", "--all").out


def _me() -> str:
    import getpass

    return getpass.getuser()
