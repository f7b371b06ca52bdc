"""Where PostgreSQL's programs are found."""

from pathlib import Path

import pytest

from upkeep.backups import programs
from upkeep.errors import BrokenError
from upkeep.sources import scratch


@pytest.fixture
def clients_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with the clients of one version and no server."""
    folder = tmp_path / "14/bin"
    folder.mkdir(parents=True)
    program = folder / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 14.9 (Debian 14.9-1)'\n")
    program.chmod(0o755)
    monkeypatch.setattr(scratch, "_SYSTEM", (f"{str(tmp_path)[1:]}/[0-9]*",))
    monkeypatch.setattr(scratch, "_WHEELS", {})
    monkeypatch.delenv("UPKEEP_PG_BIN", raising=False)
    scratch.installed.cache_clear()
    monkeypatch.setattr(scratch, "installed", scratch.installed.__wrapped__)
    monkeypatch.setattr(programs, "installed", scratch.installed)
    return folder


def test_a_worker_with_clients_alone_can_take_backups(clients_only: Path) -> None:
    assert scratch.installed() == {}
    assert programs.client(13) == (14, clients_only)


def test_programs_that_are_too_old_are_refused_with_what_to_install(clients_only: Path) -> None:
    assert clients_only.exists()
    with pytest.raises(BrokenError, match=r"PostgreSQL 16; the programs here are of 14") as refused:
        programs.client(16)
    assert "postgresql-client-16" in refused.value.remedy
