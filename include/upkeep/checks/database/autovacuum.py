"""Tables that autovacuum does not keep up with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import History, check
from upkeep.humanize import plural, size, span
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_WORKERS = Path(__file__).with_name("autovacuum_workers.sql")
_NOW = "select pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())"
_NEXT = "the next run tells whether they get vacuumed"
_ON = "alter system set autovacuum = on; alter system set track_counts = on; select pg_reload_conf();"


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table. `dead_limit` and `insert_limit` are where its own settings make autovacuum begin; None where it never does.

    `running_seconds` is for how long it is being vacuumed now, None when it is not.
    """

    name: str
    enabled: bool
    live: float
    dead: float
    inserted: float
    bytes: float
    dead_limit: float
    insert_limit: float | None
    vacuumed_seconds: float | None
    running_seconds: float | None

    @property
    def times_over(self) -> float:
        """How many times the limit that autovacuum begins at: of dead rows or of rows inserted since, whichever is more."""
        inserts = self.inserted / max(self.insert_limit, 1) if self.insert_limit is not None else 0
        return max(self.dead / max(self.dead_limit, 1), inserts)

    @property
    def to_do(self) -> float:
        """Rows that wait for vacuum."""
        return max(self.dead, self.inserted if self.insert_limit is not None else 0)


@dataclass(frozen=True, slots=True)
class Workers:
    """The server's autovacuum. `shortest_seconds` is how long the youngest of its busy workers has worked."""

    enabled: bool
    counting: bool
    allowed: int
    busy: int
    shortest_seconds: float

    @property
    def off(self) -> bool:
        """Whether nothing is vacuumed by itself."""
        return not (self.enabled and self.counting)


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def autovacuum(
    db: Database,
    pg: Postgres,
    history: History,
    *,
    times_over: float = 2,
    high_times_over: float = 5,
    hours: float = 6,
    min_rows: float = 10_000,
    busy_minutes: float = 60,
) -> Answer:
    """
    Autovacuum that is off or falls behind.

    Being over its own threshold is how a table gets vacuumed, so that is no fault, nor is a fixed share of dead rows, nor is a
    bulk change a minute ago: a table is behind when it has twice what makes autovacuum begin (its own settings and the insert
    threshold included) and at least 10,000 rows to do, had so already at a run six hours ago or more, and no vacuum came since
    or is at it, unless for as long already.
    Where autovacuum is off nothing will come, and it is behind at once. A vacuum that ran but could not remove is asked by
    xmin_horizon. Workers are short when all are busy and even the youngest has been for an hour. Replicas are vacuumed by their
    primary: ask there.
    """
    if pg.in_recovery:
        return Answer.judged("a replica: its primary vacuums")
    workers = pg.query(_WORKERS.read_text(encoding="utf-8"), Workers)[0]
    tables = pg.measure(__file__, Table)
    over = [t for t in tables if t.times_over > times_over and t.to_do > min_rows]
    now, earlier = float(pg.value(_NOW)), history.state()
    since = _over_since(over, (earlier or {}).get("over_since", {}), now)
    behind = [t for t in over if _is_late(t, workers, now - since[t.name], hours * 3600)]
    findings = [
        *_server(workers, busy_minutes * 60, behind=bool(behind)),
        *_of_tables(tables, behind, times_over, high_times_over, off=workers.off),
    ]
    state, metrics = {"over_since": since}, _metrics(workers, tables, len(behind))
    waiting = f"{plural(len(over) - len(behind), 'table')} over the limit since a short while"
    if earlier is None and over and not findings:
        return Answer.unknown(f"first look: {waiting}; {_NEXT}", metrics=metrics, state=state)
    summary = f"{plural(len(behind), 'table')} behind, {waiting}; {_at_work(workers)}"
    return Answer.judged(summary, findings=findings, metrics=metrics, state=state)


def _is_late(t: Table, workers: Workers, since_s: float, patience_s: float) -> bool:
    """Whether a table that is over its limit has been for too long, or nothing will come; and no vacuum has just begun on it."""
    begun = t.running_seconds is not None and t.running_seconds <= patience_s
    return not begun and (workers.off or not t.enabled or since_s > patience_s)


