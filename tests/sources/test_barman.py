"""Barman's listing: a real Barman with a good and a failed backup, and reports."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sources import tools
from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.backup_listing import COMPLETE, INCOMPLETE
from upkeep.sources.barman import listing
from upkeep.sources.scratch import installed

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[tools.Tool, Path]]:
    """A Barman with one complete backup, and its home."""
    if shutil.which("barman") is None or tools.MAJOR not in installed():
        pytest.skip("needs barman and PostgreSQL 15")
    with tools.barman(tmp_path_factory.mktemp("barman")) as (tool, _, home):
        tool.run("backup", "--wait", "main")
        yield tool, home


@pytest.mark.slow
def test_a_real_barman_is_listed_with_sizes_and_times(made: tuple[tools.Tool, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    tool, home = made
    monkeypatch.setenv("PATH", str(tool.bin), prepend=":")
    good = listing("main", LATER).backups[0]
    assert good.state == COMPLETE
    assert 10_000_000 < (good.raw_bytes or 0) < 100_000_000
    assert good.seconds
    assert abs((datetime.now(UTC) - good.at).total_seconds()) < 600
    with pytest.raises(CannotAskError, match="Unknown server"):
        listing("other", LATER)

    info = home / "main/base" / good.id / "backup.info"
    whole = info.read_text()
    info.write_text(whole.replace("status=DONE", "status=FAILED").replace("error=None", "error=no space is left"))
    failed = listing("main", LATER).backups[0]
    assert failed.state == INCOMPLETE
    assert abs((failed.at - good.at).total_seconds()) < 120
    info.write_text(whole)


@pytest.mark.slow
def test_a_report_of_a_real_barman_with_and_without_details(made: tuple[tools.Tool, Path], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(made[0].run("-f", "json", "list-backups", "main"))
    short = listing("main", LATER, str(path)).backups[0]
    assert short.state == COMPLETE
    assert short.seconds is None
    path.write_text(path.read_text() + made[0].run("-f", "json", "show-backup", "main", "latest"))
    assert listing("main", LATER, str(path)).backups[0].seconds
    path.write_text(made[0].run("-f", "json", "show-backup", "main", "latest"))
    assert listing("main", LATER, str(path)).backups[0].raw_bytes
    assert 'no server "shop" (it has "main")' in listing("shop", LATER, str(path)).missing


def test_a_barman_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "barman"
    program.write_text("#!/bin/sh\necho 'ERROR: please run barman as barman' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(BrokenError, match="please run barman as barman"):
        listing("main", LATER)
