"""Rows of alerts."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from upkeep.record import Record
from upkeep.signals.alerts import Firing


@dataclass(frozen=True, slots=True)
class AlertFiring(Record):
    """One time that an alert fired in a window."""

    table: ClassVar[str] = "alert_firing"

    alert: str
    labels: str
    severity: str
    began: datetime
    ended: datetime | None
    seconds: float
    acknowledged: datetime | None
    acknowledged_by: str | None
    acknowledged_known: bool

    @classmethod
    def of(cls, firing: Firing, *, known: bool) -> "AlertFiring":
        """The row; `known` says whether silences could be read."""
        seen = firing.seen
        return cls(
            firing.alert,
            firing.own,
            firing.severity,
            firing.began,
            firing.ended,
            firing.seconds,
            seen.start if seen else None,
            seen.by if seen else None,
            known,
        )
