"""Comparison: every seeded fault in a restored database is named, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.world import Shelf, in_folder
from upkeep.backups import catalogue, programs, sequences
from upkeep.backups.compare import CATALOGUE_ALONE, EXACT, Found, Meant, Twin, TwinOf, compare
from upkeep.backups.destination import Destination
from upkeep.backups.loose import loosely
from upkeep.backups.manifest import Content, Entry, Manifest
from upkeep.backups.readback import read_whole
from upkeep.backups.rows_back import RowsBack, expected
from upkeep.sources.scratch import ScratchServer, free_port, installed

HOSTILE = Path(__file__).with_name("hostile.sql")
NAME = "source"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ScratchServer, Manifest]]:
    """The hostile database on its server, and the manifest of a backup of it."""
    folder = tmp_path_factory.mktemp("compare")
    server = ScratchServer(folder, free_port(), major=max(installed()), settings={"fsync": "off", "wal_level": "logical"})
    server.start()
    try:
        with server.endpoint().connect("plant") as admin:
            admin.execute(SQL("create database {}").format(Identifier(NAME)))
        with server.endpoint(NAME).connect("plant") as connection:
            connection.execute(HOSTILE.read_bytes())
        shelf: Shelf = in_folder(tmp_path_factory.mktemp("store"), "compared")
        made = shelf.take(server.endpoint(NAME)).id
        yield server, read_whole(shelf.place.at(made), made)
    finally:
        server.remove()


def found(server: ScratchServer, name: str, manifest: Manifest) -> Found:
    """A database, measured."""
    into = Destination(server.endpoint(), name)
    contents = RowsBack(manifest, into, programs.client(manifest.client_version)[1], manifest.server_version, jobs=1).run()
    with into.session() as connection:
        entries, values = catalogue.entries(connection), sequences.values(connection)
        return Found(connection.info.server_version // 10000, contents, values, entries, catalogue.database_facts(connection))


def lines(origin: tuple[ScratchServer, Manifest], *statements: str) -> list[str]:
    """What is said about a copy of the database after these statements."""
    server, manifest = origin
    with server.endpoint().connect("copy") as admin:
        admin.execute("drop database if exists copied with (force)")
        admin.execute(SQL("create database copied template {}").format(Identifier(NAME)))
    with server.endpoint("copied").connect("fault") as connection:
        for statement in statements:
            connection.execute(statement.encode())
    # A copy by template has neither the grants, settings nor comment of the database itself.
    have = found(server, "copied", manifest)
    want = next(entry for entry in manifest.entries if entry.kind == "database")
    have = replace(
        have,
        entries=tuple(want if entry.kind == "database" else entry for entry in have.entries),
        database={**manifest.database, "encoding": have.database["encoding"]},
    )
    compared = compare(replace(manifest, contents=expected(manifest.contents)), have)
    assert compared.uncertain == ()
    assert compared.exactness == CATALOGUE_ALONE
    return list(compared.differences)


def test_a_true_copy_has_no_difference(origin: tuple[ScratchServer, Manifest]) -> None:
    assert lines(origin) == []


FAULTS = {
    "delete from dropped where ctid = (select min(ctid) from dropped)": "table public.dropped: 2 rows, the backup had 3",
    "insert into dropped values (1, 2)": "table public.dropped: 4 rows, the backup had 3",
    "update guarded set a = 9 where a = 1": "table public.guarded: 2 rows as in the backup, but with other values",
    "update guarded set a = 3 - a": "table public.guarded: 2 rows as in the backup, but with other values",
    "truncate lines": "table public.lines: 0 rows, the backup had 70",
    "drop table lines": "table public.lines is missing",
    "create table extra ()": "table public.extra is there, the backup has none",
    "alter table lines drop constraint lines_order_id_order_at_region_fkey": "constraint lines_order_id_order_at_region_fkey",
    'drop index "Index ""of"" it"': 'index public."Index ""of"" it" is missing',
    'drop trigger "trig ""ger""" on "select"': 'trigger "trig ""ger""" on public.select is missing',
    "alter table empty_table enable trigger off": "trigger off on public.empty_table",
    "drop view twice": "view public.twice is missing",
    "drop function atomic(integer)": "function public.atomic(integer) is missing",
    "create or replace function cmp_abs(int, int) returns int language sql immutable as 'select 0'": "body is",
    "alter function cmp_abs(integer, integer) security definer": "security definer is",
    "select setval('owned_one', 98, false)": "sequence public.owned_one stands at 98 (not used yet), in the backup at 99",
    "select setval('owned_one', 99, true)": "sequence public.owned_one stands at 99, in the backup at 99 (not used yet)",
    'alter sequence "Seq \'x\'" no cycle': "sequence public.\"Seq 'x'\": sequence is",
    "select lo_unlink(90001)": "large objects: 2 rows, the backup had 3",
    "select lo_put(90001, 0, 'SMALL')": "large objects: 3 rows as in the backup, but with other values",
    "drop extension pg_trgm": "extension pg_trgm is missing",
    "alter table guarded owner to app": "table public.guarded is owned by app, not by postgres",
    'revoke select on "select" from public': "grant select on table public.select to public is missing",
    "grant delete on guarded to app": "grant delete on table public.guarded to app is there, the backup has none",
    'revoke grant option for select on "select" from "O\'Brien ""ä"""': "with grant option is missing",
    'revoke update (wide) on "select" from app': "grant update on column public.select.wide to app is missing",
    "grant execute on function atomic(integer) to public": "grant execute on function public.atomic(integer) to public is there",
    "alter table guarded disable row level security": "table public.guarded: row security",
    'drop policy everybody on "O\'Brien ""ä"" owns"': "policy everybody on",
    'alter policy "pol ""icy""" on "O\'Brien ""ä"" owns" to app': "grant policy on policy",
    "alter table empty_table alter column b set not null": "column public.empty_table.b: not null is",
    'alter table "select" alter column "Where?" drop default': 'default public.select."Where?" is missing',
    "alter table empty_table alter column b type varchar": "column public.empty_table.b: type is",
    "alter type \"Mood \"\"x\"\"\" add value 'new'": "labels is",
    "alter table unchecked drop constraint later": "constraint later on public.unchecked is missing",
    "alter table hashed detach partition hashed_0": "table public.hashed_0: bound is",
    'refresh materialized view "not filled"': 'materialized view public."not filled": not filled is',
    'drop statistics "st ats"': 'statistics public."st ats" is missing',
    "comment on function atomic(integer) is 'two more'": "function public.atomic(integer) is two more, in the backup one more",
    'drop event trigger "watch er"': 'event trigger "watch er" is missing',
    'drop publication "pub ""all"""': 'publication "pub ""all""" is missing',
    'drop user mapping for app server "ser ver"': "user mapping",
    'alter default privileges in schema "Quoted ""Schema""" revoke select on tables from app': "default privileges",
    'alter text search configuration "conf ig" drop mapping for asciiword': "text search configuration",
    'drop rule "no ""deletes""" on empty_table': "rule",
    'drop cast (integer as "Mood ""x""")': "cast",
}  # fmt: skip


