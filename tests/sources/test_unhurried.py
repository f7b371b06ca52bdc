"""A login whose own timeouts are too short for a session to begin is asked all the same."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.lab import Lab
from tests.pgbouncer import pgbouncer
from upkeep.errors import BrokenError
from upkeep.sources.postgres import session
from upkeep.sources.unhurried import cut_off, without_timeouts

_WAITS = """
    select count(*)
    from pg_stat_activity
    where application_name = 'upkeep hurried' and wait_event_type = 'Lock' and clock_timestamp() - query_start > interval '200 ms'
"""


@pytest.fixture
def hurried(lab: Lab) -> Iterator[str]:
    lab.run("create role hurried login in role pg_monitor")
    yield "hurried"
    lab.run("drop owned by hurried; drop role hurried")


@contextmanager
def slow_beginning(lab: Lab) -> Iterator[None]:
    """
    What a session asks first waits for a lock, until one has waited far longer than a millisecond.

    So a timeout of a millisecond always cuts it off, however fast the machine is.
    """
    over = threading.Event()
    with lab.session(autocommit=False, application="holder") as holder:
        holder.execute("lock table pg_operator in access exclusive mode")

        def release() -> None:
            while not over.is_set() and holder.execute(_WAITS).fetchone() == (0,):
                holder.execute("select pg_stat_clear_snapshot(), pg_sleep(0.02)")
            holder.rollback()

        watch = threading.Thread(target=release)
        watch.start()
        try:
            yield
        finally:
            over.set()
            watch.join()


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout"])
def test_a_timeout_of_a_millisecond_does_not_cut_off_the_beginning(lab: Lab, hurried: str, name: str) -> None:
    lab.run(f"alter role {hurried} set {name} = 1")
    endpoint = lab.login(hurried)
    with slow_beginning(lab), session(endpoint, "upkeep hurried", statement_timeout_s=9, lock_timeout_s=3) as postgres:
        assert postgres.value("show statement_timeout") == "9s", "the session's own holds, not what it began with"
        assert postgres.value("show lock_timeout") == "3s"


@pytest.mark.parametrize("name", ["idle_in_transaction_session_timeout", "idle_session_timeout", "statement_timeout"])
def test_timeouts_of_a_millisecond_all_around(lab: Lab, hurried: str, name: str) -> None:
    lab.run(f"alter role {hurried} set {name} = 1")
    for _ in range(20):
        with session(lab.login(hurried), "upkeep hurried") as postgres:
            assert postgres.value("select 1") == 1


def test_what_the_connection_itself_asks_for_stays(lab: Lab, hurried: str) -> None:
    lab.run(f"alter role {hurried} set statement_timeout = 1")
    endpoint = lab.login(hurried)
    endpoint = type(endpoint)(
        endpoint.host, endpoint.port, endpoint.user, endpoint.password, endpoint.database, {"options": "-c work_mem=7MB"}
    )
    with slow_beginning(lab), session(endpoint, "upkeep hurried") as postgres:
        assert postgres.value("show work_mem") == "7MB"


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_a_pooler_is_asked_without_a_startup_packet_of_ours(lab: Lab, tmp_path: Path, hurried: str, mode: str) -> None:
    login = lab.login(hurried)
    with pgbouncer(tmp_path, login, mode) as through, session(through, "upkeep hurried") as postgres:
        assert postgres.value("select 1") == 1
    assert "unsupported startup parameter" not in "".join(path.read_text() for path in [tmp_path / "log"])


def test_another_error_is_not_tried_again() -> None:
    def caused(cause: BaseException) -> BrokenError:
        error = BrokenError("no", retry=True)
        error.__cause__ = cause
        return error

    assert cut_off(caused(psycopg.errors.QueryCanceled()))
    assert cut_off(caused(psycopg.errors.IdleSessionTimeout()))
    assert not cut_off(caused(psycopg.errors.TooManyConnections()))
    assert not cut_off(caused(BrokenError("no answer within 150 s", retry=True))), "this end gave up: it would wait as long again"


def test_an_older_server_is_not_told_of_what_it_does_not_know() -> None:
    assert "idle_session_timeout" not in without_timeouts(130_000)
    assert "transaction_timeout" not in without_timeouts(160_000)
    assert "transaction_timeout=0" in without_timeouts(170_000)
