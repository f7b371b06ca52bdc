"""A session of a login whose own timeouts may cut it off before it has set others."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from upkeep.errors import BrokenError
from upkeep.sources.libpq import merged

if TYPE_CHECKING:
    import psycopg

    Opened = Callable[..., "psycopg.Connection[Any]"]

Begun = TypeVar("Begun")
# Timeouts of a session, and since which version there are such.
_TIMEOUTS = {
    "statement_timeout": 0,
    "lock_timeout": 0,
    "idle_in_transaction_session_timeout": 0,
    "idle_session_timeout": 140_000,
    "transaction_timeout": 170_000,
}
# Their errors; none where the session was ended while nothing was asked of it.
_CUT_OFF = frozenset({"57014", "57P05", "25P03", "25P04", "55P03", None})


def begun(opened: "Opened", begin: "Callable[[psycopg.Connection[Any]], Begun]") -> Begun:
    """
    What `begin` makes of a new connection that `opened` gives.

    Where the login's own timeouts cut it off, it is begun once more on a connection that brings its timeouts in its startup
    packet. Not at first: a pooler refuses such a packet. When that is refused, the first error stands. Raises what `begin` does.
    """
    connection = opened()
    version, own = connection.info.server_version, connection.info.options
    try:
        return _closing(connection, begin)
    except BrokenError as error:
        if not cut_off(error):
            raise
        try:
            patient = opened(options=merged(own, without_timeouts(version)))
        except BrokenError:
            raise error from None
    return _closing(patient, begin)


def _closing(connection: "psycopg.Connection[Any]", begin: "Callable[[psycopg.Connection[Any]], Begun]") -> Begun:
    try:
        return begin(connection)
    except BaseException:
        connection.close()
        raise


def cut_off(error: BrokenError) -> bool:
    """Whether the server ended what a session was doing, or the session; what this end gave up is not meant."""
    import psycopg

    cause = error.__cause__
    return isinstance(cause, psycopg.Error) and cause.sqlstate in _CUT_OFF


def without_timeouts(version: int) -> str:
    """The keyword `options` of a connection in which the login's own timeouts do not hold; `version` as libpq says it."""
    return " ".join(f"-c {name}=0" for name, since in _TIMEOUTS.items() if version >= since)
