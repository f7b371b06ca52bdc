"""Queries that people declare in the inventory: asked in a read-only session, with every refusal said as theirs to change."""

from collections.abc import Mapping
from typing import Any, TypeVar

from upkeep.errors import CannotAskError
from upkeep.sources.postgres import Endpoint, session

Row = TypeVar("Row")


def declared_rows(
    database: Endpoint, field: str, query: str, row: type[Row], params: Mapping[str, Any], *, timeout_s: float = 60
) -> list[Row]:
    """
    Rows of a query as `row` objects whose fields are its column names; `field` is where the inventory has it, for messages.

    Raises CannotAskError for a query that the server refuses or whose columns do not fit, and BrokenError when it is away.
    """
    import psycopg

    with session(database, "upkeep declared query", statement_timeout_s=timeout_s) as pg:
        try:
            return pg.query(query, row, params)
        except (psycopg.Error, TypeError) as error:
            why = str(error).replace(f"{row.__name__}.__init__()", "its result").strip()
            raise CannotAskError(f"the query {field} cannot be asked in {database.described}: {why}", _REMEDY) from error


def looked_at(database: Endpoint) -> str:
    """Log in, for doctor; no query is asked, since it may take long. Raises BrokenError and CannotAskError."""
    with session(database, "upkeep declared query") as pg:
        return f"{database.described} answers as PostgreSQL {pg.version}"


_REMEDY = "try it in psql as that login; names carry their schema, a share sign is written %%, and columns are those described"
