"""Rows that others stored in the report database, by documented views and tables: read, never written."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")


class Rows:
    """What a session of the report database reads. The session belongs to the caller."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def __call__(self, asker: str, row: type[Row], params: Mapping[str, Any] | None = None) -> list[Row]:
        """
        Rows of the `.sql` file beside `asker` (its `__file__`), as `row` objects whose fields are the column names.

        Raises BrokenError when the report database is away.
        """
        from psycopg.rows import class_row

        statement = Path(asker).with_suffix(".sql").read_text(encoding="utf-8").encode()
        with translate_errors(), self._connection.cursor(row_factory=class_row(row)) as cursor:
            return list(cursor.execute(statement, params))
