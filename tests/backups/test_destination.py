"""The database that is restored into: what is made, what is made again, and what is somebody's and stays."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.places import BACKUP, as_login, database, drop, make, manifest_of, run
from upkeep.backups import catalogue, marks
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Entry, Manifest
from upkeep.backups.marks import Mark
from upkeep.backups.neutral import program_options
from upkeep.errors import BrokenError
from upkeep.sources.scratch import ScratchServer

SHOP = (
    "create table public.orders (id int primary key, note text)",
    "create table public.parts (id int, at date) partition by range (at)",
    "create table public.parts_1 partition of public.parts for values from ('2026-01-01') to ('2027-01-01')",
    "create table public.parts_2 partition of public.parts for values from ('2027-01-01') to ('2028-01-01')",
    "insert into public.orders select i, 'x' from generate_series(1, 10) as i",
    "insert into public.parts select i, '2026-05-05' from generate_series(1, 5) as i",
    "select lo_create(4711)",
)
HALF = (
    *SHOP[:4],
    "insert into public.orders select i, 'x' from generate_series(1, 7) as i",
    "insert into public.parts select i, '2027-05-05' from generate_series(1, 5) as i",
)


@pytest.fixture(scope="module")
def shop(every_server: ScratchServer) -> Iterator[Manifest]:
    """The manifest of a small database."""
    with database(every_server, "shop", *SHOP, "comment on database shop is 'ours'"):
        yield manifest_of(every_server, "shop")


@pytest.fixture
def into(every_server: ScratchServer) -> Iterator[Destination]:
    """A database that is not there yet."""
    made = Destination(every_server.endpoint(), 'a copy\'s "ö"')
    drop(every_server, made.database)
    yield made
    drop(every_server, made.database)


def comment(server: ScratchServer, name: str) -> str | None:
    with server.endpoint().connect("test") as admin:
        row = admin.execute("select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [name]).fetchone()
    return row[0] if row else None


def put_comment(server: ScratchServer, name: str, text: str | None) -> None:
    with server.endpoint().connect("test") as admin:
        admin.execute(SQL("comment on database {} is {}").format(Identifier(name), text))


def public_may_connect(server: ScratchServer, name: str) -> bool:
    with server.endpoint().connect("test") as admin:
        row = admin.execute("select has_database_privilege('public', oid, 'connect') from pg_database where datname = %s", [name])
        return bool((row.fetchone() or [None])[0])


def test_a_mark_is_read_as_it_was_written_and_nothing_else_is_one() -> None:
    mark = Mark(BACKUP, "a1", "7000000000000000001/16400", marks.EMPTY)
    assert marks.parse(mark.text) == mark
    assert marks.parse(mark.as_whole().text) == mark.as_whole()
    for other in (None, "", "ours", mark.text + " ", mark.text.replace("not finished", "finished"), f"was: {mark.text}"):
        assert marks.parse(other) is None
    assert [marks.is_mark(text) for text in (mark.text, "upkeep: restore of x not finished", "ours", None)] == [
        True,
        True,
        False,
        False,
    ]


def test_what_an_unfinished_restore_left_is_made_again(every_server: ScratchServer, shop: Manifest, into: Destination) -> None:
    make(into, shop, *HALF)
    mark = marks.parse(comment(every_server, into.database))
    assert mark is not None
    assert (mark.backup_id, mark.attempt, mark.was, mark.whole) == (BACKUP, into.attempt, marks.ABSENT, False)
    assert not public_may_connect(every_server, into.database)
    assert "dropped and made again" in into.look(shop)
    again = Destination(every_server.endpoint(), into.database)
    assert again.check(shop) == (shop.server_version, False)
    assert comment(every_server, into.database) is None
    make(again, shop, *SHOP)
    again.finish(shop, {}, no_owner=False)
    again.mark_whole(shop)
    again.unmark(shop)
    assert comment(every_server, into.database) == "ours"
    assert public_may_connect(every_server, into.database)
    with pytest.raises(BrokenError, match="is not empty: it has table public"):
        again.check(shop)


def test_a_whole_unfinished_one_is_made_again_too(shop: Manifest, into: Destination) -> None:
    make(into, shop, *SHOP)
    assert into.check(shop)[1] is False


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["create table public.mine (a int)"], "table public.mine"),
        (["alter table public.orders add mine int"], "column public.orders.mine"),
        (["create function public.mine() returns int language sql as 'select 1'"], "function public.mine()"),
        (["create schema mine"], "schema mine"),
        (["create type public.mine as enum ('a')"], "type public.mine"),
        (["create index mine on public.orders (note)"], "index public.mine"),
        (["create publication mine"], "publication mine"),
        (["insert into public.orders select i, 'y' from generate_series(11, 14) as i"], "more than the 10 rows"),
        (["insert into public.parts values (6, '2027-01-01')"], "table public.parts with more than the 5 rows"),
        (["update public.orders set note = 'y' where id = 3"], "changed or deleted"),
        (["delete from public.orders where id = 3"], "changed or deleted"),
        (["select lo_create(0)", "select lo_create(0)"], "2 large objects, the backup has 1"),
        (["begin", "insert into public.orders values (10, 'z')", "prepare transaction 'mine'"], "a prepared transaction mine"),
    ],
)
def test_what_the_restore_did_not_bring_is_never_dropped(
    every_server: ScratchServer, shop: Manifest, into: Destination, statements: list[str], named: str
) -> None:
    make(into, shop, *HALF)
    before = comment(every_server, into.database)
    run(every_server, into.database, *statements, "select pg_stat_force_next_flush()")
    try:
        for ask in (into.look, into.check):
            with pytest.raises(BrokenError, match="holds an unfinished restore and what that did not bring") as refused:
                ask(shop)
            assert named in str(refused.value)
            assert 'drop database "a copy\'s ""ö"""' in refused.value.remedy
        assert comment(every_server, into.database) == before
        assert run(every_server, into.database, "select datallowconn from pg_database where datname = current_database()") == [
            (True,)
        ]
    finally:
        if "prepared" in named:
            run(every_server, into.database, "rollback prepared 'mine'")


