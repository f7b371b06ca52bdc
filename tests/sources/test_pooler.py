"""A pooler is recognised, and nothing of ours is left on the sessions that it shares; against a real PgBouncer."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.lab import Lab
from tests.pgbouncer import pgbouncer
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.pooler import Pooling, pooling
from upkeep.sources.postgres import Endpoint, session
from upkeep.sources.rights import extension

OURS = (
    "default_transaction_read_only", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "search_path",
    "TimeZone", "DateStyle", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout",
)  # fmt: skip
CHANGED = f"select name from pg_settings where name = any('{{{','.join(OURS)}}}') and source = 'session'"

Through = Callable[..., Endpoint]


@dataclass
class Number:
    """One column."""

    n: int


@pytest.fixture
def through(lab: Lab, tmp_path: Path) -> Iterator[Through]:
    """The lab's database through a pooler."""
    tmp_path.chmod(0o755)
    with ExitStack() as stack:
        yield lambda mode, **more: stack.enter_context(pgbouncer(tmp_path / mode, lab.endpoint, mode, **more))


def left_over(endpoint: Endpoint) -> list[Any]:
    """What is set on the server session that the pooler gives next."""
    with endpoint.connect("look") as connection:
        return connection.execute(CHANGED.encode()).fetchall()


def test_without_a_pooler(lab: Lab) -> None:
    assert pooling(lab.endpoint) is Pooling.NONE


@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
@pytest.mark.parametrize("size", [1, 2, 20])
def test_each_mode_whatever_the_size(through: Through, mode: str, size: int) -> None:
    expected = Pooling.SESSION if mode == "session" else Pooling.TRANSACTION
    assert pooling(through(mode, size=size)) is expected


@pytest.mark.parametrize(("mode", "expected"), [("session", Pooling.SESSION), ("transaction", Pooling.TRANSACTION)])
def test_while_others_use_the_pool(through: Through, mode: str, expected: Pooling) -> None:
    endpoint, over = through(mode, size=12), Event()

    def busy() -> None:
        with endpoint.connect("busy") as connection:
            while not over.is_set():
                connection.execute("select pg_sleep(0.005)")

    with ThreadPoolExecutor(6) as pool:
        for _ in range(6):
            pool.submit(busy)
        try:
            assert [pooling(endpoint) for _ in range(5)] == [expected] * 5
        finally:
            over.set()


def test_a_pooler_that_reaches_no_server_is_an_error_that_may_pass(lab: Lab, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    away = replace(lab.endpoint, port=1)
    with pgbouncer(tmp_path / "away", away, "transaction") as endpoint, pytest.raises(BrokenError) as caught:
        pooling(endpoint)
    assert caught.value.retry


@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
def test_connecting_and_looking_leave_nothing_on_shared_sessions(through: Through, mode: str) -> None:
    endpoint = through(mode, size=1)
    with endpoint.connect("one") as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    pooling(endpoint)
    assert left_over(endpoint) == []


def test_a_direct_session_has_its_keepalives(lab: Lab) -> None:
    with lab.endpoint.connect("direct") as connection:
        names = [name for name in OURS if name.startswith("tcp_")]
        found = [connection.execute(f"show {name}".encode()).fetchone() for name in names]
    assert found == [("20",), ("5",), ("3",), ("35000",)]


def test_a_question_in_transaction_mode_is_read_only_in_time_and_leaves_nothing(through: Through) -> None:
    endpoint = through("transaction", size=1)
    with session(endpoint, "asker", statement_timeout_s=1) as pg:
        assert pg.query("select 42 as n", Number) == [Number(42)]
        assert pg.value("show transaction_read_only") == "on"
        assert pg.value("show search_path") == "pg_catalog"
        with pytest.raises(BrokenError, match="cut off"):
            pg.value("select pg_sleep(5)")
        with pytest.raises(CannotAskError, match="does not offer it"):
            pg.value("select nonsense()")
        assert pg.value("select 1") == 1
        assert left_over(endpoint) == []
    assert left_over(endpoint) == []


def test_extensions_are_seen_through_a_pooler_too(lab: Lab, through: Through) -> None:
    lab.run('create schema "odd S"; create extension pg_stat_statements schema "odd S"')
    endpoint = through("transaction", size=1)
    with session(endpoint, "asker") as pg:
        assert pg.missing([extension("pg_stat_statements", "statements")]) == ()
        assert pg.value("select count(*) from pg_stat_statements_info") == 1
    assert left_over(endpoint) == []


def test_a_direct_question_is_read_only_for_the_whole_session(lab: Lab) -> None:
    with session(lab.endpoint, "asker") as pg:
        assert pg.value("show default_transaction_read_only") == "on"
        assert pg.value("show search_path") == "pg_catalog"
        with pytest.raises(Exception, match="read-only transaction"):
            pg.value("create table t ()")


def test_where_a_connection_goes_is_known_from_it(lab: Lab) -> None:
    there = replace(lab.endpoint, options={"sslmode": "disable"})
    with there.connect("one") as one, Endpoint.of(one).connect("two") as two:
        assert Endpoint.of(one) == Endpoint.of(two)
        assert replace(Endpoint.of(one), options=there.options) == there
        assert Endpoint.of(one).options["sslmode"] == "disable"
        assert two.info.get_parameters()["application_name"] == "two"
