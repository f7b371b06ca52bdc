"""Rows of a domain's own tables, written in the transaction of the answer that brings them."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from upkeep.record import Record
from upkeep.store.key import Key
from upkeep.store.plain import clean, to_json

if TYPE_CHECKING:
    import psycopg

KEY_COLUMNS = ("duty", "target", "window_start", "window_end")


def copy_records(connection: "psycopg.Connection[Any]", key: Key, records: Iterable[Record]) -> None:
    """
    Write them, each to the table of its kind. Call it in the answer's transaction, after its row.

    Those of an earlier answer under this key have gone with its row. Raises UniqueViolation for two of one key.
    """
    by_kind: dict[type[Record], list[Record]] = {}
    for record in records:
        by_kind.setdefault(type(record), []).append(record)
    for kind, rows in by_kind.items():
        _copy(connection, key, kind, rows)


def _copy(connection: "psycopg.Connection[Any]", key: Key, kind: type[Record], rows: Sequence[Record]) -> None:
    from psycopg.sql import SQL, Identifier

    columns = SQL(", ").join(map(Identifier, (*KEY_COLUMNS, *kind.columns())))
    statement = SQL("copy {} ({}) from stdin").format(Identifier("upkeep", kind.table), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((*astuple(key), *map(_plain, row.values())))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return to_json(value)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