def _at_work(w: Workers) -> str:
    return f"{w.busy} of {plural(w.allowed, 'worker')} busy" + ("; autovacuum is off" if w.off else "")


def _over_since(over: list[Table], earlier: Mapping[str, float], now: float) -> dict[str, float]:
    """Since when each table is seen to be over its limit (epoch seconds); a vacuum begins that anew."""
    since = {}
    for t in over:
        first = earlier.get(t.name, now)
        vacuumed = t.vacuumed_seconds is not None and now - t.vacuumed_seconds > first
        since[t.name] = now if vacuumed else first
    return since


def _server(w: Workers, busy_s: float, *, behind: bool) -> Iterator[Finding]:
    if w.off:
        cause = "track_counts" if w.enabled else "autovacuum"
        title = f"{cause} is off: no table is vacuumed or analysed until ids run out"
        yield Finding(rule="autovacuum_off", object="server", severity=Severity.HIGH, title=title, remedy=_ON)
    elif w.busy >= w.allowed and w.shortest_seconds > busy_s:
        yield Finding(
            rule="autovacuum_workers_busy",
            object="server",
            severity=Severity.HIGH if behind else Severity.MEDIUM,
            title=f"all {w.allowed} autovacuum workers are busy, for {span(w.shortest_seconds)} at least (limit {span(busy_s)})",
            remedy="alter system set autovacuum_vacuum_cost_limit = 2000; select pg_reload_conf(); -- lets each work faster; "
            "more workers (autovacuum_max_workers) only share the same limit",
            value=w.shortest_seconds,
            limit=busy_s,
            unit=Unit.SECONDS,
        )


def _of_tables(tables: list[Table], behind: list[Table], limit: float, high: float, *, off: bool) -> Iterator[Finding]:
    for t in sorted(behind, key=lambda t: (-t.times_over, t.name))[:100]:
        yield _behind(t, limit, high, off=off)
    for t in tables:
        if not t.enabled and t not in behind:
            yield _turned_off(t)


def _behind(t: Table, limit: float, high: float, *, off: bool) -> Finding:
    last = f"last vacuumed {span(t.vacuumed_seconds)} ago" if t.vacuumed_seconds is not None else "never vacuumed"
    again = "" if t.enabled or off else f" alter table {t.name} reset (autovacuum_enabled);"
    return Finding(
        rule="vacuum_behind",
        object=t.name,
        severity=Severity.HIGH if t.times_over > high else Severity.MEDIUM,
        title=f"{t.name} ({size(t.bytes)}) has {t.to_do:,.0f} rows to vacuum, {t.times_over:.1f} times what starts autovacuum "
        f"(limit {limit:g}); {last}",
        remedy=f"vacuum (analyze) {t.name};{again} -- if it stays so, look at xmin_horizon and give it a smaller "
        "autovacuum_vacuum_scale_factor",
        value=t.times_over,
        limit=limit,
        unit=Unit.TIMES,
        details={"dead": t.dead, "inserted": t.inserted, "live": t.live, "starts_at": t.dead_limit},
    )


def _turned_off(t: Table) -> Finding:
    return Finding(
        rule="table_autovacuum_off",
        object=t.name,
        severity=Severity.LOW,
        title=f"autovacuum is turned off for {t.name} ({size(t.bytes)}, {t.dead:,.0f} dead rows)",
        remedy=f"alter table {t.name} reset (autovacuum_enabled);",
    )


def _metrics(w: Workers, tables: list[Table], behind: int) -> Iterator[Metric]:
    yield Metric(
        name="autovacuum_workers_busy", value=w.busy / w.allowed, unit=Unit.SHARE, numerator=w.busy, denominator=w.allowed
    )
    yield Metric(name="tables_behind", value=behind, unit=Unit.COUNT)
    for t in sorted(tables, key=lambda t: -t.dead)[:20]:
        yield Metric(name="dead_rows", value=t.dead, unit=Unit.COUNT, labels={"table": t.name})
