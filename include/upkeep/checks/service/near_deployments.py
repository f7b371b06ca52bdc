"""Deployments that came shortly before an anomaly."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from upkeep.objectives.unusual import LENGTHS, Unusual
from upkeep.sources.rows import Rows

BEFORE = {"hour": timedelta(hours=3), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class _Deployed:
    what: str
    finished_at: datetime


def deployments(rows: Rows, service: str, one: Unusual) -> list[str]:
    """Each with when it ended, oldest first: those within the first hour or day, or shortly before."""
    since, step = one.since, one.watched.step
    params = {"service": service, "start": since - BEFORE[step], "end": since + LENGTHS[step]}
    return [f"{each.what} at {each.finished_at:%Y-%m-%d %H:%M} UTC" for each in rows(__file__, _Deployed, params)]
