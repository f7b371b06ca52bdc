"""deploy/databases.sql: each login of the compose PostgreSQL owns what is its own, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import Error

from tests.machines.installation import Installation
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store.migrate import migrate, migrations


@pytest.fixture(scope="module")
def logins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Endpoint]]:
    """The superuser and both logins, each at its database."""
    folder = tmp_path_factory.mktemp("databases")
    folder.chmod(0o711)
    server = ScratchServer(folder / "server", free_port(), settings={"fsync": "off"})
    try:
        server.start()
        made = Installation(folder, "127.0.0.1", server.port, 0)
        made.make_secrets()
        made.make_databases(server)
        metadata = Endpoint("127.0.0.1", server.port, "airflow", made.secret("metadata_login"), "airflow")
        monitor = Endpoint("127.0.0.1", server.port, "upkeep_monitor", made.secret("monitor_login"), "airflow")
        yield {"monitor": monitor, "postgres": server.endpoint("upkeep"), "upkeep": made.reports(), "airflow": metadata}
    finally:
        server.remove()


def _refused(login: Endpoint, sql: str) -> None:
    with pytest.raises(Error, match=r"permission denied|must be"), login.connect("try") as connection:
        connection.execute(sql.encode())


@pytest.mark.parametrize("name", ["upkeep", "airflow", "monitor"])
def test_no_login_is_a_superuser_or_makes_others(logins: dict[str, Endpoint], name: str) -> None:
    with logins[name].connect("look") as connection:
        powers = "rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls"
        assert connection.execute(f"select {powers} from pg_roles where rolname = current_user".encode()).fetchone() == (False,)


def test_the_report_login_owns_its_schema_and_migrates_it(logins: dict[str, Endpoint]) -> None:
    assert migrate(logins["upkeep"]) == list(migrations())
    assert migrate(logins["upkeep"]) == []
    with logins["postgres"].connect("look") as admin:
        owned = admin.execute("select nspname from pg_namespace where nspowner = 'upkeep'::regrole").fetchall()
        databases = admin.execute("select datname from pg_database where datdba = 'upkeep'::regrole").fetchall()
        reads = admin.execute("select has_table_privilege('upkeep_reader', 'upkeep.answer', 'select')").fetchone()
    assert owned == [("upkeep",)]
    assert databases == []
    assert reads == (True,)


def test_it_may_nothing_beside_its_schema(logins: dict[str, Endpoint]) -> None:
    for sql in ("create schema other", "create table public.t ()", "create role other", "create database other"):
        _refused(logins["upkeep"], sql)


@pytest.mark.parametrize(("who", "database"), [("upkeep", "airflow"), ("airflow", "upkeep")])
def test_neither_gets_into_the_others_database(logins: dict[str, Endpoint], who: str, database: str) -> None:
    with pytest.raises(BrokenError, match=r"permission denied|may not"):
        replace(logins[who], database=database).connect("try")


def test_no_password_is_in_the_script() -> None:
    script = (Path(__file__).parents[2] / "deploy/databases.sql").read_text(encoding="utf-8")
    assert script.count("password :'") == script.count("`cat /secrets/") == 3


def test_who_looks_after_both_databases_only_reads(logins: dict[str, Endpoint]) -> None:
    with logins["airflow"].connect("make") as owner:
        owner.execute("create table later (id int)")
    with logins["monitor"].connect("look") as connection:
        assert connection.execute("select count(*) from later").fetchone() == (0,)
        assert connection.execute("select pg_has_role('pg_monitor', 'usage')").fetchone() == (True,)
    for sql in ("insert into later values (1)", "drop table later", "create schema own"):
        _refused(logins["monitor"], sql)
    with replace(logins["monitor"], database="upkeep").connect("look") as connection:
        assert connection.execute("select has_schema_privilege('upkeep', 'create')").fetchone() == (False,)
