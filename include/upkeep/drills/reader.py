"""A login of a copy that may read every row and nothing more, for questions that others wrote."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

READER = "upkeep_smoke"
READ_ALL_SINCE = 14
_SCHEMAS = "select nspname from pg_catalog.pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'"


def reader_of(copy: Endpoint) -> Endpoint:
    """
    Make such a login on a server of ours and say how it logs in. Row security hides nothing from it.

    Call it when the copy was compared. Made again, it only gets another password. Raises BrokenError.
    """
    password = secrets.token_urlsafe(24)
    with translate_errors(), copy.connect("upkeep restore test") as connection:
        _make(connection, password)
    return replace(copy, user=READER, password=password)


def _make(connection: "psycopg.Connection[Any]", password: str) -> None:
    from psycopg.sql import SQL, Identifier, Literal

    role = Identifier(READER)
    verifier = connection.pgconn.encrypt_password(password.encode(), READER.encode(), b"scram-sha-256").decode()
    if connection.execute("select from pg_catalog.pg_roles where rolname = %s", [READER]).fetchone() is None:
        connection.execute(SQL("create role {} login bypassrls").format(role))
    connection.execute(SQL("alter role {} password {}").format(role, Literal(verifier)))
    database = Identifier(connection.info.dbname)
    connection.execute(SQL("grant connect on database {} to {}").format(database, role))
    if connection.info.server_version // 10000 >= READ_ALL_SINCE:
        connection.execute(SQL("grant pg_read_all_data to {}").format(role))
        return
    for (schema,) in connection.execute(_SCHEMAS).fetchall():
        names = {"schema": Identifier(schema), "role": role}
        connection.execute(SQL("grant usage on schema {schema} to {role}").format(**names))
        connection.execute(SQL("grant select on all tables in schema {schema} to {role}").format(**names))


@contextmanager
def reading(reader: Endpoint, timeout_s: float) -> "Iterator[psycopg.Connection[Any]]":
    """A read-only session in which every statement has so many seconds. Raises BrokenError."""
    with translate_errors(), reader.connect("upkeep restore test") as connection:
        for name, value in {
            "default_transaction_read_only": "on",
            "statement_timeout": f"{round(timeout_s * 1000)}ms",
            "TimeZone": "UTC",
        }.items():
            connection.execute("select pg_catalog.set_config(%s, %s, false)", [name, value])
        yield connection
