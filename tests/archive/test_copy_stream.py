"""What a binary COPY sends, in pieces."""

import threading
from collections.abc import Iterator

import pytest
from psycopg.sql import SQL

from tests.lab import Lab
from upkeep.archive.copy_stream import GROUP_ROWS, pieces
from upkeep.archive.session import Session, session
from upkeep.errors import BrokenError

ROWS = 70_000
LOCKED = """
    copy (
        select i, repeat('x', 100), case i when {rows} then pg_advisory_xact_lock(7)::text end
        from generate_series(1, {rows}) as i
    ) to stdout with (format binary)
"""


@pytest.fixture
def opened(lab: Lab) -> Iterator[Session]:
    """The archive's session."""
    with session(lab.endpoint, "test", 60) as made:
        yield made


@pytest.mark.baseline
@pytest.mark.parametrize("rows", [0, 1, GROUP_ROWS, GROUP_ROWS + 1])
def test_every_row_comes_once(opened: Session, rows: int) -> None:
    found = list(pieces(opened, SQL("copy (select i from generate_series(1, {}) as i) to stdout (format binary)").format(rows)))
    assert [len(piece.sizes) for piece in found] == [n for n in (min(rows, GROUP_ROWS), rows - GROUP_ROWS) if n > 0]
    assert all(sum(piece.sizes) == len(piece.lines) for piece in found)


@pytest.mark.near_miss
def test_a_copy_that_is_left_early_leaves_a_session_that_works(opened: Session) -> None:
    sent = pieces(
        opened, SQL("copy (select i, repeat('x', 500) from generate_series(1, 100000) as i) to stdout (format binary)").format()
    )
    next(sent)
    sent.close()
    assert opened.one("select 1") == (1,)


@pytest.mark.fault
def test_other_threads_work_while_the_server_does(lab: Lab, opened: Session) -> None:
    """Held up, the other could never let the server go on, and the lock's timeout would end the copy."""
    with lab.endpoint.connect("holder") as holder:
        holder.execute("select pg_advisory_lock(7)")
        sent = pieces(opened, SQL(LOCKED).format(rows=ROWS))
        first = next(sent)
        other = threading.Timer(0.5, lambda: holder.execute("select pg_advisory_unlock(7)"))
        other.start()
        assert len(first.sizes) + sum(len(piece.sizes) for piece in sent) == ROWS
        other.join()


@pytest.mark.fault
def test_a_server_that_goes_away_meanwhile_is_told(lab: Lab, opened: Session) -> None:
    import psycopg

    with lab.endpoint.connect("holder") as holder:
        holder.execute("select pg_advisory_lock(7)")
        sent = pieces(opened, SQL(LOCKED).format(rows=ROWS))
        next(sent)
        threading.Timer(0.5, lambda: lab.run("select pg_terminate_backend(pid) from pg_locks where not granted")).start()
        with pytest.raises((psycopg.Error, BrokenError)):
            list(sent)
