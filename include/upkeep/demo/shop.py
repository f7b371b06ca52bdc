"""The shop's database: built once in good health, then spoilt once."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.demo.servers import role
from upkeep.demo.state import State
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer

if TYPE_CHECKING:
    import psycopg

LOGINS = ("shop_owner", "shop_app", "shop_reports", "shop_importer", "upkeep_monitor", "upkeep_backup", "upkeep_maintenance")
PARTING = "\n--------\n"


def build(server: ScratchServer, state: State) -> None:
    """Roles, database, tables and rows. Anything half made by an earlier start is dropped first."""
    with server.endpoint().connect("demo") as admin:
        admin.execute("drop database if exists shop with (force)")
        for name in LOGINS:
            role(admin, name, state.secret(f"{name} login"))
        admin.execute("create database shop owner shop_owner")
    with server.endpoint("shop").connect("demo") as admin:
        admin.execute("create extension pg_stat_statements")
        admin.execute("create extension pgstattuple")
        admin.execute("grant create on schema public to shop_owner")
    with _unlogged(server) as admin:
        admin.execute("set role shop_owner")
        admin.execute(_sql("shop.sql").encode())
        admin.execute("vacuum (analyze)")
        admin.execute("reset role")
        admin.execute(_sql("monitor.sql").encode())


def spoil(server: ScratchServer) -> None:
    """Plant every fault of faults.sql."""
    import psycopg

    with _unlogged(server) as admin:
        for statement in _sql("faults.sql").split(PARTING):
            try:
                admin.execute(statement.encode())
            except psycopg.errors.UniqueViolation:
                _expect_invalid(admin)


def forget_statistics(server: ScratchServer) -> None:
    """Begin to count statements anew: building the shop is no part of its usual work."""
    with server.endpoint("shop").connect("demo") as admin:
        admin.execute("select pg_stat_statements_reset()")


def login(server: ScratchServer, state: State, name: str) -> Endpoint:
    """How one of the shop's roles logs in."""
    return server.endpoint("shop", name, state.secret(f"{name} login"))


@contextmanager
def _unlogged(server: ScratchServer) -> Iterator["psycopg.Connection[Any]"]:
    """A superuser's session whose long statements are not logged as slow: they are the demo's work, not the shop's."""
    with server.endpoint("shop").connect("demo") as admin:
        admin.execute("set log_min_duration_statement = -1")
        admin.execute("set auto_explain.log_min_duration = -1")
        yield admin


def _expect_invalid(admin: "psycopg.Connection[Any]") -> None:
    row = admin.execute("select count(*) from pg_index where not indisvalid").fetchone()
    if not row or row[0] != 1:
        raise RuntimeError("the invalid index was not left behind")


def _sql(name: str) -> str:
    return (files("upkeep.demo") / name).read_text(encoding="utf-8")