def test_a_session_of_somebody_else_is_not_ended(every_server: ScratchServer, shop: Manifest, into: Destination) -> None:
    make(into, shop, *HALF)
    with every_server.endpoint(into.database).connect("psql") as other:
        with pytest.raises(BrokenError, match=r"a session of postgres \(psql\)"):
            into.check(shop)
        other.execute("select 1")
    with every_server.endpoint(into.database).connect("upkeep restore of one that was killed"):
        assert into.check(shop)[1] is False


def test_a_mark_that_came_from_another_database_protects_this_one(
    every_server: ScratchServer, shop: Manifest, into: Destination
) -> None:
    make(into, shop, *HALF)
    copied = comment(every_server, into.database)
    with database(every_server, "live", "create table public.t (a int)"):
        put_comment(every_server, "live", copied)
        with pytest.raises(BrokenError, match="carries the mark of another database") as refused:
            Destination(every_server.endpoint(), "live").check(shop)
        assert "comment on database \"live\" is 'ours'" in refused.value.remedy
        assert run(every_server, "live", "select count(*) from public.t") == [(0,)]


@pytest.mark.parametrize("text", [f"upkeep: restore of {BACKUP} not finished", "upkeep: restore of x finished long ago"])
def test_a_mark_of_unknown_form_is_refused(every_server: ScratchServer, shop: Manifest, into: Destination, text: str) -> None:
    make(into, shop)
    put_comment(every_server, into.database, text)
    with pytest.raises(BrokenError, match="in an unknown form") as refused:
        into.check(shop)
    assert "is NULL" in refused.value.remedy


def test_a_whole_copy_is_kept_and_says_how_to_take_its_mark_off(
    every_server: ScratchServer, shop: Manifest, into: Destination
) -> None:
    make(into, shop, *SHOP)
    into.mark_whole(shop)
    with pytest.raises(BrokenError, match="is whole: backup") as refused:
        into.check(shop)
    statement = refused.value.remedy.partition("off: ")[2].partition("; or")[0]
    run(every_server, "postgres", statement)
    assert comment(every_server, into.database) == "ours"
    with pytest.raises(BrokenError, match="is not empty"):
        into.check(shop)


def test_an_unfinished_restore_of_another_backup_is_kept(shop: Manifest, into: Destination) -> None:
    make(into, shop, *HALF)
    with pytest.raises(BrokenError, match=f"holds an unfinished restore of {BACKUP}"):
        into.check(replace(shop, id="20261126T000000Z-000000"))


