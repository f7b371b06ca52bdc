"""
Why a server refused a session, by its SQLSTATE: its words are in its own language.

libpq keeps that code to itself while it connects, and shows it in its trace only.
"""

import os
import re
import select
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from upkeep.sources.libpq import keywords

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

_CODE = re.compile(rb'ErrorResponse\b[^\n]*?\sC "([0-9A-Z]{5})"')
_WITHIN_S = 10.0


def refused_with(parameters: Mapping[str, Any]) -> str:
    """
    The SQLSTATE of a session that was refused just now, found by asking for it once more; "" where it cannot be had.

    `parameters` are those of libpq; others are passed over. What is traced stays in memory.
    """
    from psycopg import Error, conninfo, pq

    known = {name: value for name, value in parameters.items() if name in keywords() and value is not None}
    if not hasattr(os, "memfd_create"):
        return ""
    with suppress(Error, OSError, MemoryError), os.fdopen(os.memfd_create("upkeep"), "rb") as traced:
        connection = pq.PGconn.connect_start(conninfo.make_conninfo(**known).encode())
        try:
            connection.trace(traced.fileno())
            _wait(connection, time.monotonic() + _WITHIN_S)
            connection.untrace()
        finally:
            connection.finish()
        traced.seek(0)
        return next((code.decode() for code in reversed(_CODE.findall(traced.read()))), "")
    return ""


def _wait(connection: "PGconn", deadline: float) -> None:
    """Until the server has let us in or refused."""
    from psycopg import pq

    wanted = pq.PollingStatus.WRITING
    while wanted in {pq.PollingStatus.READING, pq.PollingStatus.WRITING}:
        left = deadline - time.monotonic()
        one = [connection.socket]
        reads, writes = (one, []) if wanted == pq.PollingStatus.READING else ([], one)
        if left <= 0 or not any(select.select(reads, writes, [], left)):
            return
        wanted = pq.PollingStatus(connection.connect_poll())
