"""The session that copies rows through psql: it notices a lost server, and any name of a database will do."""

from psycopg.sql import SQL, Identifier

from tests.lab import Lab
from upkeep.backups import programs
from upkeep.backups.psql import Psql

ODD = "o'Brien \\ dbname=x \u00e4"


def test_both_ends_of_it_notice_when_the_other_has_vanished(lab: Lab) -> None:
    with Psql(lab.server.program("psql"), programs.environment(lab.endpoint, "test"), lab.database) as session:
        assert [session.ask(f"show tcp_{name}") for name in ("keepalives_idle", "keepalives_interval", "keepalives_count")] == [
            "20", "5", "3",
        ]  # fmt: skip
        assert session.ask("show tcp_user_timeout") == "0", "a slow store is waited for"
        assert session.ask("show application_name") == "test"


def test_any_name_of_a_database(lab: Lab) -> None:
    with lab.server.endpoint().connect("odd") as admin:
        admin.execute(SQL("create database {}").format(Identifier(ODD)))
        try:
            with Psql(lab.server.program("psql"), programs.environment(lab.endpoint, "test"), ODD) as session:
                assert session.ask("select current_database()") == ODD
        finally:
            admin.execute(SQL("drop database {} with (force)").format(Identifier(ODD)))