def test_one_that_was_there_before_is_made_again_as_it_was(
    every_server: ScratchServer, shop: Manifest, into: Destination
) -> None:
    name = Identifier(into.database).as_string()
    with database(every_server, into.database, create="template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'"):
        run(every_server, "postgres", "drop role if exists owner_of_it", "create role owner_of_it")
        run(
            every_server,
            "postgres",
            f"alter database {name} owner to owner_of_it",
            f"grant create on database {name} to pg_monitor",
        )
        run(every_server, "postgres", f"revoke connect on database {name} from public")
        latin = replace(shop, database={**shop.database, "encoding": "LATIN1"})
        make(into, latin, *HALF)
        assert into.check(latin)[1] is True
        assert comment(every_server, into.database) is None
        facts = run(
            every_server, "postgres",
            "select pg_encoding_to_char(encoding), datcollate, datdba::regrole::text, datacl::text from pg_database"
            f" where datname = '{into.database.replace(chr(39), chr(39) * 2)}'",
        )  # fmt: skip
        assert facts[0][:3] == ("LATIN1", "C", "owner_of_it")
        assert "pg_monitor=C/owner_of_it" in facts[0][3]
        assert not public_may_connect(every_server, into.database)
        make(into, latin)
        into.finish(latin, {}, no_owner=True)
        assert not public_may_connect(every_server, into.database)
    run(every_server, "postgres", "drop role owner_of_it")


def test_without_owners_everybody_may_connect_again_as_to_any_new_one(
    every_server: ScratchServer, shop: Manifest, into: Destination
) -> None:
    make(into, shop)
    into.finish(shop, {}, no_owner=True)
    assert public_may_connect(every_server, into.database)


def test_a_killed_look_leaves_it_shut_and_the_next_one_opens_it(
    every_server: ScratchServer, shop: Manifest, into: Destination
) -> None:
    make(into, shop, *HALF)
    name = Identifier(into.database).as_string()
    run(every_server, "postgres", f"alter database {name} allow_connections false")
    assert into.check(shop)[1] is False


def test_a_mark_is_never_part_of_a_backup(every_server: ScratchServer, shop: Manifest, into: Destination) -> None:
    make(into, shop, *HALF)
    with into.session() as connection:
        assert catalogue.database_facts(connection)["comment"] is None
        assert "carries the mark of a restore" in str(marks.warning(connection))
    with every_server.endpoint("shop").connect("test") as connection:
        assert catalogue.database_facts(connection)["comment"] == "ours"
        assert marks.warning(connection) is None
    old = replace(shop, database={**shop.database, "comment": comment(every_server, into.database)})
    into.unmark(old)
    assert comment(every_server, into.database) is None


def test_two_restores_into_one_database_do_not_run_together(every_server: ScratchServer, into: Destination) -> None:
    other = Destination(every_server.endpoint(), into.database)
    with into.claimed():
        with pytest.raises(BrokenError, match="is being restored into by another process"), other.claimed():
            pass
        with Destination(every_server.endpoint(), "another").claimed():
            pass
    with other.claimed():
        pass


def test_a_new_database_is_empty_even_where_temporary_tables_were(every_server: ScratchServer, shop: Manifest) -> None:
    with database(every_server, "new", "create temp table t (id serial primary key, note text)"):
        into = Destination(every_server.endpoint(), "new")
        assert into.check(shop) == (shop.server_version, True)
        assert "is filled" in into.look(shop)
        with every_server.endpoint("new").connect("test") as other:
            other.execute("create temp table t (id serial primary key, note text)")
            other.execute("create temp view v as select 1 as one")
            assert into.check(shop)[1] is True


def test_a_database_with_something_in_it_is_refused_and_stays(every_server: ScratchServer, shop: Manifest) -> None:
    with database(every_server, "has_something", "create type public.e as enum ('a')"):
        with pytest.raises(BrokenError, match=r"is not empty: it has type public\.e$") as refused:
            Destination(every_server.endpoint(), "has_something").check(shop)
        assert "nothing was changed" in refused.value.remedy
        run(every_server, "has_something", "select 1")


def test_another_encoding_is_refused(every_server: ScratchServer, shop: Manifest) -> None:
    create = "template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'"
    with (
        database(every_server, "latin", create=create),
        pytest.raises(BrokenError, match="has encoding LATIN1, the backup UTF8"),
    ):
        Destination(every_server.endpoint(), "latin").check(shop)


def test_a_server_that_lacks_something_is_refused_before_anything_is_done(
    every_server: ScratchServer, shop: Manifest, into: Destination
) -> None:
    with pytest.raises(BrokenError, match="is PostgreSQL"):
        into.check(replace(shop, server_version=99))
    with pytest.raises(BrokenError, match="lacks no_such_thing"):
        into.check(replace(shop, entries=(*shop.entries, Entry("extension", "no_such_thing"))))
    if not run(every_server, "postgres", "select 1 from pg_collation where collprovider = 'i' and collname <> 'unicode'"):
        with pytest.raises(BrokenError, match="lacks ICU"):
            into.check(replace(shop, database={**shop.database, "locale_provider": "i", "locale": "de"}))


