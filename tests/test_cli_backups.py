"""upkeep backups and upkeep restore: what they print, and their exit codes."""

import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest

import upkeep.programme
from tests.backups.world import in_folder
from tests.lab import Lab
from upkeep.backups.wanted import Wanted, chosen, mapping
from upkeep.cli import main
from upkeep.errors import UpkeepError
from upkeep.inventory import inventory_path
from upkeep.sources.objects import open_store
from upkeep.store.migrate import migrate

TARGET = "the shop / ä"


@pytest.fixture
def backup(lab: Lab, tmp_path: Path) -> str:
    """The id of a backup of a small database, in the folder `store`."""
    lab.run("create table t (a int); insert into t select generate_series(1, 7)")
    return in_folder(tmp_path / "store", TARGET).take(lab.endpoint).id


def test_restore_from_a_folder_alone(backup: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([TARGET, "--from", (tmp_path / "store").as_uri()], [backup, "--from", (tmp_path / "store").as_uri()]):
        assert main(["restore", *words]) == 0
        said = capsys.readouterr()
        assert f"proven: {backup} of {TARGET} restored to scratch (18), 7 rows and every object as in the backup" in said.out
        assert "compare" in said.out
        assert "restore: " in said.err


@pytest.mark.usefixtures("backup")
def test_the_targets_own_folder_may_be_named(tmp_path: Path) -> None:
    own = tmp_path / "store" / quote(TARGET, safe="")
    assert main(["restore", TARGET, "--from", f"file://{own}"]) == 0


def test_a_backup_that_is_not_there(backup: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "shoe", "--from", (tmp_path / "store").as_uri()]) == 2
    said = capsys.readouterr().err
    assert 'has no complete backup "shoe"; the newest there:' in said
    assert backup in said


def test_a_damaged_backup_is_an_error_that_names_the_object(
    backup: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "store" / quote(TARGET, safe="") / backup / "dump" / "toc.dat.zst"
    file.write_bytes(file.read_bytes()[:-1])
    assert main(["restore", TARGET, "--from", (tmp_path / "store").as_uri()]) == 2
    assert "toc.dat.zst has " in capsys.readouterr().err


def test_into_a_named_database_and_listed(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
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
    outside = SimpleNamespace(postgres=lambda _: lab.endpoint, objects=lambda url, _: open_store(url))
    stand_in = SimpleNamespace(store=lambda: lab.endpoint, AirflowOutside=lambda: outside)
    monkeypatch.setattr(upkeep.programme, "connections", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "upkeep.programme.connections", stand_in)
    from upkeep.cli.backups import _registry

    with _registry() as registry:
        registry.put(record)
    assert main(["backups"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if record.id in line)
    assert line.split()[-2:] == ["complete", "never"]
    try:
        assert main(["restore", "shop", "--to", "copies/cli copy"]) == 0
        assert "restored to copies/cli copy" in capsys.readouterr().out
        assert main(["restore", record.id, "--to", "copies/cli copy"]) == 2
        assert "is not empty: it has relation t" in capsys.readouterr().err
        assert main(["backups", "shop"]) == 0
        assert "failed" in capsys.readouterr().out
    finally:
        lab.server.endpoint().connect("drop").execute('drop database if exists "cli copy" with (force)')


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
