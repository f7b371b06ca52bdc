"""The second witness: pg_dump's text in statements, and pg_dumpall's for roles."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.score.copies import roles
from tests.backups.world import dump_globals
from tests.lab import login
from upkeep.backups import catalogue, programs, witness, witness_roles
from upkeep.backups.compare_entries import Meant, compare_roles
from upkeep.backups.script import statements
from upkeep.backups.witness import compare_scripts, definitions_of, dump_definitions
from upkeep.backups.witness_roles import compare_globals, needed_roles, parse
from upkeep.sources.scratch import ScratchServer, free_port, installed

HOSTILE = Path(__file__).with_name("hostile.sql")
SCRIPT = r"""
--
-- PostgreSQL database dump; with a ; in a comment
--

\restrict 3hkJfs8;x

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);

CREATE FUNCTION "public"."f"("a" integer DEFAULT 1) RETURNS "text"
    LANGUAGE "plpgsql"
    AS $_$ begin return ';' || $1; -- '; "
end $_$;
CREATE FUNCTION "public"."g"() RETURNS integer
    BEGIN ATOMIC
 SELECT CASE WHEN true THEN 1 ELSE 2 END;
 SELECT 3;
END;
COMMENT ON FUNCTION "public"."f"("a" integer) IS 'it''s; "so"';
COMMENT ON TABLE "public"."end; --" IS E'back\\slash\';';
CREATE RULE "r" AS ON UPDATE TO "public"."t" DO ALSO ( INSERT INTO "public"."u" VALUES (1); DELETE FROM "public"."u"; );
/* nested /* ; */ ; */
SET default_tablespace = "fast";
SET default_table_access_method = "heap";
CREATE TABLE "public"."t" (
    "a" integer,
    "b" "text" DEFAULT 'x;y'::"text"
);
SET default_tablespace = '';
ALTER TABLE ONLY "public"."t" ADD CONSTRAINT "p" PRIMARY KEY ("a");
SET SESSION AUTHORIZATION "bob";
GRANT SELECT ON TABLE "public"."t" TO "amy";
RESET SESSION AUTHORIZATION;
GRANT SELECT ON TABLE "public"."u" TO "amy";
COPY "public"."t" ("a", "b") FROM stdin;
1	;'"$$
\.
CREATE VIEW "v" AS SELECT 1;

\unrestrict 3hkJfs8;x
"""


def test_a_script_in_statements() -> None:
    found = statements(SCRIPT)
    assert [(each.head, each.context) for each in found] == [
        ('CREATE FUNCTION "public"."f"("a" integer DEFAULT 1)', ()),
        ('CREATE FUNCTION "public"."g"()', ()),
        ('COMMENT ON FUNCTION "public"."f"("a" integer)', ()),
        ('COMMENT ON TABLE "public"."end; --"', ()),
        ('CREATE RULE "r" TO "public"."t"', ()),
        ('CREATE TABLE "public"."t"', ('in tablespace "fast"', 'using "heap"')),
        ('ALTER TABLE ONLY "public"."t" ADD CONSTRAINT "p"', ()),
        ('GRANT ON TABLE "public"."t" TO "amy"', ('as "bob"',)),
        ('GRANT ON TABLE "public"."u" TO "amy"', ()),
        ('COPY "public"."t"', ()),
        ('CREATE VIEW "v"', ()),
    ]
    assert found[0].text.endswith("""AS $_$ begin return ';' || $1; -- '; "\nend $_$""")
    assert found[5].text == """CREATE TABLE "public"."t" ( "a" integer, "b" "text" DEFAULT 'x;y'::"text" )"""


def test_order_white_space_comments_and_keys_do_not_matter() -> None:
    turned = "\n-- another\n".join(f"{each.text};" for each in reversed(statements("create one;  create   two (a,  b);")))
    assert compare_scripts("\\restrict a\ncreate one;create two (a, b);", turned) == ()
    assert compare_scripts("create one; create one;", "create one;") == ("statement create one is missing",)


