"""
Sessions of the shop that misbehave, held open by one process: `python -m upkeep.demo.sessions`.

One is idle in a transaction and blocks two others; nine keep the reports' connections; one is the importer's. It logs in by
libpq's environment variables. A session that somebody ends stays ended: that is how this fault is mended.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

LOCKED = 7
REPORT_SESSIONS = 9
# The two waiters take turns in giving up, so that one has always waited for long, and none for a quarter of an hour.
PATIENCE_S = 600
APART_S = 15
_waiters: "list[psycopg.Connection[tuple[object, ...]]]" = []


def main() -> None:
    """Open them, and stay."""
    blocking = threading.Event()
    _in_background(lambda: _forget(blocking))
    blocking.wait(60)
    for number in range(2):
        _in_background(lambda number=number: _wait_for_lock(number * APART_S))  # type: ignore[misc]
    for _ in range(REPORT_SESSIONS):
        _in_background(lambda: _idle("shop_reports", "reports"))
    _in_background(lambda: _idle("shop_importer", "supplier import"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            time.sleep(3600)
    finally:
        _give_up()


def _give_up() -> None:
    """Let the waiters give up before the session they wait for ends: else they would get its lock, after minutes."""
    for connection in _waiters:
        connection.cancel_safe(timeout=2)


def _forget(blocking: threading.Event) -> None:
    """Change a product and never commit."""
    import psycopg

    with psycopg.connect(application_name="checkout") as connection:
        connection.execute("update products set price = price + 1 where id = %s", [LOCKED])
        blocking.set()
        _until_ended(connection)


def _wait_for_lock(delay: float) -> None:
    """Wait for the same product, over and over."""
    import psycopg

    time.sleep(delay)
    with psycopg.connect(application_name="price sync", autocommit=True) as connection:
        _waiters.append(connection)
        connection.execute(f"set lock_timeout = '{PATIENCE_S}s'".encode())
        while True:
            try:
                connection.execute("update products set stock = stock + 1 where id = %s", [LOCKED])
            except psycopg.errors.LockNotAvailable:
                continue
            except psycopg.errors.QueryCanceled:
                return
            return


def _idle(user: str, application: str) -> None:
    """Keep a connection that somebody forgot to close."""
    import psycopg

    password = os.environ[f"{user.upper()}_PASSWORD"]
    with psycopg.connect(application_name=application, user=user, password=password, autocommit=True) as connection:
        _until_ended(connection)


def _until_ended(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Block without a query until the server closes the connection."""
    import select

    select.select([connection.fileno()], [], [])


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=_quietly, args=(work,), daemon=True).start()


def _quietly(work: Callable[[], None]) -> None:
    import psycopg

    try:
        work()
    except psycopg.OperationalError as error:
        print(f"a session was ended: {error}", flush=True)  # noqa: T201 - this process's log


if __name__ == "__main__":
    main()
