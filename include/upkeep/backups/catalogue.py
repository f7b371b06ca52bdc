"""
The catalog of one database as comparable entries: every object a dump holds, its owner, its grants and what it is.

Members of extensions, system objects and temporary ones are left out. Any role that may connect can read it; option values that
may be secrets are never read. Serves PostgreSQL 13 to 18: `name.from15.sql` is for servers from 15 on.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.backups.manifest import Entry
from upkeep.backups.names import shown

if TYPE_CHECKING:
    import psycopg

# The server words definitions by these; all names are quoted, since what is a keyword depends on its version.
_SETTINGS = {
    "search_path": "",
    "quote_all_identifiers": "on",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "lc_monetary": "C",
}
_FROM = re.compile(r"\.from(\d+)$")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


def entries(connection: "psycopg.Connection[Any]") -> tuple[Entry, ...]:
    """
    Every object of the database, in a fixed order.

    Inside a caller's transaction it sees that snapshot; the session's settings are put back afterwards.
    """
    version = connection.info.server_version // 10000
    frame = (files("upkeep.backups") / "entries_frame.sql").read_text(encoding="utf-8")
    found = []
    with _settled(connection):
        for sql in _questions(version):
            found += [_entry(row) for row in _rows(connection, frame.replace("{objects}", sql))]
    return tuple(sorted(found, key=lambda entry: (entry.kind, entry.key, entry.owner)))


def database_facts(connection: "psycopg.Connection[Any]") -> dict[str, Any]:
    """
    What belongs to the database itself.

    Keys: name, encoding, locale_provider, collate, ctype, locale, icu_rules, owner, connection_limit, comment, extensions (name
    to version, as evidence) and settings, by role name or "" for all. Its grants are those of the entry of kind "database".
    """
    from psycopg.rows import dict_row

    sql = (files("upkeep.backups") / "database.sql").read_text(encoding="utf-8")
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(sql.encode()).fetchone()
    assert row  # noqa: S101 - we are connected to it
    return row


def sequence_values(connection: "psycopg.Connection[Any]") -> dict[str, str]:
    """Where every sequence stands, as "value,t" or "value,f" (not called yet), by qualified name."""
    from psycopg.sql import SQL, Identifier

    sql = (files("upkeep.backups") / "sequences.sql").read_text(encoding="utf-8")
    found = {}
    for schema, name in _rows(connection, sql):
        statement = SQL("select last_value, is_called from {}").format(Identifier(schema, name))
        row = connection.execute(statement).fetchone()
        assert row  # noqa: S101 - a sequence has one row
        found[shown(schema, name)] = f"{row[0]},{'t' if row[1] else 'f'}"
    return found


def simple(text: str) -> str:
    """A qualified name without the quotes that it does not need."""
    return _QUOTED.sub(lambda match: shown(match[1].replace('""', '"')), text)


def _entry(row: tuple[Any, ...]) -> Entry:
    kind, key, owner, grants, definition, worded = row
    return Entry(kind, simple(key), owner, tuple(sorted(grants)), definition or "", worded)


def _questions(version: int) -> Iterator[str]:
    for file in sorted((files("upkeep.backups") / "entries").iterdir(), key=lambda file: file.name):
        newer = _FROM.search(file.name.removesuffix(".sql"))
        if file.name.endswith(".sql") and (not newer or version >= int(newer[1])):
            yield file.read_text(encoding="utf-8")


def _rows(connection: "psycopg.Connection[Any]", sql: str) -> list[tuple[Any, ...]]:
    from psycopg.rows import tuple_row

    with connection.cursor(row_factory=tuple_row) as cursor:
        return list(cursor.execute(sql.encode()))


@contextmanager
def _settled(connection: "psycopg.Connection[Any]") -> Iterator[None]:
    before = {name: _rows(connection, f"show {name}")[0][0] for name in _SETTINGS}
    _set(connection, _SETTINGS)
    yield
    # Not after an error: the transaction may be lost, and with it these settings.
    _set(connection, before)


def _set(connection: "psycopg.Connection[Any]", settings: dict[str, str]) -> None:
    each = ", ".join(["pg_catalog.set_config(%s, %s, false)"] * len(settings))
    connection.execute(f"select {each}".encode(), [word for pair in settings.items() for word in pair])