def test_texts_that_are_the_same_but_for_their_keys_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (f"\\restrict {key * 40}\ncreate table a (b int);\n\\unrestrict {key * 40}\n" for key in "xy")
    with monkeypatch.context() as patched:
        patched.setattr(witness, "statements", None)
        assert compare_scripts(one, other) == ()
        with pytest.raises(TypeError, match="callable"):
            compare_scripts(one, other.replace("int", "text"))
    assert compare_scripts(one, other.replace("int", "text")) != ()
    assert compare_scripts(one, other, roles={"a": "b"}) == ()


def test_columns_of_a_child_and_roles_of_a_policy_have_no_order() -> None:
    one = 'CREATE TABLE "c" (\n "x" numeric(1,2),\n "a" integer NOT NULL\n)\nINHERITS ("p");'
    other = 'CREATE TABLE "c" (\n "a" integer NOT NULL,\n "x" numeric(1,2)\n)\nINHERITS ("p");'
    policies = [f'CREATE POLICY "y" ON "t" TO {roles} USING (true);' for roles in ('"b", "a"', '"a", "b"', '"a", "c"')]
    assert compare_scripts(policies[0], policies[1]) == ()
    assert compare_scripts(policies[0], policies[2]) != ()
    assert compare_scripts(one, other) == ()
    assert compare_scripts(
        one.split(";", maxsplit=1)[0].partition(" INHERITS")[0],
        other.split(";", maxsplit=1)[0].replace("numeric(1,2)", "numeric(2,1)"),
    )
    assert compare_scripts('CREATE TABLE "c" ("x" int, "a" int);', 'CREATE TABLE "c" ("a" int, "x" int);')


def test_backslashes_of_a_login_without_standard_strings() -> None:
    plain = "SET standard_conforming_strings = on; COMMENT ON TABLE a IS 'a\\b';"
    assert compare_scripts(plain, "SET standard_conforming_strings = off; COMMENT ON TABLE a IS 'a\\\\b';") == ()
    assert compare_scripts(plain, "SET standard_conforming_strings = on; COMMENT ON TABLE a IS 'a\\\\b';") != ()


LINES = {
    'CREATE POLICY "p" ON "t" USING (true);': 'statement CREATE POLICY "p" ON "t" reads “(true)”, in the backup “(("a" > 1))”',
    "": 'statement CREATE POLICY "p" ON "t" USING (("a" > 1)) is missing',
    'CREATE POLICY "p" ON "t" USING (("a" > 1)); CREATE VIEW v AS SELECT 1;': (
        "statement CREATE VIEW v AS SELECT 1 is there, the backup has none"
    ),
}


@pytest.mark.parametrize("found", LINES)
def test_lines_for_people(found: str) -> None:
    assert compare_scripts('CREATE POLICY "p" ON "t" USING (("a" > 1));', found) == (LINES[found],)


def test_options_that_may_be_secret_are_never_shown() -> None:
    one, other = (f'CREATE USER MAPPING FOR "a" SERVER "s" OPTIONS (password \'{word}\');' for word in ("hidden", "other"))
    assert compare_scripts(one, other) == ('statement CREATE USER MAPPING FOR "a" has other options, which may be secret',)
    assert not [line for line in compare_scripts(one, "") if "hidden" in line]


def test_what_a_restore_was_to_change() -> None:
    one = (
        "CREATE TABLE t (); ALTER TABLE t OWNER TO old; GRANT SELECT ON TABLE t TO x;"
        'CREATE POLICY "p" ON t TO "old", "y" USING (true);'
    )
    mapped = 'CREATE TABLE t (); ALTER TABLE t OWNER TO new; CREATE POLICY "p" ON t TO "new", "y" USING (true);'
    assert compare_scripts(one, mapped, roles={"old": "new"}) == ()
    assert compare_scripts(one, mapped.replace('"new"', '"old"'), roles={"old": "new"}) != ()
    assert compare_scripts(one, 'CREATE TABLE t (); CREATE POLICY "p" ON t TO "old", "y" USING (true);', no_owner=True) == ()
    assert compare_scripts(one + "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;", one) == ()
    assert compare_scripts(one + "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;", one, subscriptions=True) != ()
    placed = f'SET default_tablespace = "fast"; {one}'
    assert compare_scripts(placed, one) != ()
    assert compare_scripts(placed, one, tablespaces=False) == ()


