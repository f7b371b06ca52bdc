"""Sessions that copy rows out: exactly what the server wrote, whatever it looks like, and its errors in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab
from upkeep.backups import programs
from upkeep.backups.psql import Psql, SessionError, environment, failure
from upkeep.sources.objects import CHUNK

PLANT = r"""
    create table odd (line text);
    insert into odd values ('\.'), (E'\\.\n\\.'), ('.'), (''), (null), (E'a\\'), (repeat('x', 1048572) || E'\\'), (E'\t\\.');
"""


def open_session(lab: Lab) -> Psql:
    program = programs.client(lab.server.major or 18)[1] / "psql"
    return Psql(program, environment(lab.endpoint, "a test", "UTF8"), lab.database)


@pytest.fixture
def session(lab: Lab) -> Iterator[Psql]:
    lab.run(PLANT)
    with open_session(lab) as made:
        yield made


def by_driver(lab: Lab, statement: str) -> bytes:
    with lab.endpoint.connect("look") as connection, connection.cursor().copy(statement.encode()) as copy:
        return b"".join(map(bytes, copy))


@pytest.mark.parametrize(
    "query",
    [
        "select line from odd",
        "select line from odd where false",
        "select from generate_series(1, 3)",
        "select E'\\\\.' from generate_series(1, 400000)",
        "select repeat('y', 3000000)",
        "select '' from generate_series(1, 2000000)",
    ],
)
def test_it_gives_what_the_driver_gives(lab: Lab, session: Psql, query: str) -> None:
    statement = f"copy ({query}) to stdout"
    assert b"".join(session.copy(statement)) == by_driver(lab, statement)
    assert session.ask("select 1") == "1", "and the session goes on"


@pytest.mark.parametrize("tail", range(-8, 8))
def test_rows_that_end_about_where_a_block_ends(lab: Lab, session: Psql, tail: int) -> None:
    statement = f"copy (select repeat('x', {CHUNK + tail}) union all select E'\\\\.' union all select 'z') to stdout"
    assert b"".join(session.copy(statement)) == by_driver(lab, statement)


def test_an_error_names_what_the_server_said(session: Psql) -> None:
    with pytest.raises(SessionError, match="division by zero") as refused:
        session.ask("select 1 / 0")
    assert refused.value.sqlstate == "22012"
    with pytest.raises(SessionError):
        session.ask("select 1")


def test_rows_that_end_too_early_are_an_error(session: Psql) -> None:
    blocks = session.copy("copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout")
    next(blocks)
    session.end()
    with pytest.raises(SessionError, match="ended from outside"):
        list(blocks)


def test_a_server_that_is_not_there(lab: Lab) -> None:
    lab.server.endpoint()
    program = programs.client(lab.server.major or 18)[1] / "psql"
    with Psql(program, {"PGHOST": "127.0.0.1", "PGPORT": "1"}, "nothing") as made, pytest.raises(SessionError) as refused:
        made.ask("select 1")
    assert refused.value.retry


@pytest.mark.parametrize(
    ("message", "retry", "named"),
    [
        ("ERROR:  42501: permission denied for table t", False, "permission denied"),
        ("ERROR:  40001: canceling statement due to conflict with recovery", True, "conflict with recovery"),
        ("FATAL:  57P01: terminating connection due to administrator command", True, "terminating"),
        ("ERROR:  22P02: invalid input", False, "invalid input"),
        ("", True, "ended from outside"),
        ("psql: error: connection refused", True, "refused"),
    ],
)
def test_whether_a_retry_makes_sense(message: str, retry: bool, named: str) -> None:  # noqa: FBT001 - a column of the table above
    error = failure(message)
    assert (error.retry, named in str(error)) == (retry, True)


def test_passwords_are_no_arguments(lab: Lab) -> None:
    from dataclasses import replace

    secret = "only in its environment"
    program = programs.client(lab.server.major or 18)[1] / "psql"
    with Psql(program, environment(replace(lab.endpoint, password=secret), "a test", "UTF8"), lab.database):
        seen = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [case for case in seen if secret.encode() in case]
