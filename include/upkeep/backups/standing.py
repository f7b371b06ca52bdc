"""What a server says about one of its databases from outside."""

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class Standing:
    """Its owner, its comment, its `place` (system identifier and oid), whether everybody may connect, and whether anybody may."""

    owner: str
    comment: str
    place: str
    open: bool
    allows: bool


def standing(connection: "psycopg.Connection[Any]", database: str) -> Standing | None:
    """How a database stands, or None when it is not there."""
    sql = (files("upkeep.backups") / "standing.sql").read_bytes()
    row = connection.execute(sql, [database]).fetchone()
    return Standing(*row) if row else None