def test_a_database_in_another_encoding_keeps_its_bytes() -> None:
    text = b"COMMENT ON TABLE t IS 'caf\xe9';".decode("utf-8", "surrogateescape")
    assert compare_scripts(text, text) == ()
    assert compare_scripts(text, "") == ("statement COMMENT ON TABLE t IS 'caf\ufffd' is missing",)


@pytest.fixture(scope="module", params=sorted(installed()))
def origin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """The hostile database, with roles behind its roles, on a server of each major."""
    settings = {"fsync": "off", "wal_level": "logical"}
    server = ScratchServer(
        tmp_path_factory.mktemp(f"witness{request.param}"), free_port(), major=request.param, settings=settings
    )
    server.start()
    try:
        with server.endpoint().connect("plant") as admin:
            admin.execute("create database source")
        with server.endpoint("source").connect("plant") as connection:
            connection.execute(HOSTILE.read_bytes())
            connection.execute(HOSTILE.with_name("score").joinpath("roles_before.sql").read_bytes())
        yield server
    finally:
        server.remove()


@pytest.mark.parametrize(("statement", "message"), [pytest.param(*rest, id=name) for name, *rest in roles()])
def test_a_fault_of_roles_is_named(origin: ScratchServer, statement: str, message: str) -> None:
    with origin.endpoint("source").connect("look") as connection:
        before = catalogue.entries(connection)
        assert list(compare_roles(before, before, Meant(), exactly=True)) == []
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
            found = list(compare_roles(before, catalogue.entries(connection), Meant(), exactly=True))
    assert re.search(message, "\n".join(found)), found


def test_roles_that_the_database_does_not_need_are_left_out(origin: ScratchServer) -> None:
    with origin.endpoint("source").connect("look") as connection:
        needed = needed_roles(catalogue.entries(connection))
    assert {"app", "acting", 'O\'Brien "ä"', "Tab\tand space", "postgres"} <= needed
    assert "stranger" not in needed


GLOBALS = {
    "alter role app createdb": ("role app: attribute CREATEDB is there, the backup has none",),
    "alter role acting nologin": ("role acting: attribute LOGIN is missing",),
    "revoke admin option for app from acting": ("membership acting in app is plain, in the backup WITH ADMIN",),
    "revoke app from acting": ("membership acting in app WITH ADMIN is missing",),
    "alter role acting set work_mem = '9MB'": ("setting of role acting: work_mem is another or missing",),
    "comment on role acting is null": ("comment of role acting is another or missing",),
    "revoke alter system on parameter work_mem from app": (
        "right on parameter work_mem of role app: ALL is missing",
        "right on parameter work_mem of role app: SET is there, the backup has none",
    ),
    "alter role stranger superuser": (),
    "alter role acting password 'hidden'": (),
}  # fmt: skip
UNDONE = {
    "alter role app createdb": "alter role app nocreatedb",
    "alter role acting nologin": "alter role acting login",
    "revoke admin option for app from acting": "grant app to acting with admin option",
    "revoke app from acting": "grant app to acting with admin option",
    "alter role acting set work_mem = '9MB'": "alter role acting set work_mem = '8MB'",
    "comment on role acting is null": "comment on role acting is 'acts as app'",
    "revoke alter system on parameter work_mem from app": "grant alter system on parameter work_mem to app",
    "alter role stranger superuser": "alter role stranger nosuperuser",
    "alter role acting password 'hidden'": "alter role acting password null",
}


@pytest.mark.parametrize("statement", GLOBALS)
def test_the_text_of_roles_tells_what_is_another(origin: ScratchServer, statement: str) -> None:
    folder = origin.program("pg_dumpall").parent
    before = dump_globals(origin.endpoint(), folder)
    with origin.endpoint().connect("fault") as admin:
        admin.execute(statement.encode())
        try:
            after = dump_globals(origin.endpoint(), folder)
        finally:
            admin.execute(UNDONE[statement].encode())
    assert "hidden" not in after
    assert compare_globals(before, before, ["app", "acting"]) == ()
    assert compare_globals(before, after, ["app", "acting"]) == GLOBALS[statement]
    assert compare_globals(before, "", ["acting"], {"app": "new"}) == ("role acting is missing",)


