"""The minutes of a service that were seen."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.delivery.beside import Seen
from upkeep.sources.rows import Rows


@dataclass(frozen=True, slots=True)
class _Minute:
    minute: datetime
    requests: int
    errors: int
    slow: int | None


def seen_minutes(rows: Rows, service: str, start: datetime, end: datetime) -> dict[datetime, Seen]:
    """By their start."""
    found = rows(__file__, _Minute, {"service": service, "start": start, "end": end})
    return {each.minute: Seen(each.requests, each.errors, each.slow) for each in found}
