"""A time limit that holds though every packet is taken and nothing is ever answered."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.kill.proxy import Proxy
from tests.lab import Lab
from upkeep.errors import BrokenError
from upkeep.sources.deadline import deadline
from upkeep.sources.postgres import Endpoint


@pytest.fixture
def proxy(lab: Lab) -> Iterator[Proxy]:
    made = Proxy(lab.server.port)
    made.start()
    yield made
    made.stop()


def through(lab: Lab, proxy: Proxy) -> Endpoint:
    return Endpoint("127.0.0.1", proxy.port, lab.endpoint.user, lab.endpoint.password, lab.database)


@pytest.mark.fault
def test_a_session_behind_a_silent_proxy_is_cut_in_time(lab: Lab, proxy: Proxy) -> None:
    with through(lab, proxy).connect("silent") as connection:
        connection.execute("select 1")
        proxy.pause()
        begun = time.monotonic()
        with pytest.raises(BrokenError, match=r"no answer within 0\.5 s") as caught, deadline(connection, 0.5):
            connection.execute("select 1")
        assert time.monotonic() - begun < 3
        assert caught.value.retry
        assert connection.closed


@pytest.mark.near_miss
def test_what_ends_in_time_is_left_alone(lab: Lab) -> None:
    with lab.endpoint.connect("quick") as connection:
        for _ in range(3):
            with deadline(connection, 0.3):
                connection.execute("select pg_sleep(0.1)")
        time.sleep(0.5)
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.near_miss
def test_another_error_stays_itself(lab: Lab) -> None:
    with lab.endpoint.connect("wrong") as connection:
        with pytest.raises(psycopg.errors.DivisionByZero), deadline(connection, 5):
            connection.execute("select 1 / 0")
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.fault
def test_a_server_that_takes_the_call_and_says_nothing_does_not_answer(lab: Lab, proxy: Proxy) -> None:
    proxy.pause()
    begun = time.monotonic()
    with pytest.raises(BrokenError, match="the server does not answer"):
        through(lab, proxy).connect("deaf", connect_timeout=2)
    assert time.monotonic() - begun < 6
