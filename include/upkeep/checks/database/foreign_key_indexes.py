"""Foreign keys without an index behind them."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

MB = 10**6


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """
    One foreign key that no index serves, `of_periods` where it compares ranges of time.

    `deletes` and `updates` are those of the table it refers to.
    """

    table_name: str
    constraint_name: str
    referred_name: str
    partitioned: bool
    columns: str
    of_periods: bool
    bytes: int
    row_count: int
    deletes: int
    updates: int

    def severity(self, high_rows: float) -> Severity:
        """Every delete of a referred row reads the whole referring table: bad when it is large and deletes happen."""
        if not self.deletes:
            return Severity.LOW
        return Severity.HIGH if self.row_count >= high_rows else Severity.MEDIUM


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def foreign_key_indexes(
    db: Database, pg: Postgres, *, min_rows: float = 10_000, min_mb: float = 10, high_rows: float = 1_000_000
) -> Answer:
    """
    Foreign keys whose columns no index begins with.

    Whenever a referred row is deleted, or its key changes, the whole referring table is read under locks, once per row. The key's
    columns must come first in a valid index, in any order, with the collation and the operators that the server looks them up by.
    Partitions may have it from their table or each by itself. Small tables are read quickly: judged are those with at least
    `min_rows` rows or `min_mb`.
    """
    without = pg.measure(__file__, ForeignKey)
    large = [k for k in without if k.row_count >= min_rows or k.bytes >= min_mb * MB]
    return Answer.judged(
        f"{plural(len(large), 'foreign key')} of large tables without an index, {len(without) - len(large)} more of small ones",
        findings=[_finding(k, high_rows) for k in large],
        metrics=[Metric(name="foreign_keys_without_index", value=len(large), unit=Unit.COUNT, denominator=len(without))],
    )


def _finding(k: ForeignKey, high_rows: float) -> Finding:
    table = k.table_name
    columns = f"using gist ({k.columns})" if k.of_periods else f"({k.columns})"
    create = f"create index on {table} {columns}; -- locks writes; or one partition at a time, concurrently"
    return Finding(
        rule="foreign_key_without_index",
        object=f"{table}.{k.constraint_name}",
        severity=k.severity(high_rows),
        title=f"{table} ({plural(k.row_count, 'row')}) has no index on ({k.columns}) for its key to {k.referred_name}, "
        f"which had {plural(k.deletes, 'delete')}",
        remedy=create if k.partitioned else f"create index concurrently on {table} {columns};",
        value=k.row_count,
        unit=Unit.COUNT,
        details={"bytes": k.bytes, "referred": k.referred_name, "referred_deletes": k.deletes, "referred_updates": k.updates},
    )
