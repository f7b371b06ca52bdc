"""Settings of a database or role given back to the letter, whatever their values look like."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable

# Settings whose value is a list of names, as PostgreSQL's GUC_LIST_QUOTE has them.
_LISTS = {
    "search_path", "temp_tablespaces", "session_preload_libraries", "shared_preload_libraries", "local_preload_libraries",
    "unix_socket_directories",
}  # fmt: skip
_STORED = """
    select coalesce(pg_catalog.bool_or(%(setting)s = any(s.setconfig)), false)
    from pg_catalog.pg_db_role_setting as s
    left join pg_catalog.pg_database as d on d.oid = s.setdatabase
    left join pg_catalog.pg_roles as r on r.oid = s.setrole
    where coalesce(d.datname, '') = %(database)s and coalesce(r.rolname, '') = %(role)s
"""


def put(admin: "psycopg.Connection[Any]", setting: str, *, database: str = "", role: str = "") -> None:
    """Store one `name=value` for a database, a role, or a role in a database. Raises psycopg.Error."""
    from psycopg.sql import SQL, Identifier, Literal

    name, _, value = setting.partition("=")
    subject = subject_of(database, role) + SQL(" set {} ").format(Identifier(*name.split(".")))
    admin.execute(subject + SQL("to ") + value_of(name, value))
    row = admin.execute(_STORED, {"setting": setting, "database": database, "role": role}).fetchone()
    if row and row[0]:
        return
    # A list that nobody quoted, for example: the session's own text is stored as it is.
    with admin.transaction():
        admin.execute(SQL("select pg_catalog.set_config({}, {}, true)").format(Literal(name), Literal(value)))
        admin.execute(subject + SQL("from current"))


def subject_of(database: str, role: str) -> "Composable":
    """What the setting is stored for."""
    from psycopg.sql import SQL, Identifier

    if not role:
        return SQL("alter database {}").format(Identifier(database))
    where = SQL(" in database {}").format(Identifier(database)) if database else SQL("")
    return SQL("alter role {}").format(Identifier(role)) + where


def value_of(name: str, value: str) -> "Composable":
    """The value as SET wants it."""
    from psycopg.sql import SQL, Literal

    if name.lower() not in _LISTS:
        return Literal(value)
    names = [quoted.replace('""', '"') or bare.strip() for quoted, bare in re.findall(r'"((?:[^"]|"")*)"|([^",\s]+)', value)]
    return SQL(", ").join(map(Literal, names or [""]))
