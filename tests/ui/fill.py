"""A made-up past for the pages: many targets, all cadences, a year of answers, findings with lives, metrics, waivers."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from upkeep.sources.postgres import Endpoint

DUTIES = 28
_FILLED = "('upkeep.answer'::regclass, 'upkeep.finding'::regclass, 'upkeep.metric_day'::regclass)"
# Made anew after filling, which is many times faster than keeping them right meanwhile. Foreign keys go first and come last.
_KEYS = f"""
    select
        format('alter table %s drop constraint %I', conrelid::regclass, conname),
        format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint
    where contype in ('f', 'p')
    and (conrelid in {_FILLED} or confrelid in {_FILLED})
    order by contype
"""
_INDEXES = f"""
    select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    from pg_index
    where indrelid in {_FILLED}
    and not indisunique
"""
_RETELL = """
    select upkeep.retell(array_agg(pair.duty), array_agg(pair.target))
    from (select distinct duty, target from upkeep.finding) as pair
"""
_STATEMENTS = Path(__file__).with_suffix(".sql")
_RECORDS = (_STATEMENTS.with_name("fill_services.sql"), _STATEMENTS.with_name("fill_databases.sql"))


def fill(
    endpoint: Endpoint,
    *,
    targets: int,
    days: int,
    duties: int = DUTIES,
    raw_days: int = 31,
    services: int = 0,
    end: datetime | None = None,
) -> float:
    """
    Fill a migrated, empty report database by set-based SQL; returns the seconds it took.

    Of the 28 duties 14 are daily, 8 weekly, 4 monthly and 2 quarterly. `raw_days` of `metric` are kept, all of `metric_day`. With
    services there are the records of each area, too: signals, deployments, backups, drills, packages, secrets, decisions.
    """
    begun = time.monotonic()
    midnight = (end or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    params = {"targets": targets, "days": days, "duties": duties, "raw_days": raw_days, "services": services, "end": midnight}
    with endpoint.connect("fill", autocommit=False) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("set local work_mem = '256MB'")
        connection.execute("set local time zone 'UTC'")
        made = [connection.execute(query.encode()).fetchall() for query in (_KEYS, _INDEXES)]
        _run(connection, [drop for pairs in made for drop, _ in pairs])
        for path in (_STATEMENTS, *(_RECORDS if services else ())):
            _run(connection, path.read_text(encoding="utf-8").split(";\n\n"), params)
        _run(connection, [add for pairs in made for _, add in reversed(pairs)])
        # Episodes say themselves when they were gone.
        connection.execute("set local session_replication_role = origin")
        connection.execute(_RETELL.encode())
    with endpoint.connect("fill") as connection:
        connection.execute("vacuum (analyze)")
    return time.monotonic() - begun


def statements_digest() -> str:
    """What the statements are known by: what was filled by others is to be filled anew."""
    return sha256(b"".join(path.read_bytes() for path in (_STATEMENTS, *_RECORDS))).hexdigest()


def _run(connection: Any, statements: list[str], params: Mapping[str, Any] | None = None) -> None:
    for statement in statements:
        connection.execute(statement.encode(), params)
