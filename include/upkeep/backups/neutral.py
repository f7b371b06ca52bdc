"""Sessions that do not depend on what somebody has set for the role, the database or the server."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

# First: a short timeout would end what follows.
_TIMEOUTS = {
    "statement_timeout": 0,
    "transaction_timeout": 17,
    "idle_in_transaction_session_timeout": 0,
    "idle_session_timeout": 14,
    "lock_timeout": 0,
}
_SETTINGS = {
    "role": "none",
    "default_transaction_read_only": "off",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "quote_all_identifiers": "off",
    "search_path": "pg_catalog, pg_temp",
    "row_security": "off",
    "check_function_bodies": "off",
    "default_tablespace": "",
    "temp_tablespaces": "",
    "default_table_access_method": "heap",
    "client_min_messages": "warning",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "xmloption": "content",
    "lc_monetary": "C",
    "lc_numeric": "C",
}
# The programs set their own ones of these.
_NOT_FOR_PROGRAMS = {"search_path", "client_min_messages", "row_security", "quote_all_identifiers"}


def neutral(connection: "psycopg.Connection[Any]", **more: str) -> None:
    """
    Set whatever the meaning of our statements depends on: no timeouts, writing allowed, the login's own role, plain strings.

    row_security is off: a read that would leave rows out fails. `more` are other settings. Not for sessions through a pooler,
    which would hand them on.
    """
    from psycopg.sql import SQL, Identifier, Literal

    # A database without an encoding holds any bytes: taken for LATIN1 they are kept as they are, in both directions.
    encoding = "LATIN1" if connection.info.parameter_status("server_encoding") == "SQL_ASCII" else "UTF8"
    wanted = {**_timeouts(connection.info.server_version // 10000), **_SETTINGS, "client_encoding": encoding, **more}
    each = [
        SQL("set search_path to {}").format(SQL(", ").join(map(Identifier, value.split(", "))))
        if name == "search_path"
        else SQL("set {} to {}").format(Identifier(name), Literal(value))
        for name, value in wanted.items()
    ]
    connection.execute(SQL("; ").join(each))


def program_options(major: int) -> str:
    """
    The same for PostgreSQL's programs, as a value of PGOPTIONS: it comes before what is set for role and database.

    pg_dump and pg_restore set much themselves, but not, for example, that writing is allowed.
    """
    wanted = {**_timeouts(major), **{name: value for name, value in _SETTINGS.items() if name not in _NOT_FOR_PROGRAMS}}
    return " ".join(f"-c {name}={value.replace(' ', chr(92) + ' ')}" for name, value in wanted.items())


def _timeouts(major: int) -> dict[str, str]:
    return {name: "0" for name, since in _TIMEOUTS.items() if major >= since}
