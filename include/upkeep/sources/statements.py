"""What pg_stat_statements has counted so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from upkeep.errors import CannotAskError
from upkeep.formats.query_shape import shortened, without_constants
from upkeep.formats.sql_tokens import CUT
from upkeep.sources.hidden_settings import hidden_settings, require_seen
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import extension

STATEMENTS = extension("pg_stat_statements", "what statements cost", preload=True)
REMEMBERED = 2000
LONGEST_TEXT = 4000

Key = tuple[int, int, bool]

_SERVER = """
    select
        pg_catalog.clock_timestamp() as at,
        database.oid::bigint as database,
        pg_catalog.to_regclass('pg_stat_statements_info') is not null as informed,
        pg_catalog.current_setting('pg_stat_statements.max', true) as capacity,
        pg_catalog.current_setting('pg_stat_statements.track', true) as track,
        -- Before version 14 the extension makes the ids itself; where this login has a value of its own the server's is not seen.
        not exists (
            select
            from pg_catalog.pg_settings as setting
            where setting.name = 'compute_query_id'
            and setting.setting = 'off'
            and setting.source not in ('database', 'user', 'database user', 'client', 'session')
        )
        or exists (
            select
            from pg_catalog.pg_stat_activity as own
            where own.pid = pg_catalog.pg_backend_pid()
            and pg_catalog.to_jsonb(own) ->> 'query_id' is not null
        ) as identified
    from pg_catalog.pg_database as database
    where database.datname = pg_catalog.current_database()
"""
_INFO = "select stats_reset as reset, dealloc as evictions from pg_stat_statements_info"
_TEXTS = """
    select
        statement.queryid,
        min(pg_catalog.left(statement.query, 4001)) as text,
        array_agg(distinct pg_catalog.pg_get_userbyid(statement.userid)::text) as roles
    from pg_stat_statements as statement
    inner join pg_catalog.pg_database as database
        on database.oid = statement.dbid
    where database.datname = pg_catalog.current_database()
    and statement.queryid = any(%(queries)s)
    group by statement.queryid
"""


@dataclass(frozen=True, slots=True)
class Counter:
    """One entry: a statement as run by one role. `since` is when its counting began (extension 1.11 and newer)."""

    queryid: int
    userid: int
    toplevel: bool
    calls: int
    total_ms: float
    rows: int
    temp_bytes: int
    wal_bytes: int
    since: datetime | None = None

    @property
    def key(self) -> Key:
        """What makes it the same entry at the next look."""
        return self.queryid, self.userid, self.toplevel


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look. `reset` and `evictions` are None where the extension does not tell (before 1.9)."""

    at: datetime
    database: int
    capacity: int
    reset: datetime | None
    evictions: int | None
    counters: Sequence[Counter]

    def state(self, most: int = REMEMBERED) -> Mapping[str, Any]:
        """The dearest entries and where they stood, as JSON."""
        rows = [[*c.key, c.calls, c.total_ms, c.rows, c.temp_bytes, c.wal_bytes] for c in self.counters[:most]]
        return {
            "at": self.at.isoformat(),
            "database": self.database,
            "reset": self.reset.isoformat() if self.reset else None,
            "evictions": self.evictions,
            "all": len(self.counters) <= most,
            "rows": rows,
        }


@dataclass(frozen=True, slots=True)
class Text:
    """A statement's text without constants, and the roles that ran it."""

    queryid: int
    text: str
    roles: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Server:
    at: datetime
    database: int
    informed: bool
    capacity: str | None
    track: str | None
    identified: bool


@dataclass(frozen=True, slots=True)
class _Info:
    reset: datetime | None = None
    evictions: int | None = None


def look(pg: Postgres) -> Snapshot:
    """Read all counters of this database. Raises CannotAskError when the server counts nothing."""
    server = pg.query(_SERVER, _Server)[0]
    if server.track is None:
        raise CannotAskError(
            "pg_stat_statements is created but the server does not load it",
            "add pg_stat_statements to shared_preload_libraries, then restart",
        )
    require_seen(hidden_settings(pg, ["pg_stat_statements.track"]))
    if server.track == "none":
        raise CannotAskError("pg_stat_statements.track is none", "alter system set pg_stat_statements.track = 'top';")
    if not server.identified:
        raise CannotAskError(
            "compute_query_id is off and nothing else gives statements an id: none is counted",
            "alter system set compute_query_id = 'auto'; select pg_reload_conf();",
        )
    info = pg.query(_INFO, _Info)[0] if server.informed else _Info()
    counters = pg.measure(__file__, Counter)
    return Snapshot(server.at, server.database, int(server.capacity or 0), info.reset, info.evictions, counters)


def texts(pg: Postgres, queries: Iterable[int]) -> dict[int, Text]:
    """Texts of some statements. Constants are removed again, since the server leaves those of utility statements."""
    found = pg.query(_TEXTS, Text, {"queries": list(queries)})
    return {t.queryid: replace(t, text=shortened(without_constants(_marked(t.text)))) for t in found}


def _marked(text: str) -> str:
    """With a mark where it was cut off, since a constant may go on there."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT
