"""Definitions by PostgreSQL's own programs: what they complain about, and what that means."""

from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.world import in_folder
from tests.lab import Lab, fresh_database, login
from upkeep.backups import programs
from upkeep.backups.definitions import Definitions, _warnings, check_own_programs
from upkeep.backups.snapshot import ChangedError
from upkeep.errors import BrokenError
from upkeep.sources.scratch import ScratchServer, free_port, installed

HOSTILE = Path(__file__).with_name("hostile.sql")
SUBSCRIPTIONS = "pg_dump: warning: subscriptions not dumped because current user is not a superuser\n"

NO_LOCKS_LEFT = """pg_dump: Fehler: Anfrage fehlgeschlagen: FEHLER:  Shared Memory aufgebraucht
TIP:  Sie müssen möglicherweise »max_locks_per_transaction« erhöhen.
Anfrage war: LOCK TABLE public.t IN ACCESS SHARE MODE"""


@pytest.mark.parametrize(
    ("code", "message", "error", "named"),
    [
        (1, 'pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout\nQuery was: LOCK TABLE "a"',
         ChangedError, "waited for a lock"),
        (1, NO_LOCKS_LEFT, BrokenError, "aufgebraucht"),
        (1, "pg_dump: error: query failed: ERROR:  permission denied for table t\nQuery was: LOCK TABLE public.t",
         BrokenError, "permission denied"),
        (1, "pg_dump: Fehler: Anfrage fehlgeschlagen: FEHLER:  storniere Anfrage\nAnfrage war: LOCK TABLE public.t",
         ChangedError, "waited for a lock"),
        (1, "pg_dump: Fehler: could not open large object 81: FEHLER:  keine Berechtigung", BrokenError, "81"),
        (1, "pg_dump: error: query failed: ERROR:  cache lookup failed for type 17", ChangedError, "lost what"),
        (1, 'pg_dump: error: query failed: ERROR:  relation "public.x" does not exist', ChangedError, "lost what"),
        (1, 'pg_dump: error: connection failed: FATAL:  database "x" does not exist', BrokenError, "does not exist"),
        (1, "pg_dump: error: ERROR:  canceling statement due to conflict with recovery", ChangedError, "standby ended"),
        (1, "pg_dump: error: could not open large object 81: ERROR:  permission denied for large object 81", BrokenError, "81"),
        (1, "pg_dump: error: permission denied for table t", BrokenError, "permission denied"),
        (0, "pg_dump: warning: something nobody knows", BrokenError, "something nobody knows"),
        (0, SUBSCRIPTIONS + "pg_dump: warning: and more", BrokenError, "and more"),
    ],
)  # fmt: skip
def test_what_is_said_is_never_passed_over(code: int, message: str, error: type[Exception], named: str) -> None:
    with pytest.raises(error, match=named):
        _warnings("pg_dump", code, message)


def test_named_warnings_become_words_of_the_manifest() -> None:
    assert _warnings("pg_dump", 0, SUBSCRIPTIONS) == ("subscriptions: only a superuser may read them",)
    assert _warnings("pg_dump", 0, "") == ()


def test_a_subscription_seen_by_a_login_without_the_right(server: ScratchServer, tmp_path: Path) -> None:
    with fresh_database(server, "subscribed") as lab:
        lab.run("create table t as select 1 as a")
        lab.run("do $$ begin create role sub_reader login; exception when duplicate_object then null; end $$")
        lab.run("grant pg_read_all_data to sub_reader")
        lab.run("create subscription s connection 'dbname=nowhere' publication p with (connect = false)")
        try:
            shelf = in_folder(tmp_path)
            record = shelf.take(login(server, "sub_reader", lab.database))
            assert record.rows == 1
        finally:
            lab.run("alter subscription s set (slot_name = none)")
            lab.run("drop subscription s")


@pytest.mark.parametrize(("client", "refused"), [(17, True), (15, False)])
def test_definitions_that_no_server_reads_are_refused(tmp_path: Path, client: int, *, refused: bool) -> None:
    archive = tmp_path / "archive"
    archive.write_bytes(b"... alter column a set (pg_attver=1) ...")
    if refused:
        with pytest.raises(BrokenError, match="cannot be restored"):
            check_own_programs(archive, client, 15)
    else:
        check_own_programs(archive, client, 15)


def test_the_login_s_own_settings_do_not_change_the_text(lab: Lab, tmp_path: Path) -> None:
    lab.run("create table t (a timestamptz default '2026-01-01 00:00+00', b text default E'\\\\')")
    folder = programs.client(lab.server.major or 18)[1]
    plain = Definitions(lab.endpoint, "a test", folder, lab.server.major or 18)
    plain.dump(tmp_path / "one")
    with lab.endpoint.connect("set") as connection:
        for setting in ("timezone = 'Asia/Kathmandu'", "standard_conforming_strings = off", "datestyle = 'SQL, DMY'"):
            connection.execute(SQL("alter database {} set ").format(Identifier(lab.database)) + SQL(setting))
    plain.dump(tmp_path / "two")
    one, two = (programs.run(folder / "pg_restore", "-f", "-", str(tmp_path / name), env={}) for name in ("one", "two"))
    assert [line for line in one.splitlines() if "restrict" not in line] == [
        line for line in two.splitlines() if "restrict" not in line
    ]


def test_where_nothing_is_made_anew_from_data_sequences_are_left_alone_and_the_text_is_the_same(
    server: ScratchServer, tmp_path: Path
) -> None:
    folder, major = programs.client(server.major or 18)[1], server.major or 18
    with fresh_database(server, "defined") as lab:
        with lab.endpoint.connect("plant") as connection:
            connection.execute(HOSTILE.read_bytes())
            for schema, name in connection.execute("select schemaname, matviewname from pg_matviews").fetchall():
                connection.execute(SQL("drop materialized view {} cascade").format(Identifier(schema, name)))
        lab.run("select lo_unlink(oid) from pg_largeobject_metadata")
        definitions = Definitions(lab.endpoint, "a test", folder, major)
        for name, holds_data in (("sections", True), ("schema", False)):
            definitions.dump(tmp_path / name, holds_data=holds_data)
        texts = [
            [line for line in programs.run(folder / "pg_restore", "-f", "-", str(tmp_path / name), env={}).splitlines()
             if "restrict" not in line] for name in ("sections", "schema")
        ]  # fmt: skip
        assert texts[0] == texts[1]


@pytest.mark.skipif(15 not in installed(), reason="needs PostgreSQL 15 and a newer one")
def test_what_a_newer_pg_dump_writes_of_15_is_restorable_or_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    tmp_path.chmod(0o755)
    server = ScratchServer(tmp_path / "s", free_port(), major=15, settings={"fsync": "off"})
    try:
        server.start()
        with server.endpoint().connect("plant") as connection:
            connection.execute(
                "create table t (a int, b text); alter table t drop column a; alter table t alter b type varchar(9)"
            )
        newest, folder = programs.client(max(installed()))
        archive = tmp_path / "archive"
        Definitions(server.endpoint(), "a test", folder, 15).dump(archive)
        if b"pg_attver" in archive.read_bytes():  # as 15.20 has it
            with pytest.raises(BrokenError, match="cannot be restored"):
                check_own_programs(archive, newest, 15)
    finally:
        server.remove()
