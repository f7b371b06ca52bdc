"""Connections close to a limit on them."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

STATES = ("active", "idle", "idle_in_transaction")


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one limit is in use. `holders` are (role@application, sessions), most first; digits are written as #."""

    scope: str
    name: str
    room: int
    reserved: int
    used: int
    active: int
    idle: int
    idle_in_transaction: int
    holders: list[tuple[str, int]]

    @property
    def share(self) -> float:
        """Used of what ordinary roles may use; 0 where there is no room and no use, as with max_wal_senders = 0."""
        return self.used / self.room if self.room else float(self.used > 0)

    @property
    def label(self) -> str:
        """How a person calls it."""
        return {"server": "the server", "walsenders": "walsenders"}.get(self.scope, f"{self.scope} {self.name}")


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def connection_use(db: Database, pg: Postgres, *, high_share: float = 0.8, critical_share: float = 0.95) -> Answer:
    """
    Connections against every limit on them.

    The server's room is max_connections without the slots reserved for superusers (and, from version 16, for
    pg_use_reserved_connections), since that is where an application is refused. Roles and databases may have narrower limits of
    their own. Walsenders are counted apart: they do not take client slots. It is one moment; the peak lies above it.
    """
    found = pg.measure(__file__, Use)
    server = next(u for u in found if u.scope == "server")
    return Answer.judged(
        f"{server.used} of {server.room} connections in use ({server.share:.0%}), "
        f"{server.idle_in_transaction} idle in transaction",
        findings=[_finding(u, high_share, critical_share) for u in found if u.share >= high_share],
        metrics=[_share(u) for u in sorted(found, key=lambda u: -u.share)[:20]] + _states(server),
        evidence={"holders": dict(server.holders[:10])},
    )


def _share(u: Use) -> Metric:
    return Metric(
        name="connections_used",
        value=u.share,
        unit=Unit.SHARE,
        labels={"scope": u.scope, "name": u.name},
        numerator=u.used,
        denominator=u.room,
    )


def _states(server: Use) -> list[Metric]:
    counts = {state: getattr(server, state) for state in STATES}
    counts["other"] = server.used - sum(counts.values())
    return [Metric(name="connections", value=n, unit=Unit.COUNT, labels={"state": state}) for state, n in counts.items()]


def _finding(u: Use, high_share: float, critical_share: float) -> Finding:
    critical = u.share >= critical_share
    limit = critical_share if critical else high_share
    return Finding(
        rule="connections_near_limit",
        object=u.name if u.scope in ("server", "walsenders") else f"{u.scope} {u.name}",
        severity=Severity.CRITICAL if critical else Severity.HIGH,
        title=f"{u.label} uses {u.used} of {u.room} connections ({u.share:.0%}, limit {limit:.0%})",
        remedy=_remedy(u),
        value=u.share,
        limit=limit,
        unit=Unit.SHARE,
        details={"holders": dict(u.holders[:10]), "idle": u.idle, "reserved": u.reserved},
    )


def _remedy(u: Use) -> str:
    most = f"most are held by {u.holders[0][0]} ({u.holders[0][1]})" if u.holders else "none is held now"
    if u.scope == "walsenders":
        return f"{most}: end what no longer replicates, or raise max_wal_senders (needs a restart)"
    return (
        f"{most}: put a pooler in front or lower its pool; {u.idle} of {u.used} are idle; raise the limit only if memory allows"
    )
