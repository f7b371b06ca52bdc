"""Old rows go after their declared age: values of metric once they are rolled up by day, evidence, messages, packages."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from upkeep.config.settings import Keep
from upkeep.humanize import plural
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.window import Cadence

if TYPE_CHECKING:
    import psycopg

ROWS_AT_ONCE = 1_000
DAYS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many rows went, which months of `metric`, and whether the time sufficed for all that is old."""

    metrics: int
    evidence: int
    messages: int
    packages: int
    months: tuple[str, ...]
    finished: bool

    def __str__(self) -> str:
        evidence = f"evidence of {plural(self.evidence, 'answer')}"
        counts = ", ".join(
            (
                plural(self.metrics, "value"),
                evidence,
                plural(self.messages, "message"),
                plural(self.packages, "package"),
                *self.months,
            )
        )
        return f"dropped for their age: {counts}" + ("" if self.finished else "; the rest goes next time")


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time by which no further batch is begun."""

    ends: float

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.ends


def drop_old_rows(connection: "psycopg.Connection[Any]", keep: Keep, now: datetime, *, budget_s: float = 60) -> Dropped:
    """
    Drop what is older than `keep` says, for about `budget_s` seconds; every kind of row gets a batch at least.

    Each batch is a transaction of its own: killed anywhere, what is gone is gone as a whole and rolled up, and the next call goes
    on. Answers, findings, reports, decisions and rows of backups are kept. Raises BrokenError when the report database is away.
    """
    clock = _Clock(time.monotonic() + budget_s)
    with translate_errors():
        messages, told = _in_batches(connection, "delete_old_messages", now - timedelta(days=keep.messages_days), clock)
        for notes in ("delete_old_pending", "delete_old_run_starts"):
            _in_batches(connection, notes, now - timedelta(days=keep.messages_days), clock)
        evidence, seen = _in_batches(connection, "drop_old_evidence", now - timedelta(days=keep.evidence_days), clock)
        packages, listed = _in_batches(connection, "delete_old_dependencies", now - timedelta(days=keep.packages_days), clock)
        metrics, months, rolled = _drop_metrics(connection, keep, now, clock)
    return Dropped(metrics, evidence, messages, packages, months, told and seen and listed and rolled)


def _in_batches(connection: "psycopg.Connection[Any]", statement: str, before: datetime, clock: _Clock) -> tuple[int, bool]:
    """Rows that went, and whether none is left."""
    total = 0
    while True:
        went = connection.execute(sql(statement), {"before": before, "most": ROWS_AT_ONCE}).rowcount
        total += went
        if went < ROWS_AT_ONCE or clock.over:
            return total, went < ROWS_AT_ONCE


def _drop_metrics(
    connection: "psycopg.Connection[Any]", keep: Keep, now: datetime, clock: _Clock
) -> tuple[int, tuple[str, ...], bool]:
    """Values that went, months that went whole, and whether nothing old is left."""
    params, total = _ages(keep, now), 0
    while days := connection.execute(sql("old_metric_days"), params).fetchall():
        for number, one in enumerate(days):
            if number and clock.over:
                return total, (), False
            row = connection.execute("select upkeep.retire_metrics(%s, %s, %s)", one).fetchone()
            total += int(row[0]) if row else 0
        if clock.over:
            break
    months = connection.execute("select upkeep.drop_empty_metric_months(%s)", [params["before"]]).fetchone()
    return total, tuple(months[0]) if months else (), not days


def _ages(keep: Keep, now: datetime) -> dict[str, Any]:
    """The day before which values are old; an earlier one for cadences whose reports compare further back."""
    before = {cadence: _day(now, max(keep.metrics_days, cadence.compared_days)) for cadence in Cadence}
    return {
        "before": _day(now, keep.metrics_days),
        "cadences": [cadence.value for cadence in before],
        "days": list(before.values()),
        "most": DAYS_AT_ONCE,
    }


def _day(now: datetime, days: int) -> date:
    return (now - timedelta(days=days)).astimezone(UTC).date()
