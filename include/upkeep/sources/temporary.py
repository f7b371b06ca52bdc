"""Temporary schemas with tables, and which of them their session left behind."""

from dataclasses import dataclass

from upkeep.sources.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Schema:
    """
    One temporary schema with tables. `alive` is whether its session lives, None where that cannot be known.

    `xids` is how many transactions ago its oldest table was made or frozen; `sessions` counts those of the database.
    """

    name: str
    tables: int
    bytes: int
    xids: int
    sessions: int
    alive: bool | None


def schemas(pg: Postgres) -> list[Schema]:
    """All that have tables."""
    return pg.measure(__file__, Schema)


def left_over(pg: Postgres) -> list[str]:
    """Those whose session is gone, for people: nobody but autovacuum or a superuser can do anything about them."""
    return [f"{schema.name} (tables: {schema.tables})" for schema in schemas(pg) if schema.alive is False]
