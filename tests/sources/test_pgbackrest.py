"""pgBackRest's listing: a real repository, and reports with each thing wrong."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sources import tools
from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.backup_listing import COMPLETE
from upkeep.sources.pgbackrest import listing
from upkeep.sources.scratch import installed


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of a program that knows a repository with a full and an incremental backup, and what it prints."""
    if shutil.which("pgbackrest") is None or tools.MAJOR not in installed():
        pytest.skip("needs pgbackrest and PostgreSQL 15")
    folder = tmp_path_factory.mktemp("pgbackrest")
    with tools.pgbackrest(folder) as (tool, _, _repository):
        empty = tool.run("--stanza=main", "info", "--output=json")
        (folder / "empty.json").write_text(empty)
        tool.run("--stanza=main", "--type=full", "backup")
        tool.run("--stanza=main", "--type=incr", "backup")
        yield folder, tool.run("--stanza=main", "info", "--output=json")


@pytest.mark.slow
def test_a_real_repository_is_listed_by_the_program(printed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(printed[0]), prepend=":")
    found = listing("main")
    assert [(each.kind, each.state) for each in found.backups] == [("full", COMPLETE), ("incr", COMPLETE)]
    full, incremental = found.backups
    assert 10_000_000 < (full.raw_bytes or 0) < 100_000_000
    assert 0 < (full.stored_bytes or 0) < (full.raw_bytes or 0)
    assert full.seconds is not None
    assert abs((datetime.now(UTC) - full.at).total_seconds()) < 600
    assert full.at < incremental.at
    assert full.system_identifier
    assert not found.faults
    assert "no valid" in listing("main", str(printed[0] / "empty.json")).missing
    assert 'stanza "other": missing stanza' in listing("other").missing


@pytest.mark.slow
def test_a_report_of_a_real_repository_is_read_like_the_program(printed: tuple[Path, str], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(printed[1])
    found = listing("main", str(path))
    assert len(found.backups) == 2
    assert found.read_at is not None
    assert 'no stanza "shop" (it has "main")' in listing("shop", str(path)).missing


def test_no_program_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotAskError) as raised:
        listing("main")
    assert "backup.report" in raised.value.remedy


def test_a_program_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "pgbackrest"
    program.write_text("#!/bin/sh\necho 'ERROR: [055]: unable to open missing file' >&2\nexit 55\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(BrokenError, match=r"failed with 55: ERROR: \[055\]"):
        listing("main")
