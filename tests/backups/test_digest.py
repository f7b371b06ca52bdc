"""Counts and digests: what they must see and what they must not depend on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import Lab, fresh_database
from upkeep.backups import digest
from upkeep.backups.manifest import Content
from upkeep.sources.scratch import ScratchServer

if TYPE_CHECKING:
    import psycopg

ROWS = """
    create table "Odd ""name"", é" (
        id int primary key, "content" text, n numeric, f float8, b bytea, at timestamptz, j jsonb, a text[]
    );
    insert into "Odd ""name"", é"
    select i, 'row ' || i, i / 7.0, i / 3.0, decode(lpad(to_hex(i), 8, '0'), 'hex'),
        '2026-01-01'::timestamptz + i * interval '1 h',
        jsonb_build_object('i', i), array['a', null, i::text]
    from generate_series(1, 100) as i;
"""


def sessions(lab: Lab) -> Callable[[], AbstractContextManager["psycopg.Connection[Any]"]]:
    @contextmanager
    def session() -> "Iterator[psycopg.Connection[Any]]":
        with lab.endpoint.connect("digest") as connection:
            digest.settle(connection)
            yield connection

    return session


def contents(lab: Lab, jobs: int = 2) -> dict[str, Content]:
    session = sessions(lab)
    with session() as connection:
        tables = digest.relations(connection)
    return {content.key: content for content in digest.contents(session, tables, jobs)}


CHANGES = {
    "one row lost": 'delete from "Odd ""name"", é" where id = 7',
    "one row doubled": 'alter table "Odd ""name"", é" drop constraint "Odd ""name"", é_pkey"; '
    'insert into "Odd ""name"", é" select * from "Odd ""name"", é" where id = 7',
    "one lost and another doubled": 'alter table "Odd ""name"", é" drop constraint "Odd ""name"", é_pkey"; '
    'delete from "Odd ""name"", é" where id = 7; insert into "Odd ""name"", é" select * from "Odd ""name"", é" where id = 8',
    "a null became empty": "update \"Odd \"\"name\"\", é\" set a = array['a', '', a[3]] where id = 7",
    "a scale changed": 'update "Odd ""name"", é" set n = n * 1.0 where id = 7',
    "a last digit changed": 'update "Odd ""name"", é" set f = f + 1e-16 where id = 1',
    "two values changed places": 'update "Odd ""name"", é" as x set "content" = y."content" '
    'from "Odd ""name"", é" as y where (x.id, y.id) in ((7, 8), (8, 7))',
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_content_is_seen(lab: Lab, change: str) -> None:
    lab.run(ROWS)
    before = contents(lab)
    lab.run(change)
    assert contents(lab) != before


def test_it_does_not_depend_on_order_settings_or_how_the_work_is_shared(lab: Lab) -> None:
    lab.run(ROWS + "create table other (x int); insert into other values (1), (2);")
    before = contents(lab, jobs=1)
    lab.run(
        'create table again as select * from "Odd ""name"", é" order by id desc; truncate "Odd ""name"", é"; '
        'insert into "Odd ""name"", é" select * from again; drop table again; '
        f"alter database {lab.database} set timezone = 'Asia/Tokyo'; alter database {lab.database} set datestyle = 'German'; "
        f"alter database {lab.database} set extra_float_digits = 0; alter database {lab.database} set bytea_output = 'escape'"
    )
    assert contents(lab, jobs=3) == before


def test_it_is_the_same_on_every_major(every_server: ScratchServer) -> None:
    with fresh_database(every_server, "digested") as lab:
        lab.run(ROWS)
        found = contents(lab)['public."Odd ""name"", é"']
    assert (found.rows, found.digest) == (100, "115177244210836004179"), "a digest taken years ago must still compare"


def test_a_table_without_columns_and_a_column_called_like_an_alias_are_counted(lab: Lab) -> None:
    lab.run(
        "create table bare (); insert into bare default values; create table content (content int); "
        "insert into content values (1)"
    )
    found = contents(lab)
    assert found["public.bare"].rows == 1
    assert found["public.content"].rows == 1
    lab.run("alter table content add more text default 'x'")
    assert contents(lab)["public.content"].digest != found["public.content"].digest, "the whole row is hashed, not one column"


def test_large_objects_are_counted_and_hashed_whole(lab: Lab) -> None:
    lab.run("select lo_from_bytea(700, decode(repeat('ab', 3000000), 'hex')), lo_from_bytea(701, '')")
    before = contents(lab)[digest.LARGE_OBJECTS]
    assert before.rows == 2
    lab.run("select lo_put(700, 2500000, 'x')")
    assert contents(lab)[digest.LARGE_OBJECTS].digest != before.digest


def test_what_is_not_covered_is_named(lab: Lab) -> None:
    lab.run(
        "create materialized view m as select 1 as x; create extension file_fdw; "
        "create server f foreign data wrapper file_fdw; "
        "create foreign table away (x int) server f options (filename '/nowhere')"
    )
    with sessions(lab)() as connection:
        said = digest.not_covered(digest.relations(connection))
    assert sorted(text.rpartition(": ")[2] for text in said) == ["public.away", "public.m"]


def test_a_role_that_sees_only_some_rows_is_refused_rather_than_believed(lab: Lab) -> None:
    import psycopg

    lab.run("create table secret (x int); insert into secret values (1), (2); alter table secret enable row level security; "
            "do $$ begin create role digest_reader login; exception when duplicate_object then null; end $$; "
            "grant select on secret to digest_reader; create policy partly on secret using (x = 1)")  # fmt: skip
    with lab.server.endpoint(lab.database, "digest_reader").connect("digest") as connection:
        digest.settle(connection)
        tables = [table for table in digest.relations(connection) if table.name == "secret"]

        @contextmanager
        def session() -> "Iterator[psycopg.Connection[Any]]":
            yield connection

        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            digest.contents(session, tables)
