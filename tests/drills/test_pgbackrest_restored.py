"""restore_test of a real pgBackRest: restored by it, rolled forward, compared; nothing of production's runs or is written."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.drills.foreign import STEPS, Shop, drill, explained, results, row, shop
from tests.sources import tools
from upkeep.answer import Severity, Status
from upkeep.sources.scratch import ScratchServer, installed
from upkeep.sources.server_user import give

pytestmark = pytest.mark.slow
SMOKE = {"name": "orders", "sql": "select count(*) from orders", "at_least": 500}


@dataclass
class Kept:
    """A shop with one full backup, and its repository."""

    shop: Shop
    tool: tools.Tool
    repository: Path

    def archived(self) -> None:
        """All that was written until now is in the archive."""
        with self.shop.server.endpoint("shop").connect("switch") as connection:
            connection.execute("select pg_create_restore_point('switch')")  # without a record nothing is switched
            row = connection.execute("select pg_walfile_name(pg_switch_wal())").fetchone()
            for _ in range(900):  # after failures the archiver waits a minute
                done = connection.execute("select last_archived_wal from pg_stat_archiver").fetchone()
                if row and done and str(done[0]) >= row[0]:
                    return
                time.sleep(0.1)
        raise AssertionError("not archived")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """The shop, whose tablespace and link lie where a restore must not write."""
    if shutil.which("pgbackrest") is None or tools.MAJOR not in installed():
        pytest.skip("needs pgbackrest and PostgreSQL 15")
    folder = tmp_path_factory.mktemp("pgbackrest")
    with tools.pgbackrest(folder) as (tool, server, repository):
        made = shop(server, "pgbackrest", folder)
        outside = tools.owned_folder(folder / "elsewhere")
        made.run(f"create tablespace other location '{outside}'", "postgres")
        made.run("create table visits tablespace other as select i from generate_series(1, 100) as i")
        made.run("alter system set log_checkpoints = 'off'", "postgres")
        tool.run("--stanza=main", "--type=full", "backup")
        yield Kept(made, tool, repository)


@pytest.fixture
def kept(made: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """With its tool on the path, and a temp folder of its own for copies."""
    own = tmp_path / "own"
    own.mkdir()
    for folder in (tmp_path, own):
        folder.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    monkeypatch.setenv("PATH", str(made.tool.bin), prepend=os.pathsep)
    made.shop.folder = own / "store"
    return made


@pytest.mark.baseline
def test_the_newest_is_restored_to_the_end_of_the_archive_and_compared(kept: Kept) -> None:
    kept.shop.run("create table later as select 1 as i; insert into later values (2)")
    written = datetime.now(UTC)
    kept.archived()
    steps: list[str] = []
    answer = kept.shop.ask(
        lambda step, text="": steps.append(f"{step} {text}"), fields={"smoke": [SMOKE], "rto": "1 h", "rpo": "1 h"}
    )
    assert answer.status is Status.OK, explained(answer)
    found = row(answer)
    assert found.result == "proven"
    assert list(found.seconds) == ["find", "server", "fetch", "recover", "compare", "check"]
    assert found.server_version == tools.MAJOR
    assert found.recovery_point_from == "newest commit in the WAL"
    assert found.recovery_point
    assert abs((found.recovery_point - written).total_seconds()) < 30
    assert found.smoke == {"orders": {"verdict": "right", "found": "500"}}
    assert (found.indexes_checked or 0) > 100
    assert "4 tables" in found.message, "orders, empty_one, visits and what came after the backup"
    assert "recovery point" in answer.summary
    assert any("by pgBackRest" in step for step in steps)
    assert not list(Path(tempfile.gettempdir()).glob("upkeep-scratch-*"))


@pytest.mark.near_miss
def test_a_copy_archives_nothing_and_leaves_production_s_tablespace_alone(kept: Kept) -> None:
    kept.archived()
    before = sorted(p.name for p in (kept.repository / "archive").rglob("*.gz"))
    places = sorted(str(p) for p in (kept.repository.parent / "elsewhere").rglob("*"))
    assert row(kept.shop.ask()).result == "proven"
    assert sorted(p.name for p in (kept.repository / "archive").rglob("*.gz")) == before
    assert sorted(str(p) for p in (kept.repository.parent / "elsewhere").rglob("*")) == places
    assert not list((kept.repository / "archive").rglob("*.history*")), "a copy's timeline would be in production's way"


@pytest.mark.near_miss
def test_a_table_made_after_the_end_of_the_archive_is_not_missing(kept: Kept) -> None:
    kept.archived()
    kept.shop.run("create table newest_one as select 1 as i")
    answer = kept.shop.ask()
    kept.shop.run("drop table newest_one")
    assert answer.status is Status.OK, explained(answer)


@pytest.mark.near_miss
def test_production_away_is_not_compared_and_said(kept: Kept) -> None:
    kept.archived()
    kept.shop.away = True
    answer = kept.shop.ask()
    kept.shop.away = False
    assert answer.status is Status.UNKNOWN
    assert "production is away" in answer.summary
    assert row(answer).result == "proven"


@pytest.mark.fault
def test_a_flipped_byte_and_a_lost_file_of_the_repository_are_found(kept: Kept) -> None:
    largest = max((kept.repository / "backup/main").rglob("base/*/*.gz"), key=lambda path: path.stat().st_size)
    whole = largest.read_bytes()
    data = bytearray(whole)
    data[len(data) // 2] ^= 1
    largest.write_bytes(bytes(data))
    flipped = kept.shop.ask()
    largest.unlink()
    lost = kept.shop.ask()
    largest.write_bytes(whole)
    give(largest)
    for answer in (flipped, lost):
        assert {f.rule for f in answer.findings} == {"restore_failed"}, explained(answer)
        assert answer.findings[0].severity is Severity.CRITICAL
        assert row(answer).result == "failed"


@pytest.mark.fault
def test_a_segment_that_the_archive_lost_is_a_gap(kept: Kept) -> None:
    kept.shop.run("create table before_gap as select 1 as i")
    kept.archived()
    kept.shop.run("create table in_gap as select 1 as i")
    kept.archived()
    lost = max((kept.repository / "archive/main").rglob("*.gz"), key=lambda path: path.name)
    kept.shop.run("create table behind_gap as select 1 as i")
    kept.archived()
    lost.rename(lost.with_name(f"x{lost.name}"))
    answer = kept.shop.ask()
    lost.with_name(f"x{lost.name}").rename(lost)
    assert "wal_gap" in {f.rule for f in answer.findings}, explained(answer)
    assert "with a gap before it" in " ".join(each.title for each in answer.findings)


@pytest.mark.fault
def test_a_backup_of_another_cluster_is_no_backup_of_this_one(kept: Kept, server: ScratchServer) -> None:
    kept.archived()
    own = kept.shop.server
    try:
        kept.shop.server = server
        kept.shop.run("create database shop", "postgres")
        answer = kept.shop.ask()
    finally:
        kept.shop.run("drop database shop", "postgres")
        kept.shop.server = own
    assert {f.rule for f in answer.findings} == {"restore_differs"}, explained(answer)
    assert "production is the cluster" in answer.findings[0].title


@pytest.mark.fault
def test_what_this_worker_lacks_is_unknown_with_the_way_out(kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("upkeep.drills.foreign_copy.installed", lambda: {18: Path("/")})
    answer = kept.shop.ask()
    assert answer.status is Status.UNKNOWN
    assert "no server of PostgreSQL 15 is installed here" in answer.summary
    report = tmp_path / "report.json"
    report.write_text(kept.tool.run("--stanza=main", "info", "--output=json"))
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    fields = {"backup": {"taken_by": "pgbackrest", "name": "main", "report": str(report)}}
    answer = kept.shop.ask(fields=fields)
    assert answer.status is Status.UNKNOWN
    assert "pgBackRest is not installed where this task runs" in answer.summary
    away = kept.repository.with_name("away")
    monkeypatch.setenv("PATH", str(kept.tool.bin), prepend=os.pathsep)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "own"))
    kept.repository.rename(away)
    gone = kept.shop.ask(fields=fields)
    away.rename(kept.repository)
    assert gone.status is Status.UNKNOWN, explained(gone)
    assert "the newest backup could not be tested" in gone.summary


def test_a_dry_run_says_which(kept: Kept) -> None:
    answer = kept.shop.ask(dry_run=True)
    assert answer.evidence["would"][0].startswith("would restore ")
    assert "dry run, nothing was changed" in answer.summary


@pytest.mark.near_miss
def test_an_older_one_is_only_made_consistent(kept: Kept) -> None:
    kept.tool.run("--stanza=main", "--type=full", "backup")
    kept.archived()
    steps: list[str] = []
    answer = kept.shop.ask(lambda step, text="": steps.append(f"{step} {text}"))
    assert [row(answer, n).chosen_as for n in range(2)] == ["newest", "drawn"]
    assert {row(answer, n).result for n in range(2)} == {"proven"}, explained(answer)
    assert [step for step in steps if step.startswith("recover")] == [
        "recover to the end of the WAL",
        "recover until it is consistent",
    ]


@pytest.mark.baseline
def test_a_drill_restores_it_to_the_end_of_the_archive(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.shop.run("insert into orders values (7001, 1, now(), now(), now())")
    kept.archived()
    answer = drill(kept.shop, tmp_path, monkeypatch)
    assert answer.status is Status.OK, explained(answer)
    found = results(answer)
    assert [result for result, _ in found.values()] == ["done"] * len(STEPS), found
    assert found["restore it"][1].startswith("restored by pgBackRest, with every commit until ")
    assert found["its own"][1] == "exit status 0: 501", "by a socket, without a network"
    assert not list(Path(tempfile.gettempdir()).glob("upkeep-scratch-*"))


@pytest.mark.fault
def test_what_a_drill_of_it_needed_is_found(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.shop.run("create extension if not exists pg_stat_statements")
    kept.archived()
    answer = drill(kept.shop, tmp_path, monkeypatch, [{**STEPS[0], "covers": []}, STEPS[3]])
    assert {f.object for f in answer.findings} == {"server", "extensions"}
    assert "the libraries of 1 extension had to be installed" in explained(answer)


@pytest.mark.fault
def test_a_drill_with_a_damaged_repository_asks_nothing_of_a_copy(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = next(kept.repository.rglob("backup/main/*F/pg_data/global/pg_control*"))
    lost.rename(lost.with_name("x"))
    try:
        answer = drill(kept.shop, tmp_path, monkeypatch)
    finally:
        lost.with_name("x").rename(lost)
    found = results(answer)
    assert (found["restore it"][0], found["orders"][0]) == ("failed", "not reached"), explained(answer)
    assert [f.rule for f in answer.findings] == ["step_failed"]


@pytest.mark.near_miss
def test_a_dry_run_of_a_drill_says_what_and_restores_nothing(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = drill(kept.shop, tmp_path, monkeypatch, [STEPS[3]], dry_run=True)
    assert "would drill with backup 20" in answer.summary
    assert "the plan lacks server: a server of the very same PostgreSQL" in answer.summary
    assert not list(Path(tempfile.gettempdir()).glob("upkeep-scratch-*"))
