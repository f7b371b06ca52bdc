"""A limit of sessions per target that holds over tasks, DAGs and workers: numbered advisory locks in the report database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError
from upkeep.humanize import plural

if TYPE_CHECKING:
    import psycopg

_TRY = """
    select slot
    from pg_catalog.generate_series(1, %(limit)s) as slot
    where pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext(%(target)s), slot)
    limit 1
"""
_RELEASE = "select pg_catalog.pg_advisory_unlock(pg_catalog.hashtext(%(target)s), %(slot)s)"


@contextmanager
def slot(connection: "psycopg.Connection[Any]", target: str, limit: int, wait_s: float = 300) -> Iterator[int]:
    """
    Hold one of `limit` slots of a target while inside; waits up to `wait_s` seconds for one.

    The lock belongs to the connection: a process that dies gives its slot back at once. The report database must therefore be
    reached directly or through a pooler in session mode. Raises BrokenError with retry when none came free.
    """
    taken = _take(connection, target, limit, time.monotonic() + wait_s)
    if taken is None:
        msg = f"none of the {plural(limit, 'session')} that Upkeep may have on {target} came free in {wait_s:g} s"
        raise BrokenError(msg, "raise `at_once` of this target, or wait", retry=True)
    try:
        yield taken
    finally:
        if not connection.closed:
            connection.execute(_RELEASE, {"target": target, "slot": taken})


def _take(connection: "psycopg.Connection[Any]", target: str, limit: int, deadline: float) -> int | None:
    while True:
        row = connection.execute(_TRY, {"target": target, "limit": limit}).fetchone()
        if row:
            return int(row[0])
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.2)
