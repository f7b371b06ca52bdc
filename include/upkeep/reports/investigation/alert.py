"""Alerts that fired."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.reports.investigation.episode import Episode, moment
from upkeep.sources.rows import Rows
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of a service, each time that it fired."""

    service: str
    alert: str
    since: datetime
    ends: datetime


def alerts(rows: Rows, window: Window) -> list[Alert]:
    """Every alert that fired in a window. Raises BrokenError."""
    return rows(__file__, Alert, {"start": window.start, "end": window.end})


def fired(one: Episode, every: list[Alert]) -> list[str]:
    """Those of the same service during an anomaly."""
    mine = [each for each in every if each.service == one.service and one.during(each)]
    return [f"{each.alert} from {moment(each.since)}" for each in sorted(mine, key=lambda each: (each.since, each.alert))]
