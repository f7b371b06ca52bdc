"""The shape that a table is in, before and after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from upkeep.sources.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Shape:
    """One table with its TOAST table. Ages are in ids, None for what has no rows of its own, as a partitioned table."""

    live: float | None
    dead: float | None
    changed: float | None
    table_bytes: float | None
    index_bytes: float | None
    pages: float | None
    visible_pages: float | None
    xid_age: float | None
    multixact_age: float | None


def shape(pg: Postgres, oid: int) -> Mapping[str, float]:
    """What is known of it, by name; empty when it is gone. Raises LockedError when somebody has it for himself alone."""
    found = pg.measure(__file__, Shape, {"oid": oid})
    return {name: value for row in found for name, value in asdict(row).items() if value is not None}
