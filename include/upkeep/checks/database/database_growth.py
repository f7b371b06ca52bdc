"""Databases that grow out of their disk, or suddenly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import History, check
from upkeep.humanize import GIB, plural, size
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR, function
from upkeep.stats.trend import slope, until
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_DAYS = 30
_WAL = "(write-ahead log)"
_LIST_WAL = function("pg_ls_waldir()", "how much room the write-ahead log takes")
_WAL_BYTES = "select coalesce(pg_catalog.sum(size), 0)::int8 from pg_catalog.pg_ls_waldir()"
_NOW = "select pg_catalog.clock_timestamp()"


@dataclass(frozen=True, slots=True)
class Size:
    """One database, or the server's write-ahead log."""

    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes used of `total`, and the usual growth in bytes a day; None while the history is too short."""

    used: float
    total: float | None
    per_day: float | None

    @property
    def share(self) -> float | None:
        """Share used; None when nobody said how large the disk is."""
        return self.used / self.total if self.total else None

    @property
    def days_left(self) -> float | None:
        """Days until it is full; None when that cannot be told or never comes."""
        return until(self.used, self.total, self.per_day) if self.total and self.per_day is not None else None


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def database_growth(
    db: Database,
    pg: Postgres,
    history: History,
    *,
    used_share: float = 0.8,
    critical_used_share: float = 0.9,
    days_left: float = 30,
    critical_days_left: float = 7,
    jump_factor: float = 5,
    jump_gib: float = 5,
) -> Answer:
    """
    Sizes of the databases, their growth, and when the disk is full.

    Days left are judged beside the share used, since 80 % of a large and calm disk lasts for years: 30 days are what ordering
    more room takes, 7 are an emergency. Growth is the median slope of the last 30 days, at least 7 of them, so one bulk load is
    no trend. A jump is a database that grew by five times its usual day and by 5 GiB since the last run. PostgreSQL cannot say
    how large its disk is: `storage_gb` in the inventory can, and without it only growth is judged and the summary says so.
    """
    sizes = _sizes(pg)
    at: datetime = pg.value(_NOW)
    room = Room(
        used=sum(s.bytes for s in sizes),
        total=db.storage_gb * 1e9 if db.storage_gb else None,
        per_day=_usual_growth(history.metrics("server_bytes", _DAYS), at, sum(s.bytes for s in sizes)),
    )
    findings = [
        *_full(room, used_share, critical_used_share),
        *_soon_full(room, days_left, critical_days_left),
        *_jumps(sizes, history.metrics("database_bytes", _DAYS), at, jump_factor, jump_gib * GIB),
    ]
    return Answer.judged(_summary(room, sizes), findings=findings, metrics=[*_metrics(sizes, room)])


def _usual_growth(earlier: list[Metric], at: datetime, now: float, least_days: float = 7) -> float | None:
    """Bytes a day by the median slope; None when the history is shorter than `least_days`."""
    points = [((m.at - at).total_seconds() / 86_400, m.value) for m in earlier if m.at]
    if not points or -points[0][0] < least_days:
        return None
    return slope([*points, (0.0, now)])


def _sizes(pg: Postgres) -> list[Size]:
    """Databases and, where it may be asked, the write-ahead log, largest first."""
    wal = [] if pg.missing((_LIST_WAL,)) else [Size(_WAL, pg.value(_WAL_BYTES))]
    return sorted([*pg.measure(__file__, Size), *wal], key=lambda s: -s.bytes)


def _summary(room: Room, sizes: list[Size]) -> str:
    databases = sum(s.name != _WAL for s in sizes)
    wal = "and WAL" if databases < len(sizes) else "(WAL not visible)"
    growth = f"growing by {size(room.per_day)} a day" if room.per_day is not None else "too little history for a trend"
    disk = f"{room.share:.0%} of its storage" if room.share is not None else "free room unknown (storage_gb is not given)"
    left = f", full in {room.days_left:.0f} days" if room.days_left is not None else ""
    return f"{plural(databases, 'database')} {wal} with {size(room.used)}, {growth}; {disk}{left}"


def _full(room: Room, limit: float, critical: float) -> Iterator[Finding]:
    if room.share is not None and room.share > limit:
        yield Finding(
            rule="storage_used",
            object="storage",
            severity=Severity.CRITICAL if room.share > critical else Severity.HIGH,
            title=f"databases and WAL take {size(room.used)}, {room.share:.0%} of the storage given (limit {limit:.0%})",
            remedy="add storage, or remove what is not needed: bloat, unused indexes, old partitions, orphaned slots",
            value=room.share,
            limit=limit,
            unit=Unit.SHARE,
        )


def _soon_full(room: Room, limit: float, critical: float) -> Iterator[Finding]:
    left = room.days_left
    if left is not None and room.per_day is not None and left < limit:
        yield Finding(
            rule="storage_full_soon",
            object="storage",
            severity=Severity.CRITICAL if left < critical else Severity.HIGH,
            title=f"storage is full in {left:.0f} days at {size(room.per_day)} a day (limit {limit:g} days)",
            remedy="add storage, or find what grows: select relname, pg_size_pretty(pg_total_relation_size(oid)) from pg_class "
            "where relkind = 'r' order by pg_total_relation_size(oid) desc limit 20;",
            value=left,
            limit=limit,
            unit=Unit.DAYS,
        )


def _jumps(sizes: list[Size], earlier: list[Metric], at: datetime, factor: float, least: float) -> Iterator[Finding]:
    for s in sizes:
        before = [m for m in earlier if m.labels.get("database") == s.name and m.at]
        usual = _usual_growth(before[:-1], before[-1].at, before[-1].value) if before and before[-1].at else None
        if usual is None:
            continue
        days = max((at - (before[-1].at or at)).total_seconds() / 86_400, 1)
        grown = s.bytes - before[-1].value
        limit = max(factor * max(usual, 0) * days, least)
        if grown > limit:
            yield Finding(
                rule="database_jump",
                object=s.name,
                severity=Severity.MEDIUM,
                title=f"{s.name} grew by {size(grown)} since the last run, {size(usual)} a day is usual (limit {size(limit)})",
                remedy="find what grew: a bulk load, a table that is not vacuumed, or WAL that a slot or the archiver keeps",
                value=grown,
                limit=limit,
                unit=Unit.BYTES,
            )


def _metrics(sizes: list[Size], room: Room) -> Iterator[Metric]:
    yield Metric(name="server_bytes", value=room.used, unit=Unit.BYTES)
    for s in sizes[:20]:
        yield Metric(name="database_bytes", value=s.bytes, unit=Unit.BYTES, labels={"database": s.name})
    if room.total and room.share is not None:
        yield Metric(name="storage_used", value=room.share, unit=Unit.SHARE, numerator=room.used, denominator=room.total)
    if room.days_left is not None:
        yield Metric(name="storage_days_left", value=room.days_left, unit=Unit.DAYS)
