"""pgBackRest's listing: a real repository, and reports with each thing wrong."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.sources import tools
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.foreign_backups import COMPLETE, DAMAGED
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


def report(path: Path, **more: Any) -> str:
    backup = {
        "archive": {"start": "000000010000000000000003", "stop": "000000010000000000000004"},
        "database": {"id": 1, "repo-key": 1},
        "error": False,
        "info": {"delta": 8458, "repository": {"delta": 430, "size": 3057142}, "size": 22992632},
        "label": "20261123-112850F",
        "timestamp": {"start": 1795433334, "stop": 1795433336},
        "type": "full",
    }
    stanza = {
        "archive": [{"database": {"id": 1, "repo-key": 1}, "id": "15-1", "max": "000000010000000000000004", "min": None}],
        "backup": [{**backup, **more.pop("backup", {})}],
        "db": [{"id": 1, "repo-key": 1, "system-id": 7711327428475926785, "version": "15"}],
        "name": "main",
        "repo": [{"cipher": "none", "key": 1, "status": {"code": 0, "message": "ok"}}],
        "status": {"code": 0, "lock": {"backup": {"held": False}}, "message": "ok"},
        **more,
    }
    path.write_text(json.dumps([stanza]))
    return str(path)


def test_page_checksum_failures_and_missing_wal_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    assert listing("main", report(path)).backups[0].state == COMPLETE
    failed = listing("main", report(path, backup={"error": True, "error-list": ["base/1/2619"]})).backups[0]
    assert failed.state == DAMAGED
    assert "base/1/2619" in failed.says
    archive = [{"database": {"id": 1, "repo-key": 1}, "id": "15-1", "max": "000000010000000000000003", "min": None}]
    short = listing("main", report(path, archive=archive)).backups[0]
    assert short.state == DAMAGED
    assert "000000010000000000000003" in short.says
    # Another timeline reached further: the segment counts, not the timeline.
    archive[0]["max"] = "000000020000000000000009"
    assert listing("main", report(path, archive=archive)).backups[0].state == COMPLETE


def test_a_broken_second_repository_is_a_fault_and_a_broken_only_one_an_error(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    bad = {"key": 2, "status": {"code": 99, "message": "[PathOpenError] unable to list"}}
    mixed = listing("main", report(path, repo=[{"key": 1, "status": {"code": 0, "message": "ok"}}, bad]))
    assert [(fault.rule, fault.object) for fault in mixed.faults] == [("repository_fault", "repo2")]
    report(path)
    stanza = json.loads(path.read_text())[0]
    path.write_text(json.dumps([{**stanza, "backup": [], "repo": [bad], "status": {"code": 99, "message": "other"}}]))
    with pytest.raises(BrokenError, match="unable to list"):
        listing("main", str(path))


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
