"""Whether a pooler such as PgBouncer stands before a server, and how it shares the server's sessions."""

import select
from contextlib import ExitStack, closing
from enum import Enum
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint, opened
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

_ROUNDS = 8
_WAIT_S = 5.0
_BACKEND = b"select pg_catalog.pg_backend_pid()"


class Pooling(Enum):
    """What becomes of a server session between two transactions of a client."""

    NONE = "none"
    """There is no pooler: the session is the client's own."""
    SESSION = "session"
    """It stays with the client until that disconnects."""
    TRANSACTION = "transaction"
    """Another client may get it: settings, locks and temporary tables of a session do not hold, and are found by others."""


def pooling(endpoint: Endpoint, application: str = "upkeep pooler") -> Pooling:
    """How this place is reached. Two clients at most, some short questions, nothing left set. Raises BrokenError."""
    with ExitStack() as stack, translate_errors():
        one = stack.enter_context(closing(opened(endpoint, application)))
        if _backend(one) == one.info.backend_pid:
            return Pooling.NONE
        other = stack.enter_context(closing(opened(endpoint, application)))
        return Pooling.TRANSACTION if _shared(one, other) else Pooling.SESSION


def _shared(one: "psycopg.Connection[Any]", other: "psycopg.Connection[Any]") -> bool:
    """Whether a server session that one client had is given to the other, or is not given to the same client again."""
    owners: dict[int, object] = {}
    for _ in range(_ROUNDS):
        for client in (one, other):
            backend = _backend(client)
            if backend is None:
                return False  # the only session there is stays with the first client
            if owners.setdefault(backend, client) is not client:
                return True
    return len(owners) > len((one, other))


def _backend(client: "psycopg.Connection[Any]") -> int | None:
    """The server process that answers now; none when the pooler has none to give for some seconds."""
    client.pgconn.send_query(_BACKEND)
    client.pgconn.flush()
    found = None
    while True:
        while client.pgconn.is_busy():
            if not select.select([client.pgconn.socket], [], [], _WAIT_S)[0]:
                return None
            client.pgconn.consume_input()
        result = client.pgconn.get_result()
        if result is None:
            return found
        found = int(result.get_value(0, 0) or b"0") if result.ntuples else _refused(result.error_message)


def _refused(reply: bytes) -> int:
    raise BrokenError(f"the pooler gives no server session: {reply.decode(errors='replace').strip()}", "see its log", retry=True)