@pytest.mark.parametrize("statement", FAULTS)
def test_a_fault_is_named(origin: tuple[ScratchServer, Manifest], statement: str) -> None:
    message = lines(origin, statement)
    assert [line for line in message if FAULTS[statement] in line], message


def manifest_of(*entries: Entry, version: int = 15) -> Manifest:
    moment = catalogue_moment()
    return Manifest(
        id="x", target="t", database={}, system_identifier="", encoding="UTF8", server_version=version, client_version=version,
        begun_at=moment, snapshot_at=moment, objects=(), contents=(Content("public.t", 1, "1"),), sequences={}, entries=entries,
    )  # fmt: skip


def catalogue_moment() -> datetime:
    return datetime(2026, 11, 23, tzinfo=UTC)


def of(*entries: Entry, version: int = 18) -> Found:
    return Found(version, (Content("public.t", 1, "1"),), {}, entries, {})


def test_another_wording_on_a_newer_server_is_the_same() -> None:
    old = Entry("query", "v", definition=' SELECT "t"."a"::"text" AS "b"\n   FROM "t"\n  WHERE ("t"."a" > 1)', worded=True)
    new = replace(old, definition=' SELECT "a" AS "b"\n   FROM "t" WHERE "a" > 1')
    assert compare(manifest_of(old), of(new)).differences == ()
    assert compare(manifest_of(old), of(new)).uncertain == ()
    assert compare(manifest_of(old), of(new, version=15)).differences, "on the same version every word counts"
    other = compare(manifest_of(old), of(replace(old, definition="SELECT 2")))
    assert (len(other.differences), other.uncertain) == (1, ())
    assert other.exactness == "data proven, definitions compared loosely (no twin was made)"
    assert loosely("(a)::numeric(10,2)") == loosely("a")