EXACT = (
    "search_path='\"$user\", public'", "search_path='A, \"b c\" , \"d\"\"e\"'", "search_path=''", "work_mem='7MB'",
    "statement_timeout='5min'",
    "app.tenant='it''s \\ \"x\"=y'", "temp_tablespaces=''", "datestyle='ISO, DMY'",
    "default_transaction_read_only='on'", "standard_conforming_strings='off'", "timezone='Europe/Berlin'",
)  # fmt: skip


def settings(server: ScratchServer, name: str) -> list[tuple[str, list[str]]]:
    rows = run(
        server, "postgres",
        "select coalesce(r.rolname, ''), setconfig from pg_db_role_setting s left join pg_roles r on r.oid = setrole"
        f" join pg_database d on d.oid = setdatabase where datname = '{name}' order by 1",
    )  # fmt: skip
    return [(role, sorted(each)) for role, each in rows]


def test_settings_flags_limit_owner_and_grants_come_back_exactly(every_server: ScratchServer) -> None:
    run(every_server, "postgres", "drop role if exists exact", "create role exact")
    copy = Destination(every_server.endpoint(), "exact_copy")
    drop(every_server, copy.database)
    try:
        with database(every_server, "exact"):
            for each in EXACT:
                setting, _, value = each.partition("=")
                run(every_server, "postgres", f"alter database exact set {setting} to {value}")
                run(every_server, "postgres", f"alter role exact in database exact set {setting} to {value}")
            raw = "begin; select set_config('search_path', 'A,  b,\"C\"', true);"
            raw += " alter role exact in database exact set search_path from current; commit"
            run(every_server, "postgres", raw)
            run(every_server, "postgres", "alter database exact owner to exact", "revoke all on database exact from public")
            run(every_server, "postgres", "grant create, connect on database exact to pg_monitor with grant option")
            run(
                every_server, "postgres", "revoke temporary on database exact from exact", "alter database exact is_template true"
            )
            run(every_server, "postgres", "alter database exact connection limit 7")
            manifest = manifest_of(every_server, "exact")
            make(copy, manifest)
            assert copy.finish(manifest, {}, no_owner=False) == ()
            with copy.session() as connection:  # whatever was set, we still get in
                assert connection.execute("show transaction_read_only").fetchone() == ("off",)
            copy.mark_whole(manifest)
            copy.unmark(manifest)
            assert settings(every_server, "exact_copy") == settings(every_server, "exact")
            rows = run(
                every_server, "postgres",
                "select datistemplate, datallowconn, datconnlimit, datdba::regrole::text, datacl::text, datcollate, datctype,"
                " encoding, dattablespace from pg_database where datname in ('exact', 'exact_copy')",
            )  # fmt: skip
            assert rows[0] == rows[1]
            assert rows[0][:4] == (True, True, 7, "exact")
            closed = replace(manifest, database={**manifest.database, "allow_connections": False})
            copy.unmark(closed)
            with pytest.raises(BrokenError), copy.session():
                pass
    finally:
        drop(every_server, copy.database)
        run(every_server, "postgres", "drop role exact")


@pytest.mark.parametrize(
    "create",
    [
        "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'",
        "encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'",
        "encoding 'EUC_JP' lc_collate 'C' lc_ctype 'C'",
        "encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'",
        "encoding 'UTF8' locale_provider icu icu_locale 'de-DE' lc_collate 'C' lc_ctype 'C'",
        "encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8'",
        "encoding 'SQL_ASCII' locale_provider builtin builtin_locale 'C' lc_collate 'C' lc_ctype 'C'",
        "encoding 'UTF8' locale_provider builtin builtin_locale 'PG_UNICODE_FAST' lc_collate 'C' lc_ctype 'C'",
    ],
)
def test_encodings_and_locales_come_back(every_server: ScratchServer, into: Destination, create: str) -> None:
    major = every_server.major or 0
    icu = run(every_server, "postgres", "select 1 from pg_collation where collprovider = 'i' and collname <> 'unicode'")
    if ("icu" in create and not icu) or major < (18 if "PG_UNICODE" in create else 17 if "builtin" in create else 15):
        pytest.skip("this server has no such locales")
    with database(every_server, "foreign", create=f"template template0 {create}"):
        manifest = manifest_of(every_server, "foreign")
        make(into, manifest)
        with into.session() as connection:
            found = catalogue.database_facts(connection)
    same = ("encoding", "locale_provider", "collate", "ctype", "locale", "icu_rules")
    assert {key: found[key] for key in same} == {key: manifest.database[key] for key in same}


