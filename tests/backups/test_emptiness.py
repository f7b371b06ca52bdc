"""Whatever a new database does not have is named, of every kind that the server knows."""

from collections.abc import Iterator

import pytest

from tests.backups.places import database, run
from upkeep.backups import emptiness
from upkeep.backups.neutral import neutral
from upkeep.sources.scratch import ScratchServer

OBJECTS = {
    "table": "create table public.t ()",
    "view": "create view public.v as select 1 as one",
    "sequence": "create sequence public.s",
    "function": "create function public.f() returns int language sql as 'select 1'",
    "schema": "create schema s",
    "type": "create type public.e as enum ('a')",
    "type ": "create domain public.d as int",
    "type public.c": "create type public.c as (a int)",
    "large object 5": "select lo_create(5)",
    "extension": "create extension citext",
    "server": "create foreign data wrapper w; create server s foreign data wrapper w",
    "user mapping": "create foreign data wrapper w; create server s foreign data wrapper w;"
    " create user mapping for public server s",
    "foreign-data wrapper": "create foreign data wrapper w",
    "operator": "create operator public.=== (leftarg = int, rightarg = int, function = int4eq)",
    "cast": "create cast (int as point) with inout",
    "publication": "create publication p",
    "subscription": "create subscription s connection '' publication p with (connect = false, slot_name = none)",
    "event trigger": "create function public.f() returns event_trigger language plpgsql as 'begin end';"
    "create event trigger e on ddl_command_end execute function public.f()",
    "language": "create language l handler plpgsql_call_handler",
    "default privileges": "alter default privileges grant select on tables to public",
    "settings of the database": "alter database {} set work_mem = '5MB'",
    "settings of the database for role": "alter role postgres in database {} set work_mem = '5MB'",
    "text search configuration": "create text search configuration public.t (copy = simple)",
    "text search dictionary": "create text search dictionary public.t (template = simple)",
    "collation": 'create collation public.c from "C"',
    "conversion": "create conversion public.c for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",
    "access method": "create access method a type table handler heap_tableam_handler",
    "transform": "create transform for int language plpgsql (from sql with function prsd_lextype(internal))",
    "operator family": "create operator family public.f using btree",
    "a comment on schema public": "comment on schema public is 'mine'",
    "grants on schema public": "grant create on schema public to public",
    "another owner of schema public": "alter schema public owner to pg_monitor",
    "grants on table": "grant select on pg_catalog.pg_authid to pg_monitor",
    "grants on function": "revoke execute on function pg_catalog.version() from public",
    "grants on column": "grant select (rolname) on pg_catalog.pg_authid to pg_monitor",
}


@pytest.fixture(scope="module")
def bare(every_server: ScratchServer) -> Iterator[str]:
    """A database that is left empty by every test."""
    with database(every_server, "bare") as name:
        yield name


@pytest.mark.parametrize("named", OBJECTS)
def test_anything_that_a_new_database_has_not_is_named(every_server: ScratchServer, bare: str, named: str) -> None:
    if named == "extension" and not run(every_server, bare, "select 1 from pg_available_extensions where name = 'citext'"):
        pytest.skip("this build has no contrib extensions")
    with every_server.endpoint(bare).connect("test") as connection:
        neutral(connection)
        assert emptiness.contents(connection) == []
        with connection.transaction(force_rollback=True):
            for statement in OBJECTS[named].replace("{}", bare).split("; "):
                connection.execute(statement.encode())
            found = emptiness.contents(connection)
    assert 1 <= len(found) <= 5
    assert any(each.startswith(named.strip()) for each in found)
