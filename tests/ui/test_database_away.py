"""A report database that is away, stuck or silent: the page says so within seconds, and is itself again afterwards."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.kill.proxy import Proxy
from tests.lab import Lab
from upkeep.errors import BrokenError
from upkeep.store.migrate import migrate
from upkeep.ui import database
from upkeep.ui.app import create_app
from upkeep.ui.database import BusyError, Reader

SIZE = 4


@pytest.fixture
def proxy(lab: Lab) -> Iterator[Proxy]:
    migrate(lab.endpoint)
    made = Proxy(lab.server.port)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def app(lab: Lab, proxy: Proxy) -> FastAPI:
    """The pages over a database whose way can be silenced."""
    return create_app(lambda: replace(lab.endpoint, port=proxy.port), [])


def resume(proxy: Proxy) -> None:
    assert proxy._process  # noqa: SLF001 - the proxy that this test paused
    os.kill(proxy._process.pid, signal.SIGCONT)  # noqa: SLF001 - as above


def several(reader: Reader) -> None:
    """Leave every connection open and idle."""
    with ExitStack() as stack:
        for _ in range(SIZE):
            stack.enter_context(reader.snapshot())


@pytest.mark.fault
def test_a_page_over_a_silent_database_says_so_and_comes_back(app: FastAPI, proxy: Proxy, lab: Lab) -> None:
    pages = TestClient(app)
    assert pages.get("/").status_code == 200
    several(app.state.reader)
    proxy.pause()
    begun = time.monotonic()
    answer = pages.get("/")
    silent_s = time.monotonic() - begun
    assert silent_s < SIZE * database.PING_S + database.CONNECT_S, "each was tried, one after the other"
    assert answer.status_code == 503
    assert "The report database is away" in answer.text
    assert "the server does not answer" in answer.text
    assert str(lab.endpoint.password) not in answer.text
    resume(proxy)
    begun = time.monotonic()
    assert pages.get("/").status_code == 200
    assert time.monotonic() - begun < silent_s, "what was kept from before is not tried one by one"


@pytest.mark.fault
def test_a_page_that_waits_for_its_rows_is_given_up(proxy: Proxy, lab: Lab) -> None:
    reader = Reader(lambda: replace(lab.endpoint, port=proxy.port), answer_s=1)
    with pytest.raises(BrokenError, match="no answer within 1 s"), reader.snapshot() as rows:  # noqa: PT012 - silence begins in between
        proxy.pause()
        rows("cadences")
    resume(proxy)
    with reader.snapshot() as rows:
        assert rows("cadences") == []


@pytest.mark.fault
def test_when_every_connection_is_in_use_the_page_says_busy(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAIT_S", 0.2)
    reader: Reader = app.state.reader
    with ExitStack() as stack:
        for _ in range(SIZE):
            stack.enter_context(reader.snapshot())
        answer = TestClient(app).get("/")
        with pytest.raises(BusyError):
            stack.enter_context(reader.snapshot())
    assert answer.status_code == 503
    assert "The report database is busy" in answer.text
    assert "load the page again in a moment" in answer.text
    assert TestClient(app).get("/").status_code == 200


@pytest.mark.near_miss
def test_connections_are_kept_and_one_that_was_left_in_an_error_is_not(app: FastAPI, lab: Lab) -> None:
    reader: Reader = app.state.reader
    count = "select count(*) from pg_stat_activity where application_name = 'upkeep pages' and datname = current_database()"
    for _ in range(3):
        with reader.snapshot() as rows:
            assert rows("cadences") == []
    assert lab.value(count) == 1
    with reader.snapshot() as rows:
        rows._connection.execute("commit; begin")  # noqa: SLF001 - a page that leaves a transaction open
    with reader.snapshot() as rows:
        assert rows("cadences") == []


def test_statements_of_a_page_have_a_limit_on_the_server_too(app: FastAPI) -> None:
    with app.state.reader.snapshot() as rows:
        assert rows._connection.execute("show statement_timeout").fetchone() == ("10s",)  # noqa: SLF001 - what the server holds
