"""Connections opened too often, or lost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from upkeep.answer import Answer, Finding, Json, Metric, Severity
from upkeep.duty import History, check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.stats.counters import Reading, Rise, rise
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

COUNTERS = ("sessions", "session_ms", "abandoned", "fatal", "killed")
LOST = ("abandoned", "fatal", "killed")


@dataclass(frozen=True, slots=True)
class Counters:
    """The server's counters. `since` is None when they were never reset."""

    at: datetime
    since: datetime | None
    started: datetime
    sessions: int
    session_ms: float
    abandoned: int
    fatal: int
    killed: int

    def reading(self, name: str) -> Reading:
        """One counter, paced by the number of sessions: after a crash all of them begin anew."""
        return Reading(value=getattr(self, name), at=self.at, since=self.since, pace=self.sessions)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds; rates are sessions per second."""

    per_s: float
    short_per_s: float
    short_s: float
    times_usual: float
    lost_share: float
    lost_sessions: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What happened to sessions over a span."""

    span: timedelta
    text: str
    sessions: float
    seconds: float
    lost: Mapping[str, float]

    @property
    def per_s(self) -> float:
        """New sessions per second."""
        return self.sessions / self.span.total_seconds()

    @property
    def mean_s(self) -> float:
        """Mean length of a session."""
        return self.seconds / self.sessions if self.sessions else 0.0


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def connection_storms(
    db: Database,
    pg: Postgres,
    history: History,
    *,
    high_per_s: float = 20,
    short_per_s: float = 1,
    short_s: float = 1,
    times_usual: float = 4,
    lost_share: float = 0.05,
    lost_sessions: int = 20,
    min_span_s: float = 600,
) -> Answer:
    """
    Sessions opened too often, too short, far oftener than usual, or lost.

    Opening a session costs a process and several milliseconds; a pool avoids that. Compared are the counters of now and of the
    last look, so it is the mean over that time: a burst of minutes shows only as its share of it. Versions before 14 do not
    count sessions.
    """
    if pg.version < 14:  # noqa: PLR2004 - the version that brought the counters
        return Answer.unknown(
            f"PostgreSQL {pg.version} does not count sessions", "upgrade to 14 or later, or set log_connections = on"
        )
    now = pg.measure(__file__, Counters)[0]
    state = {name: now.reading(name).remember() for name in COUNTERS}
    flow = _flow(now, history.state() or {})
    if flow is None or flow.span.total_seconds() < min_span_s:
        return Answer.unknown("first look: there is no earlier reading to compare with", "ask again tomorrow", state=state)
    limits = Limits(high_per_s, short_per_s, short_s, times_usual, lost_share, lost_sessions)
    usual = [m.value for m in history.metrics("sessions_opened", 28)]
    return Answer.judged(
        f"{plural(round(flow.sessions), 'session')} opened {flow.text}: {flow.per_s:.2f} a second, {flow.mean_s:,.1f} s each, "
        f"{sum(flow.lost.values()):,.0f} lost",
        findings=[*_opened(flow, limits, usual, pg.database), *_lost(flow, limits, pg.database)],
        metrics=_metrics(flow),
        state=state,
    )


def _flow(now: Counters, state: Json) -> Flow | None:
    rises: dict[str, Rise] = {}
    for name in COUNTERS:
        risen = rise(Reading.recall(state.get(name)), now.reading(name))
        if risen is None or not risen.span:
            return None
        rises[name] = risen
    opened = rises["sessions"]
    lost = {name: rises[name].amount for name in LOST}
    return Flow(opened.span, opened.text, opened.amount, rises["session_ms"].amount / 1000, lost)


def _opened(flow: Flow, limits: Limits, usual: list[float], name: str) -> Iterator[Finding]:
    mean = f"{flow.mean_s:,.2f} s each"
    if flow.per_s >= limits.per_s:
        yield _finding(
            "sessions_opened_often",
            name,
            Severity.HIGH,
            f"{flow.per_s:,.1f} new sessions a second, {mean}",
            flow.per_s,
            limits.per_s,
        )
    elif flow.per_s >= limits.short_per_s and flow.mean_s <= limits.short_s:
        message = f"{flow.per_s:,.1f} new sessions a second, only {mean}: nothing pools them"
        yield _finding("sessions_too_short", name, Severity.MEDIUM, message, flow.per_s, limits.short_per_s)
    limit = max(limits.times_usual * median(usual), limits.short_per_s / 10) if len(usual) >= 5 else None  # noqa: PLR2004 - fewer days say nothing
    if limit and flow.per_s >= limit:
        message = f"{flow.per_s:,.2f} new sessions a second, usually {median(usual):,.2f}"
        yield _finding("sessions_unusually_many", name, Severity.MEDIUM, message, flow.per_s, limit)


def _lost(flow: Flow, limits: Limits, name: str) -> Iterator[Finding]:
    lost = sum(flow.lost.values())
    share = lost / flow.sessions if flow.sessions else 0.0
    if lost >= limits.lost_sessions and share >= limits.lost_share:
        kinds = ", ".join(f"{count:,.0f} {kind}" for kind, count in flow.lost.items() if count)
        yield Finding(
            rule="sessions_lost",
            object=name,
            severity=Severity.MEDIUM,
            title=f"{share:.0%} of sessions ended badly: {kinds} (limit {limits.lost_share:.0%})",
            remedy="abandoned: clients or the network drop connections without closing them; "
            "fatal: see FATAL in the server's log; killed: somebody ended them with pg_terminate_backend",
            value=share,
            limit=limits.lost_share,
            unit=Unit.SHARE,
            details=dict(flow.lost),
        )


def _finding(rule: str, name: str, severity: Severity, message: str, value: float, limit: float) -> Finding:
    return Finding(
        rule=rule,
        object=name,
        severity=severity,
        title=f"{message} (limit {limit:,.2f} a second)",
        remedy="let the application keep a pool, or put PgBouncer in front; log_connections = on shows who opens them",
        value=value,
        limit=limit,
        unit=Unit.PER_SECOND,
    )


def _metrics(flow: Flow) -> list[Metric]:
    seconds = flow.span.total_seconds()
    share = sum(flow.lost.values()) / flow.sessions if flow.sessions else 0.0
    return [
        Metric(name="sessions_opened", value=flow.per_s, unit=Unit.PER_SECOND, numerator=flow.sessions, denominator=seconds),
        Metric(name="session_length", value=flow.mean_s, unit=Unit.SECONDS, numerator=flow.seconds, denominator=flow.sessions),
        Metric(name="sessions_lost", value=share, unit=Unit.SHARE, numerator=sum(flow.lost.values()), denominator=flow.sessions),
    ]
