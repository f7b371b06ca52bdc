"""The catalogue on every major version: each kind is there, keys are unique, nothing secret is read, any role may ask."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.lab import Lab, fresh_database, login
from upkeep.backups import catalogue, sequences
from upkeep.sources.scratch import ScratchServer

HOSTILE = Path(__file__).with_name("hostile.sql")
KINDS = {
    "access method",
    "aggregate",
    "cast",
    "collation",
    "column",
    "comment",
    "constraint",
    "conversion",
    "database",
    "default",
    "default privileges",
    "dependency",
    "domain",
    "event trigger",
    "extension",
    "extension version",
    "foreign data wrapper",
    "foreign table",
    "function",
    "index",
    "language",
    "large objects",
    "materialized view",
    "operator",
    "operator class",
    "operator family",
    "policy",
    "procedure",
    "publication",
    "publication of",
    "query",
    "rights",
    "role",
    "rule",
    "schema",
    "sequence",
    "server",
    "statistics",
    "table",
    "text of function",
    "text search configuration",
    "text search dictionary",
    "trigger",
    "type",
    "user mapping",
    "view",
}
# Only where the server was built with ICU.
MAYBE = {"collation version"}
ROWS = {
    "pg_aggregate", "pg_am", "pg_amop", "pg_amproc", "pg_attribute", "pg_cast", "pg_class", "pg_collation", "pg_constraint",
    "pg_conversion", "pg_event_trigger", "pg_extension", "pg_foreign_data_wrapper", "pg_foreign_server", "pg_foreign_table",
    "pg_index", "pg_inherits", "pg_language", "pg_namespace", "pg_opclass", "pg_operator", "pg_opfamily", "pg_partitioned_table",
    "pg_policy", "pg_proc", "pg_publication", "pg_publication_namespace", "pg_publication_rel", "pg_range", "pg_rewrite",
    "pg_sequence", "pg_statistic_ext", "pg_trigger", "pg_ts_config", "pg_ts_dict", "pg_type",
}  # fmt: skip


def test_every_kind_under_its_own_key_for_any_role(every_server: ScratchServer) -> None:
    with fresh_database(every_server, "catalogue") as lab:
        with lab.endpoint.connect("plant") as connection:
            connection.execute(HOSTILE.read_bytes())
            before = connection.execute("show search_path").fetchone()
            found = catalogue.entries(connection)
            assert connection.execute("show search_path").fetchone() == before, "the session is left as it was"
            values = sequences.values(connection)
        assert {entry.kind for entry in found if not catalogue.is_row(entry)} - MAYBE == KINDS
        assert {entry.kind for entry in found if catalogue.is_row(entry)} == ROWS
        assert len({(entry.kind, entry.key, entry.owner) for entry in found}) == len(found)
        assert "hidden" not in str(found), "the password of a user mapping"
        assert values["public.\"Seq 'x'\""] == "-5,t"
        lab.run("drop role if exists nobody_special; create role nobody_special login")
        with login(every_server, "nobody_special", "catalogue").connect("look") as connection:
            seen = catalogue.entries(connection)
        # But for options of user mappings, which are their owner's; it says so.
        mapping = "user mapping"
        assert [entry for entry in seen if entry.kind != mapping] == [entry for entry in found if entry.kind != mapping]
        assert {entry.definition for entry in seen if entry.kind == mapping} == {'{"unreadable": true}'}
    with every_server.endpoint().connect("drop") as admin:
        for role in ("nobody_special", "app", 'O\'Brien "ä"', "Tab\tand space", "PUBLIC"):
            admin.execute(SQL("drop role {}").format(Identifier(role)))


def test_facts_of_the_database(every_server: ScratchServer) -> None:
    with fresh_database(every_server, "facts") as lab:
        lab.run("alter database facts set work_mem = '7MB'")
        lab.run("alter database facts connection limit 7")
        with lab.endpoint.connect("look") as connection:
            facts = catalogue.database_facts(connection)
    assert (facts["name"], facts["encoding"], facts["locale_provider"], facts["owner"]) == ("facts", "UTF8", "c", "postgres")
    assert (facts["settings"], facts["connection_limit"], facts["comment"]) == ({"": ["work_mem=7MB"]}, 7, None)


def test_names_lose_only_the_quotes_they_do_not_need() -> None:
    assert catalogue.simple('"public"."orders"') == "public.orders"
    assert catalogue.simple('"s"."f"("pg_catalog"."int4","A b","c")') == 's.f(pg_catalog.int4,"A b",c)'
    assert catalogue.simple('for "s"."T"."c" on "d e"."f"') == 'for s."T".c on "d e".f'
    assert catalogue.simple('"s"."""a"""') == 's."""a"""'
    assert catalogue.simple('"a""b"."C d" ON "e"') == '"a""b"."C d" ON e'


def test_columns_of_catalogs_are_the_servers_own(every_server: ScratchServer) -> None:
    with fresh_database(every_server, "own_columns") as lab:
        lab.run("create table a (b integer[], c text); create index on a (c, b)")
        with lab.endpoint.connect("look") as connection:
            found = {(entry.kind, entry.key): json.loads(entry.definition) for entry in catalogue.entries(connection)
                     if catalogue.is_row(entry)}  # fmt: skip
    column = found["pg_attribute", "table column public.a.b"]
    assert column == {"atttypid": "integer[]", "attstorage": "x", "attislocal": True}, "oids as names, the rest as it stands"
    index = found["pg_index", "index public.a_c_b_idx"]
    assert index["indkey"] == ["c", "b"]
    assert index["indclass"] == [f'"pg_catalog"."{each}_ops" USING "btree"' for each in ("text", "array")]
    assert "relfrozenxid" not in found["pg_class", "table public.a"]


def test_rights_are_those_that_came_and_went_since(every_server: ScratchServer) -> None:
    with fresh_database(every_server, "since") as lab:
        with lab.endpoint.connect("look") as connection:
            before = [entry for entry in catalogue.entries(connection) if entry.kind == "rights"]
        lab.run("create role since_one; grant execute on function pg_ls_waldir() to since_one with grant option")
        lab.run("revoke execute on function pg_sleep(double precision) from public; grant usage on language plpgsql to since_one")
        with lab.endpoint.connect("look") as connection:
            after = {
                entry.key: (entry.grants, entry.definition) for entry in catalogue.entries(connection) if entry.kind == "rights"
            }
        lab.run("drop owned by since_one; drop role since_one")
    assert before == []
    assert after == {
        "function pg_ls_waldir()": (("since_one=EXECUTE*",), ""),
        "function pg_sleep(double precision)": ((), '{"revoked": ["=EXECUTE"]}'),
        "language plpgsql": (("since_one=USAGE",), ""),
    }


@pytest.mark.parametrize("file", sorted(Path(str(files("upkeep.backups"))).rglob("*.sql")), ids=lambda path: path.name)
def test_questions_can_be_put_in_every_encoding(file: Path) -> None:
    assert file.read_text(encoding="utf-8").isascii(), "a database in LATIN1 knows no such character: write it in ASCII"


def test_a_column_that_an_older_catalog_lacks_is_taken_for_empty(lab: Lab) -> None:
    sql = (files("upkeep.backups") / "entries" / "columns.sql").read_text(encoding="utf-8")
    frame = (files("upkeep.backups") / "entries_frame.sql").read_text(encoding="utf-8")
    lab.run("create table t (a text compression pglz, b int)")
    with lab.endpoint.connect("look") as connection:
        there = connection.execute(frame.replace("{objects}", sql).encode()).fetchall()
        lacking = connection.execute(frame.replace("{objects}", sql.replace("attcompression", "attmissing")).encode()).fetchall()
    assert sorted("compression" in json.loads(row[4]) for row in there) == [False, True]
    assert ["compression" in json.loads(row[4]) for row in lacking] == [False, False]


def test_rights_by_default_and_given_ones(lab: Lab) -> None:
    lab.run(
        "create table bare (a int); create table given (a int); grant select on given to public; create table taken (a int);"
        "revoke insert on taken from current_user; create function f() returns int language sql as 'select 1';"
        "create function closed() returns int language sql as 'select 1'; revoke execute on function closed() from public;"
        "create domain d as int; grant update (a) on bare to public; create table ruled (a int);"
        "create policy everyone on ruled using (true)"
    )
    with lab.endpoint.connect("look") as connection:
        found = {(entry.kind, entry.key): entry.grants for entry in catalogue.entries(connection)}
    assert found["table", "public.bare"] == ()
    assert found["column", "public.bare.a"] == ("=UPDATE",)
    assert found["table", "public.given"] == ("=SELECT",)
    assert found["table", "public.taken"] == ("!INSERT",)
    assert found["function", "public.f()"] == ("=EXECUTE",)
    assert found["function", "public.closed()"] == ()
    assert found["domain", "public.d"] == ("=USAGE",)
    assert found["policy", "everyone on public.ruled"] == ("=POLICY",)
