"""wraparound: old is judged by the whole way to 2^31, not by the moment autovacuum begins to freeze."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FULL
from tests.lab import Lab, fresh_database, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.wraparound import HORIZON, wraparound
from upkeep.sources.scratch import ScratchServer, free_port

SEGMENT = 1_048_576


def age_by(server: ScratchServer, xids: int) -> None:
    """Set the next transaction id, and give it the commit log page that it needs; the server must be stopped."""
    xids -= xids % SEGMENT
    page = server.data / "pg_xact" / f"{xids // SEGMENT:04X}"
    page.write_bytes(b"\0" * 262_144)
    _as_owner_of(server.data, page, str(server.program("pg_resetwal")), "-f", "-x", str(xids), str(server.data))


def age_multixacts_by(server: ScratchServer, ids: int) -> None:
    """Set the next multixact id, with its page; the server must be stopped."""
    ids -= ids % 65_536
    page = server.data / "pg_multixact" / "offsets" / f"{ids // 65_536:04X}"
    page.write_bytes(b"\0" * 262_144)
    _as_owner_of(server.data, page, str(server.program("pg_resetwal")), "-f", "-m", f"{ids},1", str(server.data))


def _as_owner_of(folder: Path, made: Path, *command: str) -> None:
    owner = folder.stat()
    os.chown(made, owner.st_uid, owner.st_gid)
    made.chmod(0o600)
    who: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **who)


@pytest.fixture
def aging(tmp_path: Path) -> Iterator[ScratchServer]:
    """A server of our own that is stopped, to be made old."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    server = ScratchServer(tmp_path / "old", free_port(), major=FULL, settings={"max_prepared_transactions": "1", "fsync": "off"})
    server.start()
    with server.endpoint().connect("plant") as connection:
        # Without this, the server's own emergency vacuum makes it young again before anybody can look.
        connection.execute("begin")
        connection.execute("select pg_current_xact_id()")
        connection.execute("prepare transaction 'forgotten'")
    server.stop()
    yield server
    server.remove()


@pytest.mark.baseline
def test_a_young_server(lab: Lab) -> None:
    answer = lab.ask(wraparound)
    assert answer.status is Status.OK
    assert {m.name for m in answer.metrics} == {"xid_age", "multixact_age"}
    assert lab.database in {m.labels["database"] for m in answer.metrics}


@pytest.mark.near_miss
def test_an_age_where_autovacuum_begins_is_no_fault(aging: ScratchServer) -> None:
    age_by(aging, 250_000_000)
    aging.start()
    with fresh_database(aging, "lab") as lab:
        answer = lab.ask(wraparound)
    assert answer.metrics[0].numerator is not None
    assert answer.metrics[0].numerator > 200_000_000
    assert answer.status is Status.OK


@pytest.mark.fault
def test_freezing_does_not_keep_up(aging: ScratchServer) -> None:
    age_by(aging, 400_000_000)
    aging.start()
    lab = Lab(aging, "postgres", ExitStack())
    answer = lab.ask(wraparound)
    assert rules(answer) == [("xid_wraparound", name) for name in ("postgres", "template0", "template1")]
    assert answer.worst is Severity.MEDIUM
    assert lab.ask(wraparound, high_share=0.15).worst is Severity.HIGH
    assert lab.ask(wraparound, high_share=0.1, critical_share=0.15).worst is Severity.CRITICAL
    by_name = {f.object: f for f in answer.findings}
    assert "allows no connection" in by_name["template0"].remedy
    assert by_name["postgres"].remedy.startswith("vacuum (freeze, verbose) ")


@pytest.mark.fault
def test_multixacts(aging: ScratchServer) -> None:
    age_multixacts_by(aging, 1_300_000_000)
    aging.start()
    lab = Lab(aging, "postgres", ExitStack())
    answer = lab.ask(wraparound)
    assert ("multixact_wraparound", "postgres") in rules(answer)
    assert answer.worst is Severity.HIGH
    assert answer.findings[0].value is not None
    assert answer.findings[0].value > HORIZON / 2


@pytest.mark.fault
def test_the_oldest_table_is_named_and_quoted(lab: Lab) -> None:
    lab.run('create table "Große Tabelle" (id int)')
    lab.run("do $$ begin for i in 1..300 loop perform pg_current_xact_id(); commit; end loop; end $$")
    others = "select string_agg(oid::regclass::text, ', ') from pg_class where relkind = 'r' and relname <> 'Große Tabelle'"
    lab.run(f"vacuum (freeze) {lab.value(others)}")
    answer = lab.ask(wraparound, high_share=200 / HORIZON)
    here = next(f for f in answer.findings if (f.rule, f.object) == ("xid_wraparound", lab.database))
    assert here.remedy.startswith('vacuum (freeze, verbose) public."Große Tabelle";')
    lab.run(here.remedy.split(";")[0])
    assert ("xid_wraparound", lab.database) not in rules(lab.ask(wraparound, high_share=200 / HORIZON))


@pytest.mark.near_miss
def test_a_database_that_a_broken_drop_left(lab: Lab) -> None:
    lab.run("create database half_dropped")
    lab.run("update pg_database set datconnlimit = -2 where datname = 'half_dropped'")
    measured = {m.labels["database"] for m in lab.ask(wraparound).metrics}
    lab.run("drop database half_dropped")
    assert lab.database in measured
    assert "half_dropped" not in measured
