"""The catalogue on every major version: each kind is there, keys are unique, nothing secret is read, any role may ask."""

from pathlib import Path

from psycopg.sql import SQL, Identifier

from tests.lab import fresh_database, login
from upkeep.backups import catalogue
from upkeep.sources.scratch import ScratchServer

HOSTILE = Path(__file__).with_name("hostile.sql")
KINDS = {
    "aggregate", "cast", "collation", "column", "comment", "constraint", "conversion", "database", "default",
    "default privileges",
    "domain", "event trigger", "extension", "foreign data wrapper", "foreign table", "function", "index", "large objects",
    "materialized view", "operator", "operator class", "operator family", "policy", "procedure", "publication", "publication of",
    "query", "rule", "schema", "sequence", "server", "statistics", "table", "text of function", "text search configuration",
    "text search dictionary", "trigger", "type", "user mapping", "view",
}  # fmt: skip


def test_every_kind_under_its_own_key_for_any_role(every_server: ScratchServer) -> None:
    with fresh_database(every_server, "catalogue") as lab:
        with lab.endpoint.connect("plant") as connection:
            connection.execute(HOSTILE.read_bytes())
            before = connection.execute("show search_path").fetchone()
            found = catalogue.entries(connection)
            assert connection.execute("show search_path").fetchone() == before, "the session is left as it was"
            values = catalogue.sequence_values(connection)
        assert {entry.kind for entry in found} == KINDS
        assert len({(entry.kind, entry.key, entry.owner) for entry in found}) == len(found)
        assert "hidden" not in str(found), "the password of a user mapping"
        assert values["public.\"Seq 'x'\""] == "-5,t"
        lab.run("drop role if exists nobody_special; create role nobody_special login")
        with login(every_server, "nobody_special", "catalogue").connect("look") as connection:
            assert catalogue.entries(connection) == found
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
    assert catalogue.simple('"a""b"."C d" ON "e"') == '"a""b"."C d" ON e'
