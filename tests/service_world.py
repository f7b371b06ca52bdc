"""A service's past as rows, for pages, reports and checks that read what golden_signals stored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minute, Minutes
from upkeep.signals.place import Told
from upkeep.signals.records import GoldenSignal, hours
from upkeep.store.key import Key
from upkeep.store.records import copy_records

if TYPE_CHECKING:
    import psycopg

END = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
SLOW_S = 0.5
_ANSWER = """
    insert into upkeep.answer
        (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
            dag_id, run_id, task_id, map_index, try_number)
    values ('golden_signals', %s, %s, %s, 'daily', %s, %s, '{}', %s, 1, 'daily', %s, 'service.golden_signals', 0, 1)
    on conflict do nothing
"""
_RUN = """
    insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)
    values ('daily', %s, %s, 'daily', %s, 'scheduled', 't', %s)
    on conflict do nothing
"""
_TARGET = """
    insert into upkeep.target (name, kind, owner, red_at, tags, active)
    values (%s, 'services', 'ann', 'high', '{}', true)
    on conflict do nothing
"""


def day_of(end: datetime, minutes: Sequence[Minute | None], p95: tuple[float, float] = (0.2, 0.2)) -> Told:
    """What a place told of the day before `end`, whose minutes are those given, again and again."""
    each = tuple(minutes[number % len(minutes)] for number in range(24 * 60))
    n = sum(minute.requests for minute in each if minute)
    latency = (Percentile(0.5, p95[0] / 2, p95[1] / 2, n), Percentile(0.95, *p95, n)) if n else ()
    return Told(Minutes(end - DAY, each), latency)


def put_day(
    connection: "psycopg.Connection[Any]", service: str, end: datetime, told: Told, status: str = "ok", summary: str = "as usual"
) -> None:
    """Store a day of a service as golden_signals does."""
    start = end - DAY
    connection.execute(_TARGET, [service])
    connection.execute(_RUN, [start, end, f"{end:%F}", end])
    connection.execute(_ANSWER, [service, start, end, status, summary, end, f"{end:%F}"])
    with connection.transaction():
        copy_records(
            connection, Key("golden_signals", service, start, end), [GoldenSignal.of(told, SLOW_S), *hours(told.minutes)]
        )