def test_what_only_newer_servers_can_grant_is_no_difference() -> None:
    old = Entry("table", "public.t", "postgres", ("app=SELECT",))
    new = replace(old, grants=("app=MAINTAIN", "app=SELECT"))
    assert compare(manifest_of(old), of(new)).differences == ()
    assert compare(manifest_of(old, version=17), of(new)).differences == (
        "grant maintain on table public.t to app is there, the backup has none",
    )


def test_mapped_roles_are_expected_under_their_new_name() -> None:
    old = Entry("table", "public.t", "old", ("old_app=SELECT*", "=SELECT"))
    new = replace(old, owner="new", grants=("=SELECT",))
    meant = Meant({"old": "new", "old_app": "new"})
    assert compare(manifest_of(old), of(new), meant).differences == ()
    assert compare(manifest_of(old), of(old), meant).differences


WORDED_ALIKE = [
    ("(a)::text = 'x'::character varying", "a = 'x'"),
    ('SELECT t."a" FROM public.t', "SELECT  a\n FROM public.t"),
    ("SELECT * FROM t WHERE (a > 1)", "SELECT * FROM t WHERE a > 1"),
    ("(((a)))", "a"),
    ("f((a + b), c)", "f(a + b, c)"),
]
WORDED_OTHERWISE = [
    ("a = 'Admin'", "a = 'ADMIN'"),
    ("((a OR b) AND c)", "(a OR (b AND c))"),
    ("nextval(public.s1)", "nextval(q.s1)"),
    ("SELECT a FROM public.t", "SELECT a FROM q.t"),
    ("a IN ((1, 2), (3, 4))", "a IN (1, 2, 3, 4)"),
    ("'a  b'", "'a b'"),
    ("a > 1", "a >= 1"),
    ("true", "(a > 1)"),
    ("(a - (b - c))", "((a - b) - c)"),
]


@pytest.mark.parametrize(("one", "other"), WORDED_ALIKE)
def test_what_versions_word_otherwise_is_the_same(one: str, other: str) -> None:
    assert loosely(one, ["public", "q"]) == loosely(other, ["public", "q"])


@pytest.mark.parametrize(("one", "other"), WORDED_OTHERWISE)
def test_what_means_something_else_is_not(one: str, other: str) -> None:
    assert loosely(one, ["public", "q"]) != loosely(other, ["public", "q"])


def test_a_policy_that_reads_otherwise_on_another_version_is_a_difference() -> None:
    old = Entry("policy", "p on public.t", definition='{"using": "(a > 1)"}', worded=True)
    differences = compare(manifest_of(old), of(replace(old, definition='{"using": "true"}'))).differences
    assert differences == ("policy p on public.t: using is true, in the backup (a > 1)",)


def row(definition: str, kind: str = "pg_class", key: str = "table public.t") -> Entry:
    return Entry(kind, key, definition=definition)


