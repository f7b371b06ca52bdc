"""What a test of the newest backup says of the objectives: how soon, and how much would be lost. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from upkeep.answer import Finding, Metric, Severity
from upkeep.drills.forecasting import breaks_at
from upkeep.drills.outcome import RestoreTest, Seen
from upkeep.humanize import plural, size, span
from upkeep.targets.database import Database
from upkeep.units import Unit

TIME, POINT, ALL = "recovery_time", "recovery_point_age", "all"
# How far the clock that wrote a row may be ahead of the one that took the snapshot.
AHEAD = timedelta(minutes=5)
_MENDS = {
    TIME: "restore with more jobs or from a nearer store, split what is large or archive it, or agree on another rto",
    POINT: "back up more often, archive WAL (pgBackRest, Barman), or agree on another rpo",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """
    The newest backup's test and what it is judged by.

    `source_bytes` is the size of production now, None when it is away. `times` and `ages` are those of earlier tests.
    """

    db: Database
    row: RestoreTest
    source_bytes: int | None
    times: Sequence[Metric] = ()
    ages: Sequence[Metric] = ()
    min_share: float = 0.3
    stale_h: float = 26
    forecast_days: float = 180

    @property
    def age_s(self) -> float | None:
        """How much would be lost were production lost when the question was put, seconds."""
        point = self.row.recovery_point
        return (self.row.tested_at - point).total_seconds() if point else None

    @property
    def measured_on(self) -> str:
        """How much data the times were measured on."""
        rows = [] if self.row.rows is None else [plural(self.row.rows, "row")]
        message = ", ".join([*rows, size(self.row.copy_bytes or 0)])
        if self.source_bytes and self.row.copy_bytes is not None:
            message += f" ({self.row.copy_bytes / self.source_bytes:.0%} of what production is now)"
        return message


def judge(measured: Measured, seen: Seen) -> None:
    """Add findings about both objectives, and what cannot be told."""
    _judge_time(measured, seen)
    _judge_point(measured, seen)


def _judge_time(measured: Measured, seen: Seen) -> None:
    limit, took = measured.db.rto, measured.row.recovery_seconds
    if limit is None or took is None:
        return
    little = _too_little(measured)
    if took > limit:
        seen.findings.append(_missed(TIME, took, limit, f"recovery took {span(took)}, measured on {measured.measured_on}"))
    elif little:
        seen.unsure.append(little)
    else:
        points = [*_points(measured.times), (measured.row.tested_at, took)]
        seen.findings += _foretold(TIME, points, limit, measured)


def _too_little(measured: Measured) -> str | None:
    """Why the time says nothing about the objective: it was measured on next to no data."""
    row = measured.row
    if row.rows == 0:
        return f"the recovery time was measured on a copy without rows ({measured.measured_on}): it says nothing about the rto"
    if measured.source_bytes and (row.copy_bytes or 0) < measured.min_share * measured.source_bytes:
        return f"the recovery time was measured on too little: {measured.measured_on}"
    return None


def _judge_point(measured: Measured, seen: Seen) -> None:
    row, limit, age = measured.row, measured.db.rpo, measured.age_s
    if row.recovery_point is None or age is None:
        if limit is not None and measured.db.heartbeat is None:
            seen.unsure.append("an rpo is declared, but no heartbeat: how far the copy reaches is not shown")
        return
    ahead = row.recovery_point - (row.snapshot_at or row.tested_at)
    if ahead > AHEAD:
        seen.unsure.append(
            f"{row.recovery_point_from} shows {row.recovery_point:%Y-%m-%d %H:%M} UTC, {span(ahead.total_seconds())} after the "
            "backup was taken: a clock was wrong, and how far the copy reaches is not known"
        )
        return
    _judge_lag(measured, -ahead.total_seconds(), seen)
    if limit is not None and age > limit:
        message = f"{span(age)} of data would be lost: the newest moment in the copy is {row.recovery_point:%Y-%m-%d %H:%M} UTC"
        seen.findings.append(_missed(POINT, age, limit, message))
    elif limit is not None:
        seen.findings += _foretold(POINT, [*_points(measured.ages), (row.tested_at, age)], limit, measured)


def _judge_lag(measured: Measured, lag_s: float, seen: Seen) -> None:
    """A heartbeat that is much older than the snapshot has stopped, or the snapshot was not of what it seems."""
    heartbeat = measured.db.heartbeat
    limit = measured.stale_h * 3600
    if heartbeat is None or not heartbeat.is_ours or lag_s <= limit:
        return
    seen.findings.append(
        Finding(
            rule="heartbeat_old",
            object="newest backup",
            severity=Severity.MEDIUM,
            title=f"the heartbeat in the newest backup is {span(lag_s)} older than the backup itself (limit {span(limit)})",
            remedy="see why the heartbeat job was not green, or whether the backup was taken from a replica that lags",
            value=lag_s,
            limit=limit,
            unit=Unit.SECONDS,
        )
    )


def _missed(what: str, value: float, limit: float, message: str) -> Finding:
    return Finding(
        rule=f"{what}_missed",
        object="newest backup",
        severity=Severity.HIGH,
        title=f"{message} (objective {span(limit)})",
        remedy=_MENDS[what],
        value=value,
        limit=limit,
        unit=Unit.SECONDS,
    )


def _foretold(what: str, points: Sequence[tuple[datetime, float]], limit: float, measured: Measured) -> Iterator[Finding]:
    found = breaks_at(points, limit)
    if found is None or found.at > measured.row.tested_at + timedelta(days=measured.forecast_days):
        return
    label = "the recovery time" if what == TIME else "the age of the recovery point"
    yield Finding(
        rule=f"{what}_forecast",
        object="newest backup",
        severity=Severity.MEDIUM,
        title=f"{label} reaches its objective of {span(limit)} about {found.text}",
        remedy=_MENDS[what],
        value=points[-1][1],
        limit=limit,
        unit=Unit.SECONDS,
        due_by=found.earliest,
    )


def _points(metrics: Sequence[Metric]) -> list[tuple[datetime, float]]:
    return [(metric.at, metric.value) for metric in metrics if metric.at and metric.labels.get("stage", ALL) == ALL]


def metrics(measured: Measured) -> Iterator[Metric]:
    """Times by stage, the age of the recovery point, and how much data it was measured on."""
    row = measured.row
    if row.recovery_seconds is not None:
        yield Metric(name=TIME, value=row.recovery_seconds, unit=Unit.SECONDS, labels={"stage": ALL})
        for stage, seconds in row.seconds.items():
            yield Metric(name=TIME, value=seconds, unit=Unit.SECONDS, labels={"stage": stage})
    if row.copy_bytes is not None:
        yield Metric(name="recovery_copy_bytes", value=row.copy_bytes, unit=Unit.BYTES)
    if measured.age_s is not None:
        yield Metric(name=POINT, value=measured.age_s, unit=Unit.SECONDS)
