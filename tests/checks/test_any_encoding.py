"""Names of a cluster are in as many encodings as its databases: every check reads them all."""

from collections.abc import Iterator

import pytest
from psycopg.sql import SQL, Identifier, Literal

from tests.checks.test_every_check import CHECKS, IDS, TODAY
from tests.checks.test_login_settings import LOW
from tests.lab import Lab, rules
from upkeep.checks.database.connection_use import connection_use
from upkeep.checks.database.database_growth import database_growth
from upkeep.checks.security.login_privileges import login_privileges
from upkeep.duty import Duty
from upkeep.errors import CannotAskError
from upkeep.sources.postgres import session
from upkeep.sources.scratch import ScratchServer

ENCODINGS = {"UTF8": "utf-8", "LATIN1": "latin-1", "SQL_ASCII": "latin-1", "EUC_JP": "euc_jp"}
NAMES = {"UTF8": "röle ∑", "LATIN1": "röle é", "SQL_ASCII": "räle", "EUC_JP": "役割"}


def _plant(server: ScratchServer, encoding: str) -> None:
    """A database in this encoding and a superuser's login, a table, a sequence and a database, all named from it."""
    with server.endpoint().connect("plant") as admin:
        database = f"in_{encoding}"
        args = (Identifier(database), Literal(encoding))
        admin.execute(SQL("create database {} encoding {} locale 'C' template template0").format(*args))
    with server.endpoint(database).connect("plant", client_encoding=encoding) as inside:
        name = f'"{NAMES[encoding]}"'.encode(ENCODINGS[encoding])
        for sql in (
            b"create role %s superuser login connection limit 5",
            b"create table %s (id smallserial primary key, %s text)" % (name, b"%s"),
            b"insert into %s default values",
            b"create index on %s (id)",
            b"create database %s template template0 encoding 'SQL_ASCII' locale 'C'",
            b"alter role %s set work_mem = '1MB'",
        ):
            inside.pgconn.exec_(sql % name)


@pytest.fixture(scope="module")
def babel(server: ScratchServer) -> Iterator[ScratchServer]:
    """The server with a database of each encoding, and names from each."""
    try:
        for encoding in ENCODINGS:
            _plant(server, encoding)
        yield server
    finally:
        for encoding, codec in ENCODINGS.items():
            with server.endpoint(f"in_{encoding}").connect("tidy") as inside:
                name = f'"{NAMES[encoding]}"'.encode(codec)
                inside.pgconn.exec_(b"set client_encoding = '%s'" % encoding.encode())
                for sql in (b"drop database if exists %s", b"drop role if exists %s"):
                    inside.pgconn.exec_(sql % name)
            with server.endpoint().connect("tidy") as admin:
                admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(f"in_{encoding}")))


def _from(server: ScratchServer, encoding: str) -> Lab:
    from contextlib import ExitStack

    return Lab(server, f"in_{encoding}", ExitStack())


@pytest.mark.parametrize("duty", CHECKS, ids=IDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_check_answers_in_every_encoding(babel: ScratchServer, encoding: str, duty: Duty) -> None:
    answer = _from(babel, encoding).ask(duty, window=TODAY, **LOW.get(duty.name, {}))
    assert answer.summary


@pytest.mark.fault
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_login_named_in_any_encoding_is_found(babel: ScratchServer, encoding: str) -> None:
    answer = _from(babel, encoding).ask(login_privileges)
    found = {name for rule, name in rules(answer) if rule == "privileged_login"}
    assert len(found) == len(ENCODINGS)
    shown = NAMES[encoding] if encoding != "SQL_ASCII" else "r\\xe4le"
    assert shown in found


def test_a_byte_that_cannot_be_read_is_shown_by_its_number(babel: ScratchServer) -> None:
    there = _from(babel, "UTF8")
    assert "r\\xf6le \\xe9" in {name for _, name in rules(there.ask(login_privileges))}
    sizes = {m.labels.get("database") for m in there.ask(database_growth).metrics}
    assert {"röle ∑", "r\\xe4le"} <= sizes
    assert there.ask(connection_use).summary


def test_a_byte_that_cannot_be_read_does_not_break_json(babel: ScratchServer) -> None:
    with session(babel.endpoint("in_UTF8"), "test") as pg:
        names = pg.value("select pg_catalog.json_agg(role.rolname) from pg_catalog.pg_roles as role where role.oid >= 16384")
    assert {"röle ∑", "r\\xf6le \\xe9", "r\\xe4le"} <= set(names)


@pytest.mark.parametrize(
    "ask", ["select '{}'", "select pg_catalog.convert_from('\\xf09f9880', 'UTF8')"], ids=["asked", "answered"]
)
@pytest.mark.parametrize("encoding", ["LATIN1", "EUC_JP"])
def test_what_an_encoding_does_not_have_is_said(babel: ScratchServer, encoding: str, ask: str) -> None:
    with session(babel.endpoint(f"in_{encoding}"), "test") as pg, pytest.raises(CannotAskError, match="encoding"):
        pg.value(ask.format("\N{GRINNING FACE}"))