def test_rows_of_catalogs_count_on_one_version_only() -> None:
    old, new = row('{"relnew": "a"}'), row('{"relnew": "b"}')
    assert compare(manifest_of(old), of(new, version=15)).differences == (
        "pg_class of table public.t: relnew is b, in the backup a",
    )
    assert compare(manifest_of(old), of(new)).differences == ()
    assert compare(manifest_of(), of(new, version=15)).differences == (), "a manifest of before has none"


def test_what_an_entry_has_said_its_row_does_not_say_again() -> None:
    table = Entry("table", "public.t", definition='{"unlogged": true}')
    differences = compare(
        manifest_of(table, row('{"relpersistence": "u"}')),
        of(replace(table, definition="{}"), row('{"relpersistence": "p"}'), version=15),
    ).differences
    assert differences == ("table public.t: unlogged is nothing, in the backup true",)


def test_roles_are_the_servers_own_unless_they_were_restored() -> None:
    old, new = Entry("role", "app", definition='{"rolcanlogin": true}'), Entry("role", "app", definition='{"rolcanlogin": false}')
    line = "role app: rolcanlogin is false, in the backup true"
    there = (manifest_of(old), of(new, version=15))
    assert (compare(*there).differences, compare(*there).uncertain) == ((), (line,))
    assert compare(*there, Meant(globals=True)).differences == (line,)
    assert compare(*there, Meant({"app": "new"})).uncertain == ()
    more = Entry("membership", "app in pg_write_all_data", definition="{}"), Entry("role", "stranger", definition="{}")
    assert compare(manifest_of(old), of(old, *more, version=15)).uncertain == (
        "membership app in pg_write_all_data is there, the backup has none",
    )


def test_options_that_nobody_could_read_are_named() -> None:
    old = Entry("user mapping", "s", "app", definition='{"unreadable": true}')
    new = replace(old, definition='{"options": ["user=x"]}')
    assert compare(manifest_of(old), of(new, version=15)).differences == ()
    assert len(compare(manifest_of(old), of(new, version=15)).uncertain) == 2
    assert compare(manifest_of(new), of(replace(new, definition=""), version=15)).differences


def test_an_extension_may_have_the_version_that_its_server_installs() -> None:
    old, new = Entry("extension version", "hstore", definition="1.7"), Entry("extension version", "hstore", definition="1.8")
    there = replace(of(new, version=15), database={"extension_defaults": {"hstore": "1.8"}})
    assert (compare(manifest_of(old), there).differences, len(compare(manifest_of(old), there).uncertain)) == ((), 1)
    assert compare(manifest_of(old), replace(there, database={"extension_defaults": {"hstore": "1.9"}})).differences
    assert compare(manifest_of(old), replace(there, server_version=18)) == compare(manifest_of(), of())


def test_with_both_twins_another_version_is_compared_exactly() -> None:
    old = Entry("query", "v", definition="SELECT 'Admin'", worded=True)
    there = replace(old, definition='SELECT  "Admin"')
    twin = Twin(own=TwinOf(15, (old,), "create one;"), there=TwinOf(18, (there,), "create one;"))
    copy = replace(of(there), script="create one;")
    assert compare(manifest_of(old), copy, twin=twin) == replace(compare(manifest_of(), of()), exactness=EXACT)
    assert compare(manifest_of(old), replace(copy, entries=(old,)), twin=twin).differences, "every word counts"
    assert compare(manifest_of(there), copy, twin=twin).differences, "the stored definitions are another's"
    assert compare(manifest_of(old), replace(copy, script="create two;"), twin=twin).differences, "pg_dump's words count"
    half = replace(twin, own=None, lacking="no programs of PostgreSQL 15 here")
    assert compare(manifest_of(there), copy, twin=half).exactness == (
        "data proven, definitions compared loosely (no programs of PostgreSQL 15 here)"
    )
