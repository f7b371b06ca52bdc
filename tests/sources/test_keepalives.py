"""A machine that vanishes loses its sessions and their locks soon; one that is only slow or idle keeps them."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.lab import Lab
from tests.netns import HERE, Elsewhere, elsewhere, reachable_server
from upkeep.sources.keepalives import Flow, keepalive_conninfo, server_statement
from upkeep.sources.scratch import ScratchServer
from upkeep.store.migrate import migrate

LOST_WITHIN_S = 60
CLIENT = """
import os, sys, threading, time
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
server = Endpoint(sys.argv[1], int(sys.argv[2]), "postgres", sys.argv[3], "postgres")
idle, waiting, reading = (server.connect(name) for name in ("idle", "waiting", "reading"))
idle.execute("begin")
idle.execute("select pg_advisory_xact_lock(42)")
reading.pgconn.send_query(b"select repeat('x', 1000) from generate_series(1, 1000000)")

def wait():
    try:
        with translate_errors():
            waiting.execute("select pg_sleep(600)")
    except BrokenError as error:
        print("lost", error.retry, flush=True)

threading.Thread(target=wait, daemon=True).start()
time.sleep(1)
print("ready", flush=True)
time.sleep(600)
"""
PAGE = """
import sys, time
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import connected
from upkeep.ui.database import Reader
server = Endpoint(sys.argv[1], int(sys.argv[2]), "postgres", sys.argv[3], "postgres")
reader = Reader(lambda: server)
store = connected(server)
session = store.__enter__()
with reader.snapshot() as rows:
    rows("cadences")
print("ready", flush=True)
sys.stdin.readline()
for name, ask in (("page", lambda: reader.snapshot().__enter__()), ("store", lambda: session.execute("select 1"))):
    begun = time.monotonic()
    try:
        ask()
    except Exception as error:
        print(name, type(error).__name__, round(time.monotonic() - begun), flush=True)
"""
SESSIONS = "select application_name from pg_stat_activity where application_name in ('idle', 'waiting', 'reading') order by 1"


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with elsewhere() as made:
        yield made


@pytest.fixture
def reachable(tmp_path: Path, there: Elsewhere) -> Iterator[ScratchServer]:
    """A server that the other machine reaches."""
    assert there
    with reachable_server(tmp_path) as made:
        yield made


def within(seconds: float, done: Callable[[], bool]) -> float:
    """How long it took; raises AssertionError when it took longer."""
    begun = time.monotonic()
    while not done():
        assert time.monotonic() - begun < seconds
        time.sleep(0.5)
    return time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.fault
def test_a_vanished_machine_loses_its_sessions_and_locks(reachable: ScratchServer, there: Elsewhere) -> None:
    client = there.python(CLIENT, HERE, str(reachable.port), str(reachable.endpoint().password))
    assert client.stdout
    assert client.stdout.readline() == "ready\n"
    try:
        with (
            reachable.endpoint().connect("look") as look,
            reachable.endpoint().connect("idle but healthy", autocommit=False) as healthy,
        ):
            healthy.execute("select pg_advisory_xact_lock(43)")
            assert [name for (name,) in look.execute(SESSIONS).fetchall()] == ["idle", "reading", "waiting"]
            there.cut()
            assert client.stdout.readline() == "lost True\n"
            locks = "select objid from pg_locks where locktype = 'advisory'"
            within(LOST_WITHIN_S, lambda: look.execute(locks).fetchall() == [(43,)])
            within(LOST_WITHIN_S, lambda: look.execute(SESSIONS).fetchall() in ([], [("waiting",)]))
            assert healthy.execute("select 1").fetchone() == (1,)
    finally:
        client.kill()
        client.wait()
        client.stdout.close()


@pytest.mark.slow
def test_a_stream_whose_reader_stops_for_long_is_not_cut(lab: Lab) -> None:
    with closing(lab.endpoint.connect("stream", flow=Flow.OUT)) as stream, closing(lab.endpoint.connect("plain")) as plain:
        for connection in (stream, plain):
            connection.pgconn.send_query(b"copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout")
            connection.pgconn.flush()
        time.sleep(45)
        assert _copied(stream) == 100000
        with pytest.raises(psycopg.OperationalError):
            _copied(plain)


def test_what_is_given_to_programs_has_no_secret(lab: Lab) -> None:
    conninfo = keepalive_conninfo()
    assert conninfo == "keepalives=1 keepalives_idle=20 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=35000"
    with psycopg.connect(
        conninfo, host="127.0.0.1", port=lab.server.port, user="postgres", password=lab.endpoint.password
    ) as made:
        assert made.info.get_parameters()["tcp_user_timeout"] == "35000"
    assert "tcp_user_timeout=0" in keepalive_conninfo(flow=Flow.IN)
    assert conninfo_to_dict(keepalive_conninfo("o'Brien \\ x=1"))["dbname"] == "o'Brien \\ x=1"
    with lab.endpoint.connect("program") as connection:
        connection.execute(server_statement().encode())
        assert connection.execute("show tcp_keepalives_idle").fetchone() == ("20",)
        assert connection.execute("show tcp_user_timeout").fetchone() == ("0",)


def test_what_an_endpoint_says_itself_wins(lab: Lab) -> None:
    with replace(lab.endpoint, options={"keepalives_idle": "7"}).connect("own") as connection:
        assert connection.info.get_parameters()["keepalives_idle"] == "7"


def test_the_first_statement_of_a_transaction_is_the_callers(lab: Lab) -> None:
    with lab.endpoint.connect("lock first", autocommit=False) as connection:
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        assert connection.autocommit is False


def _copied(connection: "psycopg.Connection[Any]") -> int:
    """How many rows arrive."""
    pgconn, rows = connection.pgconn, 0
    result = pgconn.get_result()
    assert result
    while True:
        size, _ = pgconn.get_copy_data(0)
        if size > 0:
            rows += 1
        elif size == -1:
            result = pgconn.get_result()
            if result is None or result.status != psycopg.pq.ExecStatus.COMMAND_OK:
                raise psycopg.OperationalError("the stream was cut")
            return rows


@pytest.mark.slow
@pytest.mark.fault
def test_a_page_and_a_store_session_end_soon_when_the_cable_is_cut(reachable: ScratchServer, there: Elsewhere) -> None:
    migrate(reachable.endpoint())
    client = there.python(PAGE, HERE, str(reachable.port), str(reachable.endpoint().password))
    assert client.stdin
    assert client.stdout
    try:
        assert client.stdout.readline() == "ready\n"
        there.cut()
        client.stdin.write("go\n")
        client.stdin.flush()
        page, error, seconds = client.stdout.readline().split()
        assert (page, error) == ("page", "BrokenError")
        assert int(seconds) <= 15
        store, _, seconds = client.stdout.readline().split()
        assert store == "store"
        assert int(seconds) <= LOST_WITHIN_S
    finally:
        client.kill()
        client.wait()
