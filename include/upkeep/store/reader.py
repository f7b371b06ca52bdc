"""Letting logins read the report tables."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg


def admit_login(connection: "psycopg.Connection[Any]", login: str) -> None:
    """Let a login read every table by its bare name. May be done again. The session is one that may alter that login."""
    connection.execute("select upkeep.admit_login(%s)", [login])