@pytest.mark.parametrize(
    "name",
    [
        "select",
        "a=b",
        "postgresql://x/y",
        "host=/tmp dbname=x",
        "a'b\"c\\d%s{}$1;--",
        "tab\tnew\nline",
        "  ",
        "ä" * 31,
        "-X",
        "Up",
        "upkeep_lent_",
    ],
)
def test_hostile_names_of_databases(every_server: ScratchServer, shop: Manifest, name: str) -> None:
    into = Destination(every_server.endpoint(), name)
    try:
        make(into, shop, *HALF)
        assert into.check(shop)[1] is False
        make(into, shop, *SHOP)
        assert into.finish(shop, {}, no_owner=False) == ()
        into.unmark(shop)
        assert comment(every_server, name) == "ours"
    finally:
        drop(every_server, name)


def test_the_usual_database_may_be_restored_into_too(every_server: ScratchServer, shop: Manifest) -> None:
    into = Destination(every_server.endpoint("postgres"), "postgres")
    with into.admin() as admin:
        assert admin.info.dbname == "template1"
    assert "is filled" in into.look(shop)


def test_without_a_schema_public(every_server: ScratchServer, shop: Manifest, into: Destination) -> None:
    with database(every_server, "no_public", "drop schema public", "create schema app", "create table app.t (a int)"):
        manifest = manifest_of(every_server, "no_public")
        make(into, manifest, "create schema app", "create table app.t (a int)")
        assert run(every_server, into.database, "select to_regnamespace('public')") == [(None,)]
        assert into.check(manifest)[1] is False
    with database(every_server, "no_public", "drop schema public"):
        there = Destination(every_server.endpoint(), "no_public")
        assert there.check(shop)[1] is True
        there.prepare(shop)
        what = "select nspowner::regrole::text, nspacl::text, obj_description(oid) from pg_namespace where nspname = 'public'"
        with database(every_server, "usual"):
            assert run(every_server, "no_public", what) == run(every_server, "usual", what)


UNUSUAL = (
    "default_transaction_read_only = on", "search_path = nowhere", "role = pg_monitor", "statement_timeout = 1000",
    "lock_timeout = 1",
    "idle_in_transaction_session_timeout = 200", "idle_session_timeout = 200", "standard_conforming_strings = off",
    "default_transaction_isolation = serializable", "default_transaction_deferrable = on", "client_encoding = LATIN1",
    "datestyle = 'SQL, DMY'",
    "timezone = 'Asia/Kathmandu'", "bytea_output = escape", "quote_all_identifiers = on", "row_security = on",
    "array_nulls = off",
    "transform_null_equals = on", "client_min_messages = debug5", "default_table_access_method = heap", "extra_float_digits = -5",
    "intervalstyle = sql_standard", "check_function_bodies = on", "xmloption = document", "backslash_quote = on",
)  # fmt: skip


def test_a_login_with_unusual_settings_restores_as_any_other(
    every_server: ScratchServer, shop: Manifest, into: Destination
) -> None:
    extra = ("transaction_timeout = 200",) if (every_server.major or 0) >= 17 else ()
    run(every_server, "postgres", "drop role if exists odd", "create role odd superuser login")
    for setting in (*UNUSUAL, *extra):
        run(every_server, "postgres", f"alter role odd set {setting}")
    try:
        odd = as_login(every_server, "odd", into.database)
        make(odd, shop, *HALF)
        assert odd.check(shop)[1] is False
        make(odd, shop, *SHOP)
        assert odd.finish(shop, {}, no_owner=False) == ()
        odd.unmark(shop)
        assert comment(every_server, into.database) == "ours"
        with odd.session() as connection:
            time.sleep(0.4)
            assert connection.execute("select current_user, 'a\\b', '{null}'::text[]").fetchone() == ("odd", "a\\b", [None])
        options = program_options(every_server.major or 0)
        with odd.endpoint.connect("program", options=options) as connection:
            time.sleep(0.4)
            assert connection.execute("select current_user, 'a\\b'").fetchone() == ("odd", "a\\b")
            connection.execute("create table public.written (a int)")
    finally:
        drop(every_server, into.database)
        run(every_server, "postgres", "drop role odd")
