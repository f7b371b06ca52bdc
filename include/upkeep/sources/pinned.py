"""
What a session that asks sets for itself, so that no setting of its login, its database or its client changes an answer.

What only changes how fast an answer comes, and so whether it comes in time, is set back to PostgreSQL's own default where the
login has a value of its own; the server's configuration stands, and what the connection itself asks for.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

PINNED: Mapping[str, str] = {
    "array_nulls": "on",
    "bytea_output": "hex",
    "client_min_messages": "warning",
    "constraint_exclusion": "partition",
    "DateStyle": "ISO",
    "debug_parallel_query": "off",
    "default_transaction_deferrable": "off",
    "default_transaction_isolation": "read committed",
    "exit_on_error": "off",
    "extra_float_digits": "1",
    "force_parallel_mode": "off",
    "idle_session_timeout": "0",
    "IntervalStyle": "postgres",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "quote_all_identifiers": "off",
    "restrict_nonsystem_relation_kind": "",
    "row_security": "on",
    "search_path": "pg_catalog",
    "standard_conforming_strings": "on",
    "stats_fetch_consistency": "cache",
    "TimeZone": "UTC",
    "transaction_timeout": "0",
    "transform_null_equals": "off",
    "xmlbinary": "base64",
    "xmloption": "content",
}
"""Values by name. A server that does not know a name is not told."""
_TUNED = """
    select setting.name, setting.boot_val
    from pg_catalog.pg_settings as setting
    where setting.context operator(pg_catalog.=) 'user'
    and setting.source operator(pg_catalog.=) any(array['database', 'user', 'database user'])
    and setting.category operator(pg_catalog.~) '^(Query Tuning|Resource Usage)'
    and setting.boot_val is not null
"""


def untuned(connection: "psycopg.Connection[Any]") -> Mapping[str, str]:
    """PostgreSQL's own values of what tunes queries and has another one by the login or its database."""
    begin_plainly(connection)
    with connection.transaction():
        return {_text(name): _text(value) for name, value in connection.execute(_TUNED)}


def _text(value: str | bytes) -> str:
    """A login whose client_encoding is SQL_ASCII gets bytes."""
    return value.decode("ascii") if isinstance(value, bytes) else value


def pinned(statement_timeout_s: float, lock_timeout_s: float) -> Mapping[str, str]:
    """All of them, with the time that a question may take and may wait for locks, in seconds."""
    return {
        **PINNED,
        "statement_timeout": f"{round(statement_timeout_s * 1000)}ms",
        "lock_timeout": f"{round(lock_timeout_s * 1000)}ms",
        "idle_in_transaction_session_timeout": "60s",
    }


def begin_plainly(connection: "psycopg.Connection[Any]") -> None:
    """Have transactions of this connection begin as the server's do by default, whatever the login's do."""
    from psycopg import IsolationLevel

    connection.set_isolation_level(IsolationLevel.READ_COMMITTED)
    connection.set_deferrable(False)
