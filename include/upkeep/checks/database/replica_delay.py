"""A replica that shows old data."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import size, span
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_OBJECT = "replay"


@dataclass(frozen=True, slots=True)
class Replay:
    """
    State of a replica, unless it was promoted meanwhile.

    `receiver` is None when nothing receives WAL; `streams` is whether it is configured to.
    """

    in_recovery: bool
    receiver: str | None
    streams: bool
    received: str | None
    replayed: str | None
    backlog_bytes: float | None
    replayed_seconds: float | None
    paused: bool
    wanted_seconds: float

    @property
    def connected(self) -> bool:
        """Whether WAL flows in."""
        return self.receiver == "streaming"

    @property
    def delay_seconds(self) -> float:
        """How old the newest replayed commit is beyond the delay that was asked for; 0 when all that came is replayed."""
        if self.connected and not self.backlog_bytes:
            return 0.0
        return max((self.replayed_seconds or 0) - self.wanted_seconds, 0)

    def perhaps_later_than(self, limit_s: float) -> bool:
        """Whether the newest commit is older than this, or none was replayed since the start."""
        return self.replayed_seconds is None or self.delay_seconds > limit_s


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def replica_delay(
    db: Database, pg: Postgres, *, delay_minutes: float = 5, critical_delay_minutes: float = 60, settle_seconds: float = 1
) -> Answer:
    """
    A replica that does not stream, has paused, or replays late.

    Its readers get old data and a failover to it loses what it has not got. The limit is five minutes, more than a long report
    query delays replay by (max_standby_streaming_delay is 30 s unless raised). A backlog counts only if it is still there after
    `settle_seconds`: after an idle hour the first commit would otherwise look an hour old. A replica fed from archived WAL alone
    cannot tell a stuck archive from an idle primary: then the answer is unknown.
    """
    replay = _settled(pg, delay_minutes * 60, settle_seconds)
    if not replay.in_recovery:
        return Answer.judged("not a replica: nothing to replay")
    metrics = [
        Metric(name="replica_delay", value=replay.delay_seconds, unit=Unit.SECONDS),
        Metric(name="replica_backlog", value=replay.backlog_bytes or 0, unit=Unit.BYTES),
    ]
    findings = [*_findings(replay, delay_minutes * 60, critical_delay_minutes * 60)]
    if not findings and not replay.streams and replay.perhaps_later_than(delay_minutes * 60):
        return Answer.unknown(
            f"fed from archived WAL; its newest commit is {span(replay.delay_seconds)} old or unseen (limit "
            f"{span(delay_minutes * 60)}), which an idle primary explains as well as a stuck archive",
            "select pg_last_wal_replay_lsn(); -- here, against select pg_current_wal_lsn(); on the primary",
            metrics=metrics,
        )
    return Answer.judged(_summary(replay), findings=findings, metrics=metrics)


def _summary(replay: Replay) -> str:
    source = f"receiver {replay.receiver or 'absent'}" if replay.streams else "fed from archived WAL"
    return f"replica, {source}, {size(replay.backlog_bytes or 0)} not replayed, {span(replay.delay_seconds)} behind"


def _settled(pg: Postgres, limit_s: float, settle_s: float) -> Replay:
    """The state; looked at twice when it seems late, since what had come by the first look may be replayed by the second."""
    first = _look(pg)
    if not first.in_recovery or not first.connected or first.paused or first.delay_seconds <= limit_s:
        return first
    time.sleep(settle_s)
    second = _look(pg)
    caught_up = pg.value("select %s::pg_catalog.pg_lsn >= %s::pg_catalog.pg_lsn", [second.replayed, first.received])
    return _without_backlog(second) if caught_up else second


def _look(pg: Postgres) -> Replay:
    return pg.measure(__file__, Replay)[0]


def _without_backlog(replay: Replay) -> Replay:
    return replace(replay, backlog_bytes=0.0)


def _findings(replay: Replay, limit_s: float, critical_s: float) -> Iterator[Finding]:
    late = replay.delay_seconds
    if replay.streams and not replay.connected:
        yield Finding(
            rule="not_streaming",
            object="receiver",
            severity=Severity.CRITICAL if late > critical_s else Severity.HIGH,
            title=f"the replica does not stream (receiver {replay.receiver or 'absent'}); its newest commit is {span(late)} old",
            remedy="see the replica's log; then check primary_conninfo, its slot, and whether the primary still has its WAL",
            value=late,
            unit=Unit.SECONDS,
        )
    elif replay.streams and late > limit_s and not replay.paused:
        yield Finding(
            rule="replays_late",
            object=_OBJECT,
            severity=Severity.CRITICAL if late > critical_s else Severity.HIGH,
            title=f"replay is {span(late)} behind, {size(replay.backlog_bytes or 0)} wait to be replayed (limit {span(limit_s)})",
            remedy="select * from pg_stat_database_conflicts; -- and the longest query here: it may hold replay back",
            value=late,
            limit=limit_s,
            unit=Unit.SECONDS,
        )
    if replay.paused:
        yield Finding(
            rule="replay_paused",
            object=_OBJECT,
            severity=Severity.HIGH if late > limit_s else Severity.MEDIUM,
            title=f"replay was paused by hand; the newest commit here is {span(late)} old and WAL piles up",
            remedy="select pg_wal_replay_resume();",
            value=late,
            unit=Unit.SECONDS,
        )