def test_memberships_of_before_16_read_as_those_of_now() -> None:
    old = "ALTER ROLE a WITH NOINHERIT; GRANT r TO a GRANTED BY x; ALTER ROLE b WITH INHERIT; GRANT r TO b;"
    assert parse(old).members == {("a", "r"): {"INHERIT FALSE"}, ("b", "r"): {"INHERIT TRUE"}}
    assert parse("GRANT r TO a WITH ADMIN OPTION, INHERIT FALSE, SET FALSE GRANTED BY x;").members == {
        ("a", "r"): {"ADMIN OPTION", "INHERIT FALSE", "SET FALSE"}
    }
    assert parse("ALTER ROLE a WITH LOGIN PASSWORD 'x y' VALID UNTIL '2030-01-01 00:00:00+00';").attributes == {
        "a": {"LOGIN", "VALID UNTIL '2030-01-01 00:00:00+00'"}
    }


# As somebody may have set them for a login, each on its own.
SETTINGS = {
    "standard_conforming_strings": "off", "DateStyle": "'German, DMY'", "IntervalStyle": "sql_standard",
    "TimeZone": "'Asia/Tokyo'",
    "search_path": "nowhere", "bytea_output": "escape", "quote_all_identifiers": "on", "default_transaction_read_only": "on",
    "client_encoding": "'LATIN9'", "lc_monetary": "'C'", "xmloption": "document", "xmlbinary": "hex", "extra_float_digits": "-5",
    "row_security": "off", "statement_timeout": "'10s'", "lock_timeout": "1000", "idle_in_transaction_session_timeout": "'10s'",
    "array_nulls": "off", "backslash_quote": "on", "transform_null_equals": "on", "default_transaction_isolation": "serializable",
    "default_tablespace": "''", "check_function_bodies": "off", "client_min_messages": "error", "enable_seqscan": "off",
    "enable_hashjoin": "off", "jit": "on", "escape_string_warning": "off", "lc_numeric": "'C'", "force_parallel_mode": "on",
    "debug_parallel_query": "on", "from_collapse_limit": "1", "plan_cache_mode": "force_generic_plan", "work_mem": "64",
    "transaction_timeout": "'20s'", "default_transaction_deferrable": "on", "role": "app", "createrole_self_grant": "'set'",
}  # fmt: skip


def test_the_logins_own_settings_do_not_matter(origin: ScratchServer, tmp_path: Path) -> None:
    folder = origin.program("pg_dump").parent

    def seen(user: str, name: str) -> tuple[tuple[object, ...], str]:
        endpoint = login(origin, user, "source") if user != "postgres" else origin.endpoint("source")
        with endpoint.connect("look") as connection:
            found = catalogue.entries(connection)
        dump_definitions(endpoint, folder, tmp_path / name)
        return tuple(each for each in found if each.key != "odd"), definitions_of(tmp_path / name, folder / "pg_restore")

    expected = seen("postgres", "plain")
    with origin.endpoint("source").connect("plant") as admin:
        admin.execute("create role odd login superuser in role app")
        known = {row[0].lower() for row in admin.execute("select name from pg_catalog.pg_settings")}
        tried = {name: value for name, value in SETTINGS.items() if name.lower() in known | {"role"}}
        assert len(tried) >= 30
        for name, value in tried.items():
            admin.execute(f"alter role odd set {name} = {value}".encode())
        try:
            entries, script = seen("odd", "odd")
        finally:
            admin.execute("drop role odd")
    assert {each for each in entries if "odd" not in each.key} == set(expected[0])  # type: ignore[attr-defined]
    assert compare_scripts(expected[1], script) == ()


