"""
Noticing that the other side has vanished: both ends ask an idle connection for a sign of life, and a lost one is gone in 35 s.

What was sent and is not taken within 35 s ends a connection too. That must not hold for an end that sends much data, since it
cannot tell a reader that is slow from one that is gone: it is left to the system, which gives up after about 15 minutes. Where
that end is ours, `vanished` looks in another way.
"""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError
from upkeep.sources.deadline import deadline
from upkeep.sources.postgres_errors import no_connection

if TYPE_CHECKING:
    import psycopg

# Longer than a pooler makes its clients wait for a server session by default.
ANSWER_TIMEOUT_S = 150.0
_IDLE_S, _INTERVAL_S, _COUNT, _NOT_TAKEN_MS = 20, 5, 3, 35_000
# One round trip. The login's own way of beginning transactions may wait, or may not be possible on a standby.
_IF_DIRECT = """
    begin isolation level read committed, not deferrable;
    select pg_catalog.set_config(setting.name, setting.value, false)
    from rows from (pg_catalog.unnest(%(names)s::text[]), pg_catalog.unnest(%(values)s::text[])) as setting (name, value)
    where pg_catalog.pg_backend_pid() operator(pg_catalog.=) %(pid)s
    and pg_catalog.current_setting(setting.name, true) is not null;
    commit
"""


class Flow(Enum):
    """Which end of a connection sends so much that the other may be slow to take it."""

    NONE = ()
    OUT = ("server",)
    IN = ("client",)
    BOTH = ("server", "client")

    def not_taken_ms(self, end: str) -> int:
        """How long this end waits for what it has sent to be taken, milliseconds; 0 leaves it to the system."""
        return 0 if end in self.value else _NOT_TAKEN_MS


def client_side(flow: Flow = Flow.NONE) -> dict[str, str]:
    """Parameters of libpq that make this end of a connection notice."""
    return {
        "keepalives": "1",
        "keepalives_idle": str(_IDLE_S),
        "keepalives_interval": str(_INTERVAL_S),
        "keepalives_count": str(_COUNT),
        "tcp_user_timeout": str(flow.not_taken_ms("client")),
    }


def keepalive_conninfo(database: str | None = None, flow: Flow = Flow.NONE, *, own: Mapping[str, str] | None = None) -> str:
    """
    The same as a connection string for PostgreSQL's own programs (`pg_dump --dbname`); it says not where, nor as whom.

    What the connection says itself (`own`) goes before it.
    """
    from psycopg.conninfo import make_conninfo

    return make_conninfo(dbname=database, **{**client_side(flow), **(own or {})})


def server_statement() -> str:
    """The other end's share, for a program's direct session that reads rows: a statement that it is to run first."""
    return "; ".join(f"set {name} = {value}" for name, value in _server_settings(Flow.OUT).items())


def server_side(connection: "psycopg.Connection[Any]", flow: Flow = Flow.NONE) -> bool:
    """Have the server notice when we vanish. False when a pooler is in between: its own connection to the server is not ours."""
    return set_if_direct(connection, _server_settings(flow))


def settle(
    connection: "psycopg.Connection[Any]", where: str, flow: Flow = Flow.NONE, *, answer_s: float = ANSWER_TIMEOUT_S
) -> None:
    """
    Make a new connection to `where` fit to be used, directly or through a pooler.

    Closes it and raises BrokenError, in words that say what to do, when nothing answers within `answer_s` seconds.
    """
    import psycopg

    try:
        with deadline(connection, answer_s):
            direct = server_side(connection, flow)
    except (psycopg.Error, BrokenError) as error:
        connection.close()
        raise no_connection(where, error) from error
    if not direct:
        connection.prepare_threshold = None  # a prepared statement belongs to a session that is not ours


def set_if_direct(connection: "psycopg.Connection[Any]", settings: Mapping[str, str]) -> bool:
    """
    Set these for the session in one round trip; false, and nothing set, when the connection goes through a pooler.

    A pooler gives its clients a made-up backend id, and whatever is set would be found by the next who gets that server session.
    A setting that the server does not know is passed over.
    """
    import psycopg

    params = {"names": list(settings), "values": list(settings.values()), "pid": connection.info.backend_pid}
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(_IF_DIRECT, params)
        cursor.nextset()
        return cursor.rowcount > 0


def _server_settings(flow: Flow) -> dict[str, str]:
    return {
        "tcp_keepalives_idle": str(_IDLE_S),
        "tcp_keepalives_interval": str(_INTERVAL_S),
        "tcp_keepalives_count": str(_COUNT),
        "tcp_user_timeout": str(flow.not_taken_ms("server")),
    }
