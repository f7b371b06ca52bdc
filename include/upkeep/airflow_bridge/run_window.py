"""Which window a run is about, however it was started. Pure: it takes plain values, so it is tested without Airflow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Started:
    """What Airflow says of a run's time. Only `run_after` is always there."""

    run_after: datetime
    interval_start: datetime | None = None
    interval_end: datetime | None = None
    partition_key: str | None = None


def window_for(started: Started, params: Mapping[str, Any], cadence: Cadence, zone: ZoneInfo) -> Window:
    """
    The window of a run: what a person asked for, else the data interval, else the partition, else the last full period.

    `params["from"]` and `params["to"]` are ISO 8601; one without the other, or a window that ends before it starts, raises
    ValueError. A zero-length data interval (a cron trigger, an asset) counts as none. A partition key is the first day of its
    period.
    """
    start, end = params.get("from"), params.get("to")
    if start and end:
        return Window.parse(start, end)
    if start or end:
        raise ValueError("give both `from` and `to`, or neither")
    if started.interval_start and started.interval_end and started.interval_start < started.interval_end:
        return Window(started.interval_start, started.interval_end)
    if started.partition_key:
        return _period_of(started.partition_key, cadence, zone)
    return cadence.last_full(started.run_after, zone)


def _period_of(key: str, cadence: Cadence, zone: ZoneInfo) -> Window:
    day = datetime.fromisoformat(key)
    first = cadence.period_start(day if day.tzinfo else day.replace(tzinfo=zone), zone)
    return Window(first, cadence.next_start(first, zone))
