"""A server that gives no sign of life while much is sent to it. The network itself is cut in backups/test_network_cut.py."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.lab import Lab
from upkeep.errors import BrokenError
from upkeep.sources import vanished
from upkeep.sources.keepalives import Flow
from upkeep.sources.vanished import SignsOfLife

WATCH = "select pid from pg_stat_activity where application_name = 'watch'"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vanished, "ASK_EVERY_S", 0.2)
    monkeypatch.setattr(vanished, "ANSWER_WITHIN_S", 0.5)


@pytest.fixture
def stopped(lab: Lab) -> Iterator[list[int]]:
    """Stops the server process of the session that watches; it goes on afterwards."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    with lab.endpoint.connect("end") as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'watch'")


def stop(lab: Lab, pids: list[int]) -> None:
    with lab.endpoint.connect("look") as connection:
        while not (found := connection.execute(WATCH).fetchone()):
            time.sleep(0.05)
    os.kill(found[0], signal.SIGSTOP)
    pids.append(found[0])


@pytest.mark.fault
def test_what_waits_for_a_vanished_server_ends(lab: Lab, stopped: list[int]) -> None:
    with SignsOfLife(lab.endpoint, "watch") as alive, lab.endpoint.connect("stream", flow=Flow.IN) as stream:
        stop(lab, stopped)
        with (
            pytest.raises(BrokenError, match=r"127\.0\.0\.1.* has not answered for 0.5 s") as raised,
            alive.ending_session(stream),
        ):
            stream.execute("select pg_sleep(600)")
        assert raised.value.retry
        assert isinstance(raised.value.__cause__, psycopg.OperationalError)


@pytest.mark.fault
def test_a_program_that_is_ended_is_no_success(lab: Lab, stopped: list[int]) -> None:
    program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with SignsOfLife(lab.endpoint, "watch") as alive:
        stop(lab, stopped)
        with pytest.raises(BrokenError, match="has not answered"), alive.ending(program.kill):
            program.wait()


@pytest.mark.near_miss
def test_a_stream_that_waits_long_on_a_server_that_lives_goes_on(lab: Lab) -> None:
    with SignsOfLife(lab.endpoint, "watch") as alive, lab.endpoint.connect("stream", flow=Flow.IN) as stream:
        with alive.ending_session(stream):
            stream.execute("select pg_sleep(2)")
        with pytest.raises(psycopg.errors.DivisionByZero), alive.ending_session(stream):
            stream.execute("select 1 / 0")
        assert stream.execute("select 1").fetchone() == (1,)
    with lab.endpoint.connect("look") as connection:
        assert connection.execute(WATCH).fetchall() == []


@pytest.mark.near_miss
def test_without_a_session_to_spare_nobody_watches(lab: Lab) -> None:
    nowhere = replace(lab.endpoint, database="is not there")
    with SignsOfLife(nowhere, "watch") as alive, lab.endpoint.connect("stream") as stream, alive.ending_session(stream):
        assert stream.execute("select 1").fetchone() == (1,)
