"""What a login must be permitted so that it may vacuum and analyze."""

from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.sources.postgres import Postgres

# A table that is gone meanwhile has no tree.
_PARTS = "select pg_catalog.array_agg(part.relid::oid::int8) from pg_catalog.pg_partition_tree(%s::oid) as part"


@dataclass(frozen=True, slots=True)
class Refused:
    """One table that may not be worked on, and the statement that changes that."""

    oid: int
    name: str
    remedy: str


@dataclass(frozen=True, slots=True)
class MaintenanceLogin:
    """The need of a job for a login of its own. The doctor looks whether it is met, and so does the job, table by table."""

    name: str = "a maintenance login"
    without: str = "which tables it may vacuum and analyze"
    example: str = "grant pg_maintain to upkeep_maintenance; -- from version 17 on; before, membership in the tables' owners"

    def missing(self, session: object) -> str | None:  # noqa: ARG002 - it is another login's
        """Nothing of the session that reads."""
        return None


MAINTENANCE_LOGIN = MaintenanceLogin()


def refused(pg: Postgres) -> list[Refused]:
    """Every table that the login of this session may not work on."""
    return pg.measure(__file__, Refused)


def refused_parts(pg: Postgres, oid: int) -> list[Refused]:
    """Those of one table and its partitions, in their order by name."""
    parts = set(pg.value(_PARTS, [oid]) or ())
    return [table for table in refused(pg) if table.oid in parts]


def grants(lacking: Sequence[Refused]) -> tuple[str, ...]:
    """The statements that permit all of them, each once."""
    return tuple(dict.fromkeys(table.remedy for table in lacking))
