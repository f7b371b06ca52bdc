"""restore_test of a real Barman: restored by it with its WAL, tablespaces elsewhere, and compared."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.foreign import STEPS, Shop, drill, explained, results, row, shop
from tests.sources import tools
from upkeep.answer import Status
from upkeep.sources import barman
from upkeep.sources.foreign_backups import Landing, NotRestoredError
from upkeep.sources.scratch import installed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, tools.Tool, Path]]:
    """A shop with one backup, the tool, and Barman's home."""
    if shutil.which("barman") is None or shutil.which("rsync") is None or tools.MAJOR not in installed():
        pytest.skip("needs barman, rsync and PostgreSQL 15")
    folder = tmp_path_factory.mktemp("barman")
    with tools.barman(folder) as (tool, server, home):
        made = shop(server, "barman", folder)
        made.run(f"create tablespace other location '{tools.owned_folder(folder / 'elsewhere')}'", "postgres")
        made.run("create table visits tablespace other as select i from generate_series(1, 100) as i")
        tool.run("backup", "--wait", "main")
        yield made, tool, home


@pytest.fixture
def barmaned(made: tuple[Shop, tools.Tool, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Shop, Path]:
    """With its tool on the path, and a temp folder of its own for copies."""
    own = tmp_path / "own"
    own.mkdir()
    for folder in (tmp_path, own):
        folder.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    monkeypatch.setenv("PATH", str(made[1].bin), prepend=os.pathsep)
    made[0].folder = own / "store"
    return made[0], made[2]


@pytest.mark.baseline
@pytest.mark.slow
def test_the_newest_is_restored_with_the_wal_since_and_compared(
    barmaned: tuple[Shop, Path], made: tuple[Shop, tools.Tool, Path]
) -> None:
    barmaned[0].run("create table later as select 1 as i")
    made[1].run("switch-wal", "--force", "--archive", "--archive-timeout", "60", "main")
    elsewhere = sorted(str(path) for path in (made[2].parent / "elsewhere").rglob("*"))
    answer = barmaned[0].ask(fields={"rto": "1 h", "rpo": "1 h"})
    assert answer.status is Status.OK, explained(answer)
    found = row(answer)
    assert found.result == "proven"
    assert found.recovery_point_from == "newest commit in the WAL"
    assert "4 tables" in found.message, "orders, empty_one, visits and what came after the backup"
    assert sorted(str(path) for path in (made[2].parent / "elsewhere").rglob("*")) == elsewhere
    assert not list(Path(tempfile.gettempdir()).glob("upkeep-scratch-*"))


@pytest.mark.baseline
@pytest.mark.slow
def test_a_drill_restores_it(barmaned: tuple[Shop, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = drill(barmaned[0], tmp_path, monkeypatch)
    assert answer.status is Status.OK, explained(answer)
    found = results(answer)
    assert [result for result, _ in found.values()] == ["done"] * len(STEPS), found
    assert found["restore it"][1].startswith("restored by Barman")
    assert not list(Path(tempfile.gettempdir()).glob("upkeep-scratch-*"))


@pytest.mark.fault
@pytest.mark.slow
def test_a_lost_file_of_a_backup_is_found(barmaned: tuple[Shop, Path]) -> None:
    lost = next((barmaned[1] / "main/base").glob("*/data/global/pg_control"))
    lost.rename(lost.with_name("x"))
    answer = barmaned[0].ask()
    lost.with_name("x").rename(lost)
    assert answer.status is not Status.OK
    assert row(answer).result in {"failed", "unknown"}


@pytest.mark.fault
def test_what_barman_says_when_it_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in with its command line: `show-backup` as JSON, then a restore that cannot be made."""
    tmp_path.chmod(0o755)
    shown = '{"main": {"tablespaces": [{"name": "other", "oid": 1, "location": "/x"}]}}'
    program = tmp_path / "barman"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *show-backup*) echo \'{shown}\' ;; *) echo "ERROR: rsync not in PATH: $*" >&2; exit 1 ;; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(NotRestoredError, match=r"Barman ended with 1: ERROR: rsync not in PATH: recover .*other:.*/spaces/other"):
        barman.fetch("main", "20261126T140500", Landing(tmp_path / "data", tmp_path / "spaces"))
