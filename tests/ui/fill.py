"""A made-up past for the pages: many targets, all cadences, a year of answers, findings with lives, metrics, waivers."""

import time
from datetime import UTC, datetime
from pathlib import Path

from upkeep.sources.postgres import Endpoint

DUTIES = 28
_INDEXES = """
    select indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    from pg_index
    where indrelid in ('upkeep.answer'::regclass, 'upkeep.finding'::regclass, 'upkeep.metric_day'::regclass)
    and not indisunique
"""
_STATEMENTS = Path(__file__).with_suffix(".sql")


def fill(
    endpoint: Endpoint, *, targets: int, days: int, duties: int = DUTIES, raw_days: int = 31, end: datetime | None = None
) -> float:
    """
    Fill a migrated, empty report database by set-based SQL; returns the seconds it took.

    Of the 28 duties 14 are daily, 8 weekly, 4 monthly and 2 quarterly. `raw_days` of `metric` are kept, all of `metric_day`.
    """
    begun = time.monotonic()
    midnight = (end or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    words = {"targets": targets, "days": days, "duties": duties, "raw_days": raw_days, "end": midnight}
    with endpoint.connect("fill", autocommit=False) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("set local work_mem = '256MB'")
        connection.execute("set local time zone 'UTC'")
        indexes = connection.execute(_INDEXES.encode()).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}".encode())
        for statement in _STATEMENTS.read_text(encoding="utf-8").split(";\n\n"):
            connection.execute(statement.encode(), words)
        for _, definition in indexes:
            connection.execute(definition.encode())
        connection.execute("select upkeep.keep_finding_now()")
    with endpoint.connect("fill") as connection:
        connection.execute("vacuum (analyze)")
    return time.monotonic() - begun
