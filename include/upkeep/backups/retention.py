"""
Which backups stay: grandfather, father, son.

Days, ISO weeks and months are counted in UTC, and only those that have a backup: a pause, or a clock that jumps ahead, pushes
nothing out. Nothing here looks at a clock or a store.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from upkeep.backups.registry import Record, State
from upkeep.humanize import plural, span

# Clocks of two servers may differ by this much without one of them being wrong.
SKEW = timedelta(minutes=15)
FEW = 3
_HORIZON_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    The newest backup of each of the last `daily` days, `weekly` weeks and `monthly` months that have one is kept.

    Nothing is deleted when the newest backup is older than `max_gap`, or when more than `FEW` backups and more than `max_share`
    of all would go at once.
    """

    daily: int = 7
    weekly: int = 5
    monthly: int = 12
    max_gap: timedelta = timedelta(days=3)
    max_share: float = 0.5


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that stays, and why, a reason each."""

    record: Record
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What stays and what may go, oldest first.

    `stopped` says why nothing may be deleted although the rule alone would let go of `falls_out`.
    """

    kept: tuple[Kept, ...]
    falls_out: tuple[Record, ...]
    stopped: str | None = None

    @property
    def deletable(self) -> tuple[Record, ...]:
        """What may be deleted now."""
        return () if self.stopped else self.falls_out


def choose(records: Collection[Record], proven: Collection[str], now: datetime, rule: Rule) -> Plan:
    """Decide about every complete backup. `proven` are ids that a restore has proven."""
    every = _complete(records)
    if not every:
        return Plan((), ())
    reasons = _reasons(every, proven, rule)
    kept = tuple(Kept(record, tuple(reasons[record.id])) for record in every if reasons[record.id])
    falls_out = tuple(record for record in every if not reasons[record.id])
    return Plan(kept, falls_out, _stopped(every, falls_out, now, rule))


def forecast(records: Collection[Record], proven: Collection[str], rule: Rule) -> dict[str, date]:
    """When each backup will fall out if one is taken every day from the newest one on; those that never will are missing."""
    here = _complete(records)
    if not here:
        return {}
    newest, own = here[-1], {record.id for record in here}
    out: dict[str, date] = {}
    for number in range(_HORIZON_DAYS):
        at = _at(newest) + timedelta(days=number)
        if number:
            here.append(replace(newest, id=f"+{number}", snapshot_at=at, verified_at=at, legal_hold=None, damaged=None))
        reasons = _reasons(here, proven, rule)
        out |= {record.id: at.date() for record in here if record.id in own and not reasons[record.id]}
        here = [record for record in here if reasons[record.id]]
    return out


def _complete(records: Collection[Record]) -> list[Record]:
    return sorted((r for r in records if r.state is State.COMPLETE and r.snapshot_at), key=lambda r: (_at(r), r.id))


def _at(record: Record) -> datetime:
    assert record.snapshot_at  # noqa: S101 - only complete backups come here, and these have one
    return record.snapshot_at.astimezone(UTC)


def _reasons(every: Sequence[Record], proven: Collection[str], rule: Rule) -> dict[str, list[str]]:
    """Why each backup stays; an empty list for those that need not. `every` is in the order of time."""
    reasons: dict[str, list[str]] = {record.id: [] for record in every}
    good = [record for record in every if record.verified_at and not record.damaged]
    for record, reason in [*_periods(good, rule), *_periods(every, rule), *_guarded(every, good, proven)]:
        if reason not in reasons[record.id]:
            reasons[record.id].append(reason)
    return reasons


def _periods(records: Sequence[Record], rule: Rule) -> Iterator[tuple[Record, str]]:
    """Asked about the sound ones alone too: a damaged backup neither stands for a period nor pushes another one out."""
    kinds: tuple[tuple[int, Callable[[datetime], str]], ...] = (
        (rule.daily, lambda at: f"daily {at:%Y-%m-%d}"),
        (rule.weekly, lambda at: f"weekly {at:%G-W%V}"),
        (rule.monthly, lambda at: f"monthly {at:%Y-%m}"),
    )
    for count, name in kinds:
        newest = {name(_at(record)): record for record in records}
        for period in list(newest)[::-1][: max(count, 0)]:
            yield newest[period], period


def _guarded(every: Sequence[Record], good: Sequence[Record], proven: Collection[str]) -> Iterator[tuple[Record, str]]:
    if good:
        yield good[-1], "newest verified"
    restored = [record for record in good if record.id in proven]
    if restored:
        yield restored[-1], "newest proven by a restore"
    for record in every:
        if record.legal_hold:
            yield record, f"legal hold: {record.legal_hold}"
        if not good or (_at(record), record.id) > (_at(good[-1]), good[-1].id):
            yield record, "no newer one is verified"


def _stopped(every: Sequence[Record], falls_out: Sequence[Record], now: datetime, rule: Rule) -> str | None:
    newest = _at(every[-1])
    if now < newest - SKEW:
        return (
            f"the newest backup is of {newest:%Y-%m-%d %H:%M} UTC, which is {span((newest - now).total_seconds())} in the future"
        )
    if now > newest + rule.max_gap:
        gap, limit = span((now - newest).total_seconds()), span(rule.max_gap.total_seconds())
        return f"the newest backup is {gap} old (limit {limit}): either none was taken, or the clock jumped"
    if len(falls_out) > max(FEW, rule.max_share * len(every)):
        of = plural(len(every), "complete backup")
        return f"{len(falls_out)} of {of} would go at once (limit {rule.max_share:.0%})"
    return None
