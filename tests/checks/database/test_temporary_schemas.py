"""temporary_schemas: what a crash leaves behind, and what is only in use."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from psycopg.sql import SQL, Identifier

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.temporary_schemas import temporary_schemas
from upkeep.sources.scratch import ScratchServer

MAKE = 'create temporary table "T ä" (id bigserial primary key, t text); insert into "T ä" default values'


@contextmanager
def database_to_crash(server: ScratchServer, name: str) -> Iterator[Lab]:
    """A fresh database to which nobody is connected, so that its server may crash."""
    with server.endpoint().connect("lab") as admin:
        admin.execute(SQL("create database {}").format(Identifier(name)))
    with ExitStack() as stack:
        yield Lab(server, name, stack)
    with server.endpoint().connect("lab") as admin:
        admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


def crash(server: ScratchServer) -> None:
    """As after a power cut."""
    server.stop("immediate")
    server.start()


@pytest.mark.baseline
def test_no_temporary_tables(every_lab: Lab) -> None:
    answer = every_lab.ask(temporary_schemas)
    assert (answer.status, answer.summary) == (Status.OK, "0 temporary schemas with tables, 0 left over")


@pytest.mark.near_miss
def test_those_of_sessions_that_live(every_lab: Lab) -> None:
    for _ in range(3):
        every_lab.session().execute(MAKE)
    answer = every_lab.ask(temporary_schemas)
    assert (rules(answer), answer.summary) == ([], "3 temporary schemas with tables, 0 left over")


@pytest.mark.near_miss
def test_those_of_a_session_that_ended(every_lab: Lab) -> None:
    session = every_lab.session()
    session.execute(MAKE)
    session.close()
    assert rules(every_lab.ask(temporary_schemas)) == []


@pytest.mark.fault
def test_what_a_crash_left(every_server: ScratchServer) -> None:
    with database_to_crash(every_server, "Crashed ä") as lab:
        lab.session().execute(MAKE)
        crash(every_server)
        answer = lab.ask(temporary_schemas)
        assert (rules(answer), answer.worst) == ([("orphaned_temporary_tables", "Crashed ä")], Severity.LOW)
        assert "outlived the session" in answer.findings[0].title
        assert lab.ask(temporary_schemas, old_xids=0).worst is Severity.MEDIUM
        lab.run(answer.findings[0].remedy)
        assert rules(lab.ask(temporary_schemas)) == []


@pytest.mark.fault
def test_what_a_crash_left_is_told_from_what_is_in_use(every_server: ScratchServer) -> None:
    with database_to_crash(every_server, "crashed") as lab:
        for _ in range(4):
            lab.session().execute(MAKE)
        crash(every_server)
        lab.session().execute("select 1")
        found = rules(lab.ask(temporary_schemas))
        assert found == [("orphaned_temporary_tables", "crashed")]


@pytest.mark.fault
def test_a_session_that_keeps_one_for_very_long(lab: Lab) -> None:
    lab.session().execute(MAKE)
    lab.run("create table other (id int)")
    answer = lab.ask(temporary_schemas, old_xids=1)
    assert (rules(answer), answer.worst) == ([("temporary_tables_old", lab.database)], Severity.MEDIUM)
