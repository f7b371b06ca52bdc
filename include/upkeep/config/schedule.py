"""Which windows of a cadence have come due, as its cron and the inventory's zone say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from upkeep.config.inventory import Inventory
from upkeep.window import Cadence, Window


def cron_of(inventory: Inventory, cadence: Cadence) -> str | None:
    """The cron of a cadence: the inventory's, else the default. None while the inventory pauses it."""
    return inventory.settings.schedule.get(cadence, cadence.cron)


def due_windows(cron: str, zone: ZoneInfo, after: datetime, by: datetime) -> Iterator[Window]:
    """Windows that came due after one moment and by another, oldest first: each from one tick of the cron to the next."""
    from croniter import croniter  # type: ignore[import-untyped]

    # Ticks are read on the wall clock, as Airflow does: a day on which clocks change has 23 or 25 hours.
    ticks = croniter(cron, after.astimezone(zone).replace(tzinfo=None))
    start = ticks.get_prev(datetime)
    while True:
        end = ticks.get_next(datetime)
        if _utc(end, zone) > by:
            return
        if _utc(end, zone) > after:
            yield Window(_utc(start, zone), _utc(end, zone))
        start = end


def _utc(wall: datetime, zone: ZoneInfo) -> datetime:
    # As Airflow does: of an hour that comes twice the second, and of one that never comes the same time after the change.
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
