"""Sessions that make others wait for a lock."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Wait:
    """One session waits for another. `blocker` 0 is the prepared transaction `gid`."""

    pid: int
    wait_s: float
    what: str
    blocker: int
    gid: str
    who: str
    state: str


@dataclass(frozen=True, slots=True)
class Root:
    """Somebody who blocks and waits for nobody, and what those behind him wait for."""

    who: str
    what: str


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def blocking(
    db: Database,
    pg: Postgres,
    *,
    limit_s: float = 30,
    high_s: float = 300,
    high_waiters: int = 5,
    critical_waiters: int = 20,
) -> Answer:
    """
    Sessions that make others wait for a lock, found at the root of each queue.

    Those in the middle of a queue wait themselves: ending them helps nobody. A root may be a session, autovacuum, or a prepared
    transaction that no session holds. Short waits are normal; a queue is judged when its longest wait reaches `limit_s`.
    """
    waits = pg.measure(__file__, Wait)
    queues = _queues(waits)
    longest = {root: max(w.wait_s for w, _ in behind) for root, behind in queues.items()}
    worst = max(longest.values(), default=0.0)
    waiters = len({w.pid for w in waits})
    behind = plural(len({r.who for r in queues}), "blocker")
    return Answer.judged(
        f"{plural(waiters, 'session')} waiting for a lock, longest {worst:,.0f} s, behind {behind}",
        findings=[
            _finding(root, behind, limit_s, _severity(behind, high_s, high_waiters, critical_waiters))
            for root, behind in queues.items()
            if longest[root] >= limit_s
        ],
        metrics=[
            Metric(name="blocked_sessions", value=waiters, unit=Unit.COUNT),
            Metric(name="blocked_longest", value=worst, unit=Unit.SECONDS),
        ],
    )


Queue = list[tuple[Wait, Wait]]


def _queues(waits: Iterable[Wait]) -> Mapping[Root, Queue]:
    """Waits by root: pairs of the wait and the last wait of its chain, which names the root's session."""
    by_pid: dict[int, list[Wait]] = {}
    for wait in waits:
        by_pid.setdefault(wait.pid, []).append(wait)
    queues: dict[Root, dict[int, tuple[Wait, Wait]]] = {}
    for own in by_pid.values():
        for last in last_links(own, by_pid, set()):
            queues.setdefault(Root(last.who, own[0].what), {})[own[0].pid] = (own[0], last)
    return {root: list(pairs.values()) for root, pairs in queues.items()}


def last_links(own: Iterable[Wait], by_pid: Mapping[int, list[Wait]], seen: set[int]) -> Iterator[Wait]:
    """Follow the chain to blockers that wait for nobody. A ring has none: PostgreSQL ends it by itself as a deadlock."""
    for wait in own:
        if wait.blocker not in by_pid:
            yield wait
        elif wait.blocker not in seen:
            seen.add(wait.blocker)
            yield from last_links(by_pid[wait.blocker], by_pid, seen)


def _severity(behind: Queue, high_s: float, high_waiters: int, critical_waiters: int) -> Severity:
    if len(behind) >= critical_waiters:
        return Severity.CRITICAL
    long = max(w.wait_s for w, _ in behind) >= high_s
    return Severity.HIGH if long or len(behind) >= high_waiters else Severity.MEDIUM


def _finding(root: Root, behind: Queue, limit_s: float, severity: Severity) -> Finding:
    longest, last = max(behind, key=lambda pair: pair[0].wait_s)
    name = f"prepared transaction {last.gid}" if last.blocker == 0 else f"pid {last.blocker}, {last.state}"
    return Finding(
        rule="blocks_others",
        object=f"{root.who} -> {root.what}",
        severity=severity,
        title=f"{root.who} ({name}) keeps {plural(len(behind), 'session')} waiting for {root.what}, "
        f"longest {longest.wait_s:,.0f} s (limit {limit_s:,.0f} s)",
        remedy=_remedy(last),
        value=longest.wait_s,
        limit=limit_s,
        unit=Unit.SECONDS,
        details={
            "blocker": last.blocker,
            "state": last.state,
            "gid": last.gid,
            "waiting_pids": sorted(w.pid for w, _ in behind)[:50],
        },
    )


def _remedy(last: Wait) -> str:
    if last.blocker == 0:
        gid = last.gid.replace("'", "''")
        return (
            f"rollback prepared '{gid}'; -- or commit prepared, whichever its transaction manager says"
            if gid
            else "see pg_prepared_xacts"
        )
    if last.state == "autovacuum to prevent wraparound":
        return (
            "let it finish: it prevents wraparound and starts again when cancelled; end the session that asks for the strong lock"
        )
    if last.state == "active":
        return f"select pg_cancel_backend({last.blocker}); -- if its statement must not finish"
    return f"select pg_terminate_backend({last.blocker}); -- it is {last.state}"
