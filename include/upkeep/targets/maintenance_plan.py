"""How a database may be kept in shape: as whom, and at which hours of the day."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from upkeep.field_types import ConnectionId
from upkeep.targets.target import Strict

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class MaintenancePlan(Strict):
    """As whom tables are vacuumed, analyzed and archived, and when the former two."""

    login: ConnectionId = Field(
        description="Connection as a role that may vacuum, analyze and delete what is archived; it is used for nothing else"
    )
    hours: str | None = Field(
        default=None, description='Hours of the day in the inventory\'s time zone, such as "22:00-05:30"; without it any hour'
    )
    lock_timeout_s: float = Field(default=1, gt=0, le=60, description="Longest wait for a lock of a table, seconds")

    @field_validator("hours")
    @classmethod
    def _both_ends(cls, text: str | None) -> str | None:
        if text is None:
            return None
        found = _HOURS.fullmatch(text)
        if not found or found[1] + found[2] == found[3] + found[4]:
            raise ValueError('expected two different times of day such as "22:00-05:30"')
        return text

    def seconds_left(self, now: datetime, zone: ZoneInfo) -> float | None:
        """Seconds until its hours end, 0 when they have not begun; None where any hour will do."""
        found = _HOURS.fullmatch(self.hours or "")
        if not found:
            return None
        begins, ends = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        here = now.astimezone(zone)
        # They may have begun on the day before.
        for day in (here.date() - timedelta(days=1), here.date()):
            first = datetime.combine(day, begins, zone)
            last = datetime.combine(day if ends > begins else day + timedelta(days=1), ends, zone)
            if first.timestamp() <= here.timestamp() < last.timestamp():
                return last.timestamp() - here.timestamp()
        return 0.0
