"""Where pg_dump works, we work: the same round trip on databases, logins and servers of every kind."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier, Literal

from tests.backups.world import Shelf, in_folder, quiet
from tests.lab import login
from tests.pgbouncer import pgbouncer
from tests.replica import standby_of, wait_until
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Manifest
from upkeep.backups.registry import Record
from upkeep.backups.restore import Restored, Restoring
from upkeep.backups.roles import Roles
from upkeep.backups.scratch_restore import restore_to_scratch
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port

ROWS = "create table t (n int primary key, x text); insert into t select i, md5(i::text) from generate_series(1, 5000) as i;"
Made = Callable[..., Endpoint]


@pytest.fixture
def made(server: ScratchServer) -> Iterator[Made]:
    """Databases of the shared server by their statements; dropped at the end, with the copies."""
    names: list[str] = []

    def make(statements: str | bytes, options: str = "", name: str = "") -> Endpoint:
        name = name or f"setup_{random.getrandbits(32):x}"
        names.extend((name, f"{name}_copy"))
        with server.endpoint().connect("plant") as admin:
            admin.execute(SQL("create database {} template template0 {}").format(Identifier(name), SQL(options)))
        with server.endpoint(name).connect("plant") as connection:
            connection.execute(statements if isinstance(statements, bytes) else statements.encode(connection.info.encoding))
        return server.endpoint(name)

    yield make
    with server.endpoint().connect("drop") as admin:
        for name in names:
            admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))


def there_and_back(shelf: Shelf, source: Endpoint) -> Restored:
    """Take, restore beside it, compare."""
    return back(shelf, shelf.take(source), source)


def back(shelf: Shelf, record: Record, source: Endpoint) -> Restored:
    """Restore what was taken of it beside it, compare."""
    copy = Destination(source, f"{source.database}_copy")
    return Restoring(shelf.place.at(record.id), copy, quiet, roles=Roles()).run()


KINDS = {
    "no schema public": "drop schema public; create schema app; create table app.t as select 1 as a",
    "public of another": "do $$ begin create role setup_owner; exception when duplicate_object then null; end $$;"
    "alter schema public owner to setup_owner; revoke all on schema public from public; comment on schema public is 'x'",
    "a column that a parent got later": "create table parent (a int); create table child (b int) inherits (parent);"
    "alter table parent add column c text default 'late';"
    "insert into child values (1, 2, 'x'); insert into parent values (3, 'y')",
    "hash partitions by enum": "create type color as enum ('red', 'green', 'blue', 'black');"
    "create table h (c color, n int) partition by hash (c);"
    "create table h0 partition of h for values with (modulus 3, remainder 0);"
    "create table h1 partition of h for values with (modulus 3, remainder 1) partition by list (n);"
    "create table h2 partition of h for values with (modulus 3, remainder 2);"
    "create table h1a partition of h1 for values in (1, 2); create table h1b partition of h1 default;"
    "insert into h select c, i % 5 from generate_series(1, 400) as i, unnest(enum_range(null::color)) as c",
    "generated and identity": "create table g (id int generated always as identity, a int,"
    "b int generated always as (a * 2) stored);"
    "insert into g (a) select generate_series(1, 100); alter table g drop column a cascade; alter table g add column a int",
    "only generated columns": "create table og (b int generated always as (1) stored);"
    "insert into og select from generate_series(1, 3)",
    "materialised views of views of them": "create table b as select 1 as a; create materialized view m1 as select * from b;"
    "create view v as select * from m1; create materialized view m0 as select * from v; create materialized view empty as"
    " select * from m0 with no data; create unique index on m0 (a)",
    "values of every kind": "create table v (f float8, r real, n numeric, i interval, tz timestamptz, by bytea, m money,"
    "rc regclass, ts tsvector, ip inet, ar text[], j json, jb jsonb, bo box, bi bit(3), oi oid, na name);"
    "insert into v values ('NaN', '-0', 'NaN', '1 mon -1 day 3.5 sec', '4713-01-01 BC', '\\x00ff5c', 12.34,"
    "'pg_class', 'a:1 b:2', '10.0.0.1/8', array['a,b', null, 'NULL', '\"', E'\\\\'], ' {\"a\" : 1.0}', '{\"a\":1.0}',"
    "'(1,2),(3,4)', '101', 4294967295, 'n'), (1e-300, 3.4e38, 1e-20, null, 'infinity', '', -0.01,"
    "null, '', '::1', '{}', 'null', 'null', null, null, 0, '')",
    "large objects with holes": "select lo_create(71); select lo_put(71, 10, 'abc'); select lo_put(71, 100000, 'def');"
    "select lo_create(72); select lo_from_bytea(73, decode(repeat('00', 5000), 'hex')); select lo_put(71, 5, '\\x00')",
    "sequences at odd places": "create sequence s increment -7 minvalue -1000 maxvalue 5 start 5 cycle; select nextval('s');"
    "create sequence unused; create unlogged sequence u; select setval('u', 9, false)",
    "a copy of a collation of the system's": 'create collation plain from "C"; create domain d text collate plain',
    "rows that look like the end of rows": "create table \"COPY\" (a text); insert into \"COPY\" values ('\\.'), (''), (null),"
    "('\\N'), (E'\\t'), (E'\\r'), (E'\\r\\n'), (E'\\b\\f\\v'), ('\"'), (E'\\\\.\\n')",
    "rows in rows": "create table base (a int, b text); create table holder (x base, y base[]);"
    "insert into holder values (row(1, 'x'), array[row(2, 'y')::base]); alter table base add column c int;"
    "insert into holder values (row(1, 'x', 3), null); create type deep as (h base, n numeric[]); create table d (v deep);"
    "insert into d values (row(row(1, 'q', null), array[1.50, 'NaN']))",
    "tables that refer to each other": "create table a (id int primary key, b int); create table b (id int primary key,"
    "a int references a deferrable initially deferred); alter table a add foreign key (b) references b on update cascade;"
    "begin; insert into a values (1, null); insert into b values (1, 1); update a set b = 1; commit",
    "a partition with columns in another order": "create table p (a int, b text, c date) partition by range (a);"
    "create table p1 (c date, z int, b text, a int); alter table p1 drop column z; insert into p1 values ('2026-01-01', 'x', 5);"
    "alter table p attach partition p1 for values from (1) to (10); create table p2 partition of p default partition by list (b);"
    "create table p2x partition of p2 for values in ('x', null); create index on only p (a); create index on p (b)",
    "names of the system's": "create table public.pg_class (a int); insert into public.pg_class values (7);"
    "create function public.upper(text) returns text language sql as 'select $1'",
    "an event trigger": "create function e() returns event_trigger language plpgsql as 'begin end';"
    "create event trigger e on ddl_command_end execute function e()",
    "rules on tables": "create table r (a int); create rule no as on insert to r do instead nothing;"
    "alter table r disable rule no;"
    "insert into r values (1); alter table r enable rule no",
    "row security": "create table rs (a int, who text); insert into rs values (1, 'x'); alter table rs enable row level security;"
    "create policy p on rs using (who = current_user)",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_databases_of_every_kind(made: Made, shelf: Shelf, kind: str) -> None:
    done = there_and_back(shelf, made(KINDS[kind]))
    assert done.differences == ()
    assert not [line for line in done.uncertain if "left out" not in line]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("LATIN1", "Gärten".encode("latin-1")), ("EUC_JP", "日本語".encode("euc_jp")), ("SQL_ASCII", b"G\xe4rten \xff"),
     ("SQL_ASCII", "Gärten".encode()), ("UTF8", "Gärten 日本 😀".encode())],
)  # fmt: skip
def test_encodings_with_names_and_comments_that_are_not_ascii(made: Made, shelf: Shelf, encoding: str, text: bytes) -> None:
    source = made("select 1", f"encoding '{encoding}' lc_collate 'C' lc_ctype 'C'")
    with source.connect("plant") as connection:
        connection.execute(f"set client_encoding = '{encoding}'".encode())
        send = connection.pgconn.exec_
        for statement in (
            b'create table "%s" ("%s 2" text, n int)',
            b"insert into \"%s\" select '%s' || i, i from generate_series(1, 2000) as i",
            b"comment on table \"%s\" is '%s'", b'create view "%s 3" as select * from "%s"', b'create sequence "%s 4"',
            b"create function \"%s 5\"() returns text language sql as $$ select '%s'::text $$", b'create schema "%s 6"',
        ):  # fmt: skip
            result = send(statement.replace(b"%s", text))
            assert result.status in {1, 2}, result.error_message
    done = there_and_back(shelf, source)
    assert done.differences == ()


def test_a_row_of_hundreds_of_megabytes(made: Made, shelf: Shelf) -> None:
    source = made("create table wide as select repeat(md5('x'), 3000000) as x, 1 as n; insert into wide values ('small', 2)")
    done = there_and_back(shelf, source)
    assert (done.differences, done.rows) == ((), 2)


def test_very_many_small_tables(made: Made, shelf: Shelf) -> None:
    source = made(
        "do $$ begin for i in 1..1500 loop execute format('create table many_%s (n serial primary key, x text);"
        " insert into many_%1$s (x) select ''row'' from generate_series(1, %s)', i, i % 7); end loop; end $$"
    )
    record = shelf.take(source)
    manifest = Manifest.parse(shelf.place.at(record.id).get("manifest.json"))
    assert len(manifest.contents) > 1500
    assert len(manifest.objects) < 20
    assert back(shelf, record, source).differences == ()


UNUSUAL = {
    "standard_conforming_strings": "off", "DateStyle": "SQL, DMY", "IntervalStyle": "iso_8601", "search_path": "nowhere",
    "bytea_output": "escape", "quote_all_identifiers": "on", "default_transaction_read_only": "on", "extra_float_digits": "-5",
    "row_security": "on", "statement_timeout": "2000", "lock_timeout": "1", "idle_in_transaction_session_timeout": "1500",
    "client_encoding": "LATIN1", "xmloption": "document", "TimeZone": "Asia/Kathmandu", "default_table_access_method": "heap",
    "default_transaction_isolation": "serializable", "default_transaction_deferrable": "on", "array_nulls": "off",
    "enable_seqscan": "off", "backslash_quote": "off", "default_tablespace": "pg_default", "transform_null_equals": "on",
    "transaction_timeout": "1500", "idle_session_timeout": "1500", "synchronize_seqscans": "on", "check_function_bodies": "on",
}  # fmt: skip


@pytest.mark.parametrize("setting", UNUSUAL)
def test_logins_with_unusual_settings(made: Made, shelf: Shelf, server: ScratchServer, setting: str) -> None:
    source = made(f"{KINDS['values of every kind']}; {ROWS}")
    with server.endpoint().connect("plant") as admin:
        admin.execute("drop role if exists setup_odd")
        admin.execute("create role setup_odd superuser login")
        statement = SQL("alter role setup_odd set {} to {}").format(Identifier(setting), Literal(UNUSUAL[setting]))
        admin.execute(statement)
    odd = login(server, "setup_odd", str(source.database))
    done = there_and_back(shelf, odd)
    assert done.differences == ()


def test_a_reader_without_superuser_takes_and_an_administrator_without_it_restores(
    made: Made, shelf: Shelf, server: ScratchServer
) -> None:
    with server.endpoint().connect("plant") as admin:
        for role, options in (("setup_reader", "login"), ("setup_admin", "login createdb createrole"), ("setup_app", "")):
            admin.execute(f"do $$ begin create role {role} {options}; exception when duplicate_object then null; end $$".encode())
        admin.execute("grant pg_read_all_data to setup_reader")
        admin.execute("grant setup_app to setup_admin with admin option")
    source = made(
        f"{ROWS} alter table t owner to setup_app; create schema s authorization setup_app; "
        "create view v as select * from t; grant select on v to setup_app"
    )
    record = shelf.take(login(server, "setup_reader", str(source.database)))
    into = Destination(login(server, "setup_admin", "postgres"), f"{source.database}_copy")
    done = Restoring(shelf.place.at(record.id), into, quiet, roles=Roles(no_owner=True)).run()
    assert done.differences == ()


def test_a_pooler_in_session_mode_serves_and_one_in_transaction_mode_is_refused(made: Made, shelf: Shelf, tmp_path: Path) -> None:
    if not shutil.which("pgbouncer"):
        pytest.skip("pgbouncer is not installed")
    tmp_path.chmod(0o755)
    source = made(ROWS)
    with pgbouncer(tmp_path / "session", source, "session") as through:
        record = shelf.take(through)
    assert restore_to_scratch(shelf.place.at(record.id), quiet)[0].differences == ()
    with (
        pgbouncer(tmp_path / "transaction", source, "transaction") as through,
        pytest.raises(BrokenError, match="is a pooler in transaction mode"),
    ):
        shelf.take(through)


def test_a_standby_with_an_unlogged_table(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    primary = ScratchServer(tmp_path / "primary", free_port(), settings={"fsync": "off", "wal_level": "replica"})
    try:
        primary.start()
        with primary.endpoint().connect("plant") as connection:
            connection.execute(ROWS.encode())
            connection.execute(
                b"create unlogged table u as select 1 as a; create unlogged sequence us;"
                b"create materialized view m as select 1 as a",
            )
        with standby_of(primary, tmp_path / "standby") as standby:
            wait_until(standby, "select to_regclass('m') is not null")
            shelf = in_folder(tmp_path / "store", "shop")
            record = shelf.take(standby.endpoint())
            manifest = Manifest.parse(shelf.place.at(record.id).get("manifest.json"))
            assert "unlogged table: a standby has no rows of it: public.u" in manifest.not_covered
            done, _ = restore_to_scratch(shelf.place.at(record.id), quiet)
            assert done.differences == ()
    finally:
        primary.remove()


def test_a_filtered_read_is_refused(made: Made, shelf: Shelf, server: ScratchServer) -> None:
    with server.endpoint().connect("plant") as admin:
        admin.execute("do $$ begin create role setup_blind login; exception when duplicate_object then null; end $$")
        admin.execute("grant pg_read_all_data to setup_blind")
    source = made(KINDS["row security"])
    with pytest.raises(UpkeepError, match="row-level security"):
        shelf.take(login(server, "setup_blind", str(source.database)))
