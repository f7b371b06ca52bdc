"""
The catalog of one database as comparable entries: every object a dump holds, its owner, its grants and what it is.

Entries of one kind come from one file of SQL each, and can be compared between major versions. Entries named after a catalog
(`pg_class`, …) are its rows as they stand, with whatever columns the server has: comparable within one major version. Members of
extensions, system objects and temporary ones are left out, their changed rights aside. Any role that may connect can read it;
option values that may be secrets are never read. Serves PostgreSQL 13 to 18: `name.from15.sql` is for servers from 15 on.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from sys import intern
from typing import TYPE_CHECKING, Any

from upkeep.backups.manifest import Entry
from upkeep.backups.names import shown

if TYPE_CHECKING:
    import psycopg

# What the server's words depend on, whatever the login's own settings are. All names are quoted, since what is a keyword depends
# on the version; nothing may stop the reading but an error.
_SETTINGS = {
    "role": "none",
    "search_path": "",
    "quote_all_identifiers": "on",
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "escape_string_warning": "off",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "timezone_abbreviations": "Default",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "xmloption": "content",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "row_security": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "transaction_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "cursor_tuple_fraction": "1",  # all rows of a cursor are wanted, not the first ones soon
}
_AT_A_TIME = 200
_ROWS_SINCE, _PARAMETERS_SINCE = 14, 15
_ROWS = re.compile(r"pg_[a-z_]+")
_FROM = re.compile(r"\.from(\d+)$")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_QUOTED_PLAIN = re.compile(r'"([a-z_][a-z0-9_$]*)"')


def entries(connection: "psycopg.Connection[Any]") -> tuple[Entry, ...]:
    """
    Every object of the database, in a fixed order, and what it needs of the server's roles.

    Inside a caller's transaction it sees that snapshot. The session is left as it was.
    """
    return tuple(sorted(read(connection), key=lambda entry: (entry.kind, entry.key, entry.owner)))


def read(connection: "psycopg.Connection[Any]") -> Iterator[Entry]:
    """The same one by one as the server gives them: of a hundred thousand only some are in memory at a time."""
    version = connection.info.server_version // 10000
    frame, owners, grants = _sql("entries_frame"), set[str](), set[tuple[str, ...]]()
    with settled(connection):
        for sql in [*_questions(version), *_rows_of_catalogs(connection, version)]:
            for row in _some_at_a_time(connection, frame.replace("{objects}", sql)):
                entry = _entry(row)
                owners.add(entry.owner)
                grants.add(entry.grants)
                yield entry
        yield from _roles(connection, version, named_roles(owners, grants))


def named_roles(owners: Iterable[str], grants: Iterable[tuple[str, ...]]) -> set[str]:
    """Owners and grantees of entries."""
    granted = {role for some in grants for role, sign, _ in (line.rpartition("=") for line in some) if sign}
    return ({*owners} | granted) - {""}


def is_row(entry: Entry) -> bool:
    """Whether it is a row of a catalog, which only the same major version words alike."""
    return bool(_ROWS.fullmatch(entry.kind))


def unreadable(connection: "psycopg.Connection[Any]") -> tuple[str, ...]:
    """What this login would leave out of a backup or could not read for it, in words."""
    with settled(connection):
        return tuple(str(row[0]) for row in _rows(connection, _sql("unreadable")))


def not_covered(connection: "psycopg.Connection[Any]") -> tuple[str, ...]:
    """What is there, in this database or for it, and is neither in a dump nor compared, in words."""
    with settled(connection):
        return tuple(str(row[0]) for row in _rows(connection, _sql("not_covered")))


def database_facts(connection: "psycopg.Connection[Any]") -> dict[str, Any]:
    """
    What belongs to the database itself.

    Keys: name, encoding, locale_provider, collate, ctype, locale, icu_rules, collation_version, tablespace, owner,
    connection_limit, is_template, allow_connections, flags (what else its row says), comment, extensions (name to version, as
    evidence), extension_defaults (what the server would install) and settings, by role name or "" for all. Its grants are those
    of the entry of kind "database".
    """
    from psycopg.rows import dict_row

    with settled(connection), connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_sql("database").encode()).fetchone()
    assert row  # noqa: S101 - we are connected to it
    return row


def simple(text: str) -> str:
    """A qualified name without the quotes that it does not need."""
    if '""' not in text:  # then quotes come in pairs with no letter between two of them, and what is within is itself
        return _QUOTED_PLAIN.sub(r"\1", text)
    return _QUOTED.sub(lambda match: _plain(match[1]), text)


@lru_cache(maxsize=1 << 14)
def _plain(part: str) -> str:
    return shown(part.replace('""', '"'))


def _entry(row: tuple[Any, ...]) -> Entry:
    kind, key, owner, grants, definition, worded = row
    # Which types of the system's are named with their schema depends on the version. Of what repeats one copy is kept.
    name, rights = simple(key).replace("pg_catalog.", ""), _one_copy(tuple(sorted(grants)))
    return Entry(intern(kind), name, intern(owner), rights, definition or "", worded)


@lru_cache(maxsize=1 << 10)
def _one_copy(grants: tuple[str, ...]) -> tuple[str, ...]:
    return grants


def _questions(version: int) -> Iterator[str]:
    for file in sorted((files("upkeep.backups") / "entries").iterdir(), key=lambda file: file.name):
        newer = _FROM.search(file.name.removesuffix(".sql"))
        if file.name.endswith(".sql") and (not newer or version >= int(newer[1])):
            yield file.read_text(encoding="utf-8")


def _rows_of_catalogs(connection: "psycopg.Connection[Any]", version: int) -> Iterator[str]:
    if version >= _ROWS_SINCE:
        yield from (str(row[0]) for row in _rows(connection, _sql("catalog_rows")))


def _roles(connection: "psycopg.Connection[Any]", version: int, named: Iterable[str]) -> Iterator[Entry]:
    """These roles, with those that act through them."""
    wanted = sorted(named)
    sql = _sql("roles").replace("{parameters}", _PARAMETERS if version >= _PARAMETERS_SINCE else _NO_PARAMETERS)
    for kind, key, definition in _rows(connection, sql, {"named": wanted}):
        yield Entry(kind, key, definition=definition or "")


_PARAMETERS = "(select parname as name, paracl as acl from pg_catalog.pg_parameter_acl)"
_NO_PARAMETERS = "(select ''::text as name, null::aclitem[] as acl)"


def _rows(connection: "psycopg.Connection[Any]", sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    from psycopg.rows import tuple_row

    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(sql.encode(), values).fetchall()
    return rows if connection.info.encoding != "ascii" else [tuple(map(_text, row)) for row in rows]


def _some_at_a_time(connection: "psycopg.Connection[Any]", sql: str) -> Iterator[tuple[Any, ...]]:
    """The same through a cursor of the server's, in a transaction."""
    from psycopg.rows import tuple_row

    is_bytes = connection.info.encoding == "ascii"
    with connection.cursor("upkeep_entries", row_factory=tuple_row) as cursor:
        cursor.itersize = _AT_A_TIME
        for row in cursor.execute(sql.encode()):
            yield tuple(map(_text, row)) if is_bytes else row


def _text(value: Any) -> Any:
    # A database without an encoding (SQL_ASCII) gives bytes.
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return [_text(each) for each in value] if isinstance(value, list) else value


def _sql(name: str) -> str:
    return (files("upkeep.backups") / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def settled(connection: "psycopg.Connection[Any]") -> Iterator[None]:
    """
    The settings that the server's words depend on, until the end of the block.

    They are set in a transaction, or in a savepoint of the caller's, that is always rolled back: nothing has to be put back by
    hand, after an error too, and a pooler's next client never meets them.
    """
    with connection.transaction(force_rollback=True):
        connection.execute(_SET.encode(), [list(_SETTINGS), list(_SETTINGS.values())])
        yield


_SET = """
    select pg_catalog.set_config(w.name, w.value, true)
    from rows from (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) as w (name, value)
    where pg_catalog.current_setting(w.name, true) is not null
"""
