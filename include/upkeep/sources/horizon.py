"""Who holds back the horizon behind which rows may be removed and frozen."""

from dataclasses import dataclass

from upkeep.sources.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Holder:
    """
    Something that still needs old row versions. `xids` is how many transactions ago its view of the data was taken.

    `here` is whether that concerns the tables of this database, and not only those of another one or the catalogs.
    """

    kind: str
    name: str
    who: str
    xids: int
    here: bool
    release: str


def holders(pg: Postgres) -> list[Holder]:
    """All of them, the oldest first."""
    return pg.measure(__file__, Holder)
