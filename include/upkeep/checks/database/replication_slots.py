"""Replication slots that keep WAL for nobody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import History, check
from upkeep.humanize import GIB, plural, size, span
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Slot:
    """
    One slot, and the `position` that its reader has.

    `safe_bytes` is what may still be written before it loses WAL, None without max_slot_wal_keep_size.
    """

    name: str
    quoted: str
    kind: str
    database: str
    active: bool
    wal_status: str
    position: str | None
    retained_bytes: float | None
    safe_bytes: float | None
    inactive_seconds: float | None
    invalidated: str
    synced: bool

    @property
    def kept(self) -> float:
        """Bytes of WAL that the server keeps for it."""
        return self.retained_bytes or 0.0

    @property
    def lost(self) -> bool:
        """Whether it can never be used again."""
        return self.wal_status == "lost" or bool(self.invalidated)

    @property
    def used_share(self) -> float:
        """Share used of the room that max_slot_wal_keep_size leaves; 0 when there is no such limit."""
        room = self.kept + max(self.safe_bytes or 0, 0)
        return self.kept / room if self.safe_bytes is not None and room else 0.0


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def replication_slots(
    db: Database,
    pg: Postgres,
    history: History,
    *,
    retained_gib: float = 5,
    critical_retained_gib: float = 50,
    inactive_hours: float = 24,
    used_share: float = 0.8,
) -> Answer:
    """
    Replication slots that are orphaned, lost or close to it.

    A slot that nobody reads keeps WAL until the disk is full, and holds back vacuum. Without a limit (max_slot_wal_keep_size, off
    by default) nothing stops it, so 5 GiB, some hundreds of segments, is already worth a look and any inactive slot is named.
    Inactive since: the server's word from PostgreSQL 17 on, before that the time since this check first saw it inactive. Slots
    synchronised from a primary are inactive by design and not judged. Nor are those that a tool such as Patroni moves on: their
    position changes from look to look without a reader. On a standby, where such a tool keeps a slot for each member, only what
    a slot keeps counts.
    """
    slots = pg.measure(__file__, Slot)
    seen = _inactive_before(history)
    now = float(pg.value("select pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())"))
    positions = (history.state() or {}).get("positions", {})
    unread = [s for s in slots if not (s.active or s.synced or _is_moved_on(s, positions))]
    idle = {s.name: _idle_seconds(s, seen, now) for s in unread if not pg.in_recovery or s.kept > retained_gib * GIB}
    judged = [s for s in slots if not s.synced]
    findings = [
        f for s in judged for f in _judge(s, idle.get(s.name), retained_gib, critical_retained_gib, inactive_hours, used_share)
    ]
    most = sorted(slots, key=lambda s: -s.kept)
    return Answer.judged(
        _summary(slots, len(unread), most[:1]),
        findings=findings,
        metrics=[Metric(name="slot_retained", value=s.kept, unit=Unit.BYTES, labels={"slot": s.name}) for s in most[:20]],
        state={
            "inactive_since": {s.name: now - _idle_seconds(s, seen, now) for s in unread},
            "positions": {s.name: s.position for s in slots},
        },
    )


def _summary(slots: Sequence[Slot], inactive: int, most: Sequence[Slot]) -> str:
    largest = "".join(f"; {s.name} keeps most WAL, {size(s.kept)}" for s in most)
    return f"{plural(len(slots), 'slot')}, {inactive} inactive{largest}"


def _inactive_before(history: History) -> dict[str, float]:
    return dict((history.state() or {}).get("inactive_since", {}))


def _is_moved_on(s: Slot, positions: Mapping[str, str | None]) -> bool:
    """Whether it has another position than at the last look, though nobody reads it now."""
    return s.position is not None and positions.get(s.name) not in {None, s.position}


def _idle_seconds(slot: Slot, seen: dict[str, float], now: float) -> float:
    if slot.inactive_seconds is not None:
        return slot.inactive_seconds
    return max(now - seen.get(slot.name, now), 0)


def _judge(s: Slot, idle: float | None, gib: float, critical_gib: float, hours: float, share: float) -> Iterator[Finding]:
    if s.lost:
        yield _lost(s)
    elif idle is not None:
        yield _inactive(s, idle, gib, critical_gib, hours)
    elif s.kept > gib * GIB:
        yield _behind(s, gib, critical_gib)
    if not s.lost and (s.wal_status == "unreserved" or s.used_share > share):
        yield _close_to_lost(s, share)


def _lost(s: Slot) -> Finding:
    return Finding(
        rule="slot_lost",
        object=s.name,
        severity=Severity.HIGH,
        title=f"slot {s.name} has lost the WAL it needs ({s.invalidated or s.wal_status}): its reader cannot go on",
        remedy=f"select pg_drop_replication_slot({s.quoted}); -- then build the {_reader(s)} anew",
        details={"wal_status": s.wal_status, "invalidated": s.invalidated, "kind": s.kind},
    )


def _inactive(s: Slot, idle: float, gib: float, critical_gib: float, hours: float) -> Finding:
    orphaned = s.kept > gib * GIB or idle > hours * 3600
    heavy = s.kept > critical_gib * GIB
    severity = (
        Severity.CRITICAL if heavy else Severity.HIGH if s.kept > gib * GIB else Severity.MEDIUM if orphaned else Severity.LOW
    )
    return Finding(
        rule="slot_inactive",
        object=s.name,
        severity=severity,
        title=f"slot {s.name} has had no reader for {span(idle)} and keeps {size(s.kept)} of WAL "
        f"(limits {span(hours * 3600)} and {size(gib * GIB)})",
        remedy=f"select pg_drop_replication_slot({s.quoted}); -- if its {_reader(s)} is retired; else start that again",
        value=s.kept,
        limit=gib * GIB,
        unit=Unit.BYTES,
        details={"inactive_seconds": round(idle), "kind": s.kind, "database": s.database, "wal_status": s.wal_status},
    )


def _behind(s: Slot, gib: float, critical_gib: float) -> Finding:
    return Finding(
        rule="slot_behind",
        object=s.name,
        severity=Severity.CRITICAL if s.kept > critical_gib * GIB else Severity.HIGH,
        title=f"slot {s.name} {'is in use' if s.active else 'is moved on by some tool'} and yet keeps {size(s.kept)} of WAL "
        f"(limit {size(gib * GIB)}): its {_reader(s)} lags",
        remedy=f"see why the {_reader(s)} is slow; max_slot_wal_keep_size limits what it may cost this server",
        value=s.kept,
        limit=gib * GIB,
        unit=Unit.BYTES,
    )


def _close_to_lost(s: Slot, share: float) -> Finding:
    return Finding(
        rule="slot_near_limit",
        object=s.name,
        severity=Severity.HIGH,
        title=f"slot {s.name} has used {s.used_share:.0%} of what max_slot_wal_keep_size leaves it (limit {share:.0%}, "
        f"status {s.wal_status}); beyond that its {_reader(s)} must be built anew",
        remedy="start its reader, or raise max_slot_wal_keep_size while there is room on disk: "
        "alter system set max_slot_wal_keep_size = '…'; select pg_reload_conf();",
        value=s.used_share,
        limit=share,
        unit=Unit.SHARE,
    )


def _reader(s: Slot) -> str:
    return "subscriber" if s.kind == "logical" else "standby"