def test_the_session_is_left_as_it_was(origin: ScratchServer) -> None:
    with origin.endpoint("source").connect("look") as connection:
        connection.execute("set search_path = 'x'")
        catalogue.entries(connection)
        with connection.transaction():
            connection.execute("set local datestyle = german")
            catalogue.entries(connection)
            assert _shown(connection, "datestyle") == "German, DMY"
            with pytest.raises(Exception, match="division"), catalogue.settled(connection):
                connection.execute("select 1 / 0")
            assert _shown(connection, "datestyle") == "German, DMY"
        assert _shown(connection, "search_path") == "x"


def _shown(connection: object, name: str) -> str:
    row = connection.execute(f"show {name}").fetchone()  # type: ignore[attr-defined]
    return str(row[0])


def test_what_a_login_cannot_read_is_said_before(origin: ScratchServer) -> None:
    with origin.endpoint("source").connect("plant") as admin:
        assert catalogue.unreadable(admin) == ()
        admin.execute("create role reading login; grant pg_read_all_data to reading")
        try:
            with login(origin, "reading", "source").connect("look") as connection:
                found = catalogue.unreadable(connection)
        finally:
            admin.execute("drop role reading")
    assert any('user mapping for "app" on server "ser ver"' in line or "user mapping for app on server" in line for line in found)
    assert any("row security hides rows" in line and "guarded" in line for line in found)
    assert not [line for line in found if line.startswith("table") and "grant select" in line]


NOT_COVERED = {
    "grant usage on language sql to app": "rights on language",
    "grant select on information_schema.sql_parts to app": "rights on .*information_schema",
    "alter table lines disable trigger all": "constraint .* is switched off",
    "update pg_index set indisvalid = false where indexrelid = 'orders_total_x'::regclass": "invalid index",
    "create function pg_catalog.ours() returns integer language sql as 'select 1'": "object in a schema of the system: function",
    "comment on extension plpgsql is 'ours'": "comment on extension",
}


@pytest.mark.parametrize("statement", NOT_COVERED)
def test_what_no_dump_has_is_listed(origin: ScratchServer, statement: str) -> None:
    with origin.endpoint("source").connect("look") as connection:
        connection.execute("create index if not exists orders_total_x on orders_2025 (total)")
        before = catalogue.not_covered(connection)
        assert not [line for line in before if re.search(NOT_COVERED[statement], line)]
        assert any(line.startswith("planner statistics of ") for line in before)
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
            more = set(catalogue.not_covered(connection)) - set(before)
    assert re.search(NOT_COVERED[statement], "\n".join(more))


def test_every_catalog_of_this_version_is_known(origin: ScratchServer) -> None:
    with origin.endpoint("source").connect("look") as connection:
        assert not [line for line in catalogue.not_covered(connection) if line.startswith("catalog ")]


def test_both_witnesses_agree_on_a_restored_copy(origin: ScratchServer, tmp_path: Path) -> None:
    folder = origin.program("pg_dump").parent
    source, copy = origin.endpoint("source"), origin.endpoint("copied")
    dump_definitions(source, folder, tmp_path / "one")
    with origin.endpoint().connect("plant") as admin:
        admin.execute(SQL("create database {} template template0").format(Identifier("copied")))
    args = ("--exit-on-error", "--dbname=copied", str(tmp_path / "one"))
    programs.run(folder / "pg_restore", *args, env=programs.environment(copy, "restore"))
    dump_definitions(copy, folder, tmp_path / "other")
    one, other = (definitions_of(tmp_path / name, folder / "pg_restore") for name in ("one", "other"))
    assert len(statements(one)) > 300
    assert compare_scripts(one, other) == ()
    assert witness_roles.compare_globals(dump_globals(source, folder), dump_globals(copy, folder), ["app"]) == ()


def test_names_that_the_server_made_for_not_null_do_not_matter() -> None:
    one = 'CREATE TABLE "s"."part" ( "id" integer NOT NULL );'
    assert compare_scripts(one, one.replace("NOT NULL", 'CONSTRAINT "part_id_not_null1" NOT NULL')) == ()
    for own in ("my own", "other_id_not_null"):
        assert compare_scripts(one, one.replace("NOT NULL", f'CONSTRAINT "{own}" NOT NULL')) != ()
