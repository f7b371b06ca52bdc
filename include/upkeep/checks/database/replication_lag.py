"""Standbys that fall behind."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import History, check
from upkeep.humanize import GIB, plural, size, span
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_SYNCHRONOUS = Path(__file__).with_name("replication_lag.synchronous.sql")
_LOOK = "select * from pg_stat_replication; -- then the standby's own log, its disk and the network between"


@dataclass(frozen=True, slots=True)
class Standby:
    """One receiver of this server's WAL. `lag_seconds` is None when it has caught up."""

    name: str
    state: str
    sync_state: str
    logical: bool
    lag_bytes: float
    lag_seconds: float | None


@dataclass(frozen=True, slots=True)
class Synchronous:
    """`synchronous_standby_names`, and whether any commit here waits for them."""

    names: str
    commits_wait: bool


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def replication_lag(
    db: Database,
    pg: Postgres,
    history: History,
    *,
    lag_gib: float = 1,
    critical_lag_gib: float = 16,
    lag_minutes: float = 5,
    standbys: float = 0,
) -> Answer:
    """
    Standbys and subscribers of this server that are behind or gone.

    A standby that is behind shows old data and loses that much in a failover. The limits are minutes and gibibytes, not the 5
    seconds of dashboards: asked once a day, seconds are noise. Commits that wait for a missing synchronous standby are critical;
    none waits on a standby, which may have a copy of its primary's names, nor where synchronous_commit is local or off.
    A standby is missed when fewer stream than `standbys`, or than the most of the last seven days. What a replica knows about
    itself is asked by replica_delay.
    """
    found = pg.measure(__file__, Standby)
    physical = sum(not s.logical and s.state in ("streaming", "catchup") for s in found)
    findings = [
        *(_behind(s, lag_gib, critical_lag_gib, lag_minutes) for s in found if _is_behind(s, lag_gib, lag_minutes)),
        *_missing_synchronous(found, pg.query(_SYNCHRONOUS.read_text(encoding="utf-8"), Synchronous)[0]),
        *_missing(physical, standbys, (m.value for m in history.metrics("replication_standbys", 7))),
    ]
    return Answer.judged(_summary(found, physical), findings=findings, metrics=[*_metrics(found, physical)])


def _summary(found: list[Standby], physical: int) -> str:
    if not found:
        return "no standby and no subscriber is connected"
    worst = max(found, key=lambda s: s.lag_bytes)
    others = plural(len(found) - physical, "other receiver")
    return f"{plural(physical, 'standby', 'standbys')}, {others}; furthest behind {worst.name} by {size(worst.lag_bytes)}"


def _is_behind(s: Standby, lag_gib: float, lag_minutes: float) -> bool:
    return s.lag_bytes > lag_gib * GIB or (s.lag_bytes > 0 and (s.lag_seconds or 0) > lag_minutes * 60)


def _behind(s: Standby, lag_gib: float, critical_lag_gib: float, lag_minutes: float) -> Finding:
    return Finding(
        rule="standby_behind",
        object=s.name,
        severity=Severity.CRITICAL if s.lag_bytes > critical_lag_gib * GIB else Severity.HIGH,
        title=(
            f"{s.name} is {size(s.lag_bytes)} and {span(s.lag_seconds or 0)} behind "
            f"(limits {size(lag_gib * GIB)} and {span(lag_minutes * 60)}); it is in state {s.state or 'unknown'}"
        ),
        remedy=_LOOK,
        value=s.lag_bytes,
        limit=lag_gib * GIB,
        unit=Unit.BYTES,
        details={"state": s.state, "sync_state": s.sync_state, "seconds": s.lag_seconds, "logical": s.logical},
    )


def _missing_synchronous(found: list[Standby], wanted: Synchronous) -> Iterator[Finding]:
    needed = synchronous_count(wanted.names) if wanted.commits_wait else 0
    there = sum(s.sync_state in ("sync", "quorum") and s.state == "streaming" for s in found)
    if there < needed:
        yield Finding(
            rule="synchronous_standby_missing",
            object="synchronous_standby_names",
            severity=Severity.CRITICAL,
            title=f"{there} of {needed} synchronous standbys stream: every commit waits until they are back ({wanted.names})",
            remedy="alter system set synchronous_standby_names = ''; select pg_reload_conf(); -- until the standby is back",
            value=there,
            limit=needed,
            unit=Unit.COUNT,
        )


def _missing(there: int, expected: float, earlier: Iterable[float]) -> Iterator[Finding]:
    seen = int(max(earlier, default=0))
    needed = max(int(expected), seen)
    if there < needed:
        yield Finding(
            rule="standby_missing",
            object="standbys",
            severity=Severity.HIGH if there < expected else Severity.MEDIUM,
            title=f"{plural(there, 'standby streams', 'standbys stream')}; {plural(needed, 'was', 'were')} expected "
            f"({'as configured' if there < expected else 'as many as in the last 7 days'})",
            remedy="start the standby again, or drop its slot and take it out of the inventory if it was retired",
            value=there,
            limit=needed,
            unit=Unit.COUNT,
        )


def synchronous_count(names: str) -> int:
    """How many standbys a commit waits for by `synchronous_standby_names`: 0 when empty, 1 for a bare list."""
    if not names.strip():
        return 0
    counted = re.match(r"\s*(?:any|first)?\s*(\d+)\s*\(", names, re.IGNORECASE)
    return int(counted[1]) if counted else 1


def _metrics(found: list[Standby], physical: int) -> Iterator[Metric]:
    yield Metric(name="replication_standbys", value=physical, unit=Unit.COUNT)
    for s in sorted(found, key=lambda s: -s.lag_bytes)[:20]:
        yield Metric(name="replication_lag_bytes", value=s.lag_bytes, unit=Unit.BYTES, labels={"standby": s.name})
        yield Metric(name="replication_lag_seconds", value=s.lag_seconds or 0, unit=Unit.SECONDS, labels={"standby": s.name})
