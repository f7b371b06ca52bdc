"""Indexes nobody reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import History, check
from upkeep.humanize import plural, span
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

DAY_S = 86_400
MB, GB = 10**6, 10**9


@dataclass(frozen=True, slots=True)
class Index:
    """
    One index that enforces nothing, and a foreign key that it serves.

    `last_read` is dated from version 16 on; `made` where commits are dated.
    """

    name: str
    table_name: str
    partitioned: bool
    has_expression: bool
    serves_key: str | None
    bytes: int
    scans: int
    last_read: datetime | None
    made: datetime | None
    writes: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Since when reads are counted here, and whether others read uncounted."""

    at: datetime
    since: datetime
    is_standby: bool
    standbys: int

    @property
    def elsewhere(self) -> str:
        """Where reads may happen that are not counted here; empty when nowhere."""
        if self.is_standby:
            return "this is a standby: reads on the primary and on other standbys are not counted here"
        return f"reads on {plural(self.standbys, 'connected standby')} are not counted here" if self.standbys else ""

    def days(self, since: datetime) -> float:
        """Days from then until now, by the server's clock."""
        return (self.at - since).total_seconds() / DAY_S


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def unused_indexes(
    db: Database,
    pg: Postgres,
    history: History,
    *,
    evidence_days: float = 90,
    standbys_asked: bool = False,
    min_mb: float = 10,
    medium_gb: float = 1,
) -> Answer:
    """
    Indexes that no query has read for a whole quarter.

    Each one costs every write and every vacuum. An index that is new, or one whose last read is younger than `evidence_days`,
    is not accused. Counters younger than that make the answer unknown, and so do standbys, whose reads are counted only there:
    set `standbys_asked` once somebody has looked. Whatever enforces something (unique, exclusion, replica identity) is left out.
    """
    evidence = pg.measure(str(Path(__file__).with_name("unused_indexes.evidence.py")), Evidence)[0]
    found = [i for i in pg.measure(__file__, Index) if i.bytes >= min_mb * MB]
    quiet = quiet_since(found, evidence, (history.state() or {}).get("quiet"))
    state = {"quiet": {i.name: [i.scans, quiet[i.name].isoformat()] for i in found}}
    unread = [i for i in found if evidence.days(quiet[i.name]) >= max(evidence_days, 1 if i.scans else 0)]
    doubt = doubts(found, evidence, evidence_days, standbys_asked=standbys_asked, unread=len(unread))
    metrics = _metrics(found, unread)
    if doubt:
        return Answer.unknown(*doubt, metrics=metrics, state=state)
    size = sum(i.bytes for i in unread)
    judged = f"{plural(len(found), 'index', 'indexes')} over {min_mb:g} MB"
    return Answer.judged(
        f"{len(unread)} of {judged} not read for {span(evidence_days * DAY_S)}, {size / GB:.2f} GB",
        findings=[_finding(i, evidence.days(quiet[i.name]), evidence_days, medium_gb) for i in unread],
        metrics=metrics,
        evidence={"counted_since": evidence.since.isoformat(), "standbys": evidence.standbys},
        state=state,
    )


def quiet_since(found: list[Index], evidence: Evidence, remembered: Mapping[str, tuple[int, str]] | None) -> dict[str, datetime]:
    """
    Since when each index is known not to have been read.

    One that an earlier look did not see is new. At the very first look that cannot be told, unless the server dates its making.
    """
    return {i.name: i.last_read or _unchanged(i, evidence, remembered) for i in found}


def _unchanged(i: Index, evidence: Evidence, remembered: Mapping[str, tuple[int, str]] | None) -> datetime:
    scans, since = (remembered or {}).get(i.name, (None, ""))
    if scans == i.scans:
        return max(evidence.since, datetime.fromisoformat(since))
    if remembered is None and i.scans == 0:
        return max(evidence.since, i.made or evidence.since)
    return evidence.at


def doubts(
    found: list[Index], evidence: Evidence, evidence_days: float, *, standbys_asked: bool, unread: int
) -> tuple[str, str] | None:
    """Reason and remedy of an answer that cannot be given; None when it can."""
    suspects = [i for i in found if i.scans == 0]
    size = f"{plural(len(suspects), 'index', 'indexes')} ({sum(i.bytes for i in suspects) / MB:,.0f} MB) not read"
    counted = evidence.days(evidence.since)
    if suspects and counted < evidence_days:
        return f"{size}, but reads are counted for {span(counted * DAY_S)} only; {span(evidence_days * DAY_S)} are needed", "wait"
    if (suspects or unread) and evidence.elsewhere and not standbys_asked:
        return (
            f"{size} here, but {evidence.elsewhere}",
            "look at pg_stat_user_indexes on every node, then set standbys_asked: true",
        )
    return None


def _metrics(found: list[Index], unread: list[Index]) -> list[Metric]:
    size, total = sum(i.bytes for i in unread), sum(i.bytes for i in found)
    return [
        Metric(name="unread_indexes", value=len(unread), unit=Unit.COUNT, denominator=len(found)),
        Metric(name="unread_index_bytes", value=size, unit=Unit.BYTES, denominator=total),
    ]


def _finding(i: Index, days: float, evidence_days: float, medium_gb: float) -> Finding:
    return Finding(
        rule="unused_index",
        object=i.name,
        severity=Severity.MEDIUM if i.bytes >= medium_gb * GB else Severity.LOW,
        title=f"{i.name} ({i.bytes / MB:,.0f} MB) was not read for {span(days * DAY_S)} (limit {span(evidence_days * DAY_S)}), "
        f"while {i.table_name} had {plural(i.writes, 'write')} to its indexes",
        remedy=f"drop index {'' if i.partitioned else 'concurrently '}{i.name};{_note(i)}",
        value=days,
        limit=evidence_days,
        unit=Unit.DAYS,
        details={"bytes": i.bytes, "table": i.table_name, "writes": i.writes, "scans": i.scans},
    )


def _note(i: Index) -> str:
    if i.serves_key:
        return f" -- it serves the foreign key {i.serves_key}: keep it where rows that are referred to may ever be deleted"
    return " -- its expression also has statistics that the planner may use" if i.has_expression else ""
