"""A bill that has gaps, doubles or faults, or that stopped coming."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.costs import bill_columns, bill_faults
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.ledger.series import known_by
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_SHOWN = 10
_COLUMN_DAYS = 7


@dataclass(frozen=True, slots=True)
class BillDay:
    """
    One day of one account and currency.

    `without_credits` is None where there are only credits; of `steady` keys `doubled` stand twice.
    """

    day: date
    sub_account: str
    currency: str
    billed: Decimal
    without_credits: Decimal | None
    source_rows: int
    steady: int
    doubled: int


@check(Cadence.DAILY, owner="costs", after=("import_costs",))
def bill_quality(
    account: Account,
    rows: Rows,
    window: Window,
    *,
    look_days: int = 62,
    late_days: int = 4,
    doubled_share: float = 0.8,
    min_steady: int = 3,
    stopped_days: int = 7,
    emptied_days: int = 3,
) -> Answer:
    """
    A bill that has gaps, doubles or faults, or that stopped coming.

    Looked at are the `look_days` before the end of the window, as the ledger knew them a day after it: days without any charge
    between others; days on which `doubled_share` of the charges that are the same on the days beside stand twice; a newest day
    more than `late_days` old; accounts that had charges on every day and had none in the last `stopped_days` while others did;
    columns that were there on every day of a week or more and are missing on the newest `emptied_days`, as by a changed export;
    and what rows lack or say against the FOCUS specification. Whether the amounts are right nothing here can tell: only the
    provider's invoice does. Unknown where the ledger has nothing.
    """
    end = (window.end - timedelta(microseconds=1)).date()
    first, by = end - timedelta(days=look_days), known_by(window)
    about = {"account": account.name, "first": first, "last": end, "known_by": by}
    days = rows(__file__, BillDay, about)
    if not days:
        return Answer.unknown(f"the ledger has no costs of {account.name} from {first} to {end}", "see its import_costs")
    seen = sorted({each.day for each in days})
    gaps = _gaps(seen)
    found = [
        *_late(account, seen[-1], end, late_days),
        *_missing(account, gaps),
        *_doubled(account, days, doubled_share, min_steady),
        *_stopped(days, seen, stopped_days),
        *bill_columns.findings(account, bill_columns.columns(rows, about), _COLUMN_DAYS, emptied_days),
        *bill_faults.findings(account, bill_faults.faults(account, rows, first, end, by)),
    ]
    summary = f"{plural(len(seen), 'day')} from {seen[0]} to {seen[-1]}, {plural(len(gaps), 'day')} missing between them"
    return Answer.judged(summary, findings=found, metrics=_metrics(seen, gaps, days, end))


def _gaps(seen: Sequence[date]) -> list[date]:
    here = set(seen)
    return [day for n in range((seen[-1] - seen[0]).days) if (day := seen[0] + timedelta(days=n)) not in here]


def _late(account: Account, newest: date, end: date, limit: int) -> Iterator[Finding]:
    age = (end - newest).days
    if age > limit:
        yield Finding(
            rule="bill_late", object="newest day", severity=Severity.HIGH,
            title=f"the newest day of {account.name} is {newest}, {age} days before {end} (limit {limit})",
            remedy="see whether the export still runs and import_costs can read it: a spend that is not seen is not small",
            value=age, limit=limit, unit=Unit.DAYS,
        )  # fmt: skip


def _missing(account: Account, gaps: Sequence[date]) -> Iterator[Finding]:
    if gaps:
        yield Finding(
            rule="days_missing", object="days", severity=Severity.MEDIUM,
            title=f"{account.name} has no charge on {plural(len(gaps), 'day')} between others: {_listed(gaps)}",
            remedy="have the provider deliver these days again; sums over them are too low",
            value=len(gaps), unit=Unit.DAYS, details={"days": list(map(str, gaps))},
        )  # fmt: skip


def _doubled(account: Account, days: Sequence[BillDay], share: float, least: int) -> Iterator[Finding]:
    counts: dict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for each in days:
        steady, doubled = counts[each.day]
        counts[each.day] = (steady + each.steady, doubled + each.doubled)
    found = [day for day, (steady, doubled) in sorted(counts.items()) if steady >= least and doubled >= share * steady]
    if found:
        yield Finding(
            rule="days_doubled", object="days", severity=Severity.HIGH,
            title=f"charges of {account.name} stand twice on {plural(len(found), 'day')}: {_listed(found)}",
            remedy="see whether two exports lie in one place (deliveries: snapshots or manifest counts each day once)",
            value=len(found), unit=Unit.DAYS, details={"days": list(map(str, found))},
        )  # fmt: skip


def _stopped(days: Sequence[BillDay], seen: Sequence[date], limit: int) -> Iterator[Finding]:
    by_account: dict[str, set[date]] = defaultdict(set)
    for each in days:
        by_account[each.sub_account].add(each.day)
    for name, here in sorted(by_account.items()):
        last = max(here)
        earlier = [day for day in seen if day <= last]
        if len(earlier) >= 2 * limit and (seen[-1] - last).days >= limit and here.issuperset(earlier):
            yield Finding(
                rule="account_stopped", object=name, severity=Severity.LOW,
                title=f"account {name} had charges on every day until {last} and none since, while others have until {seen[-1]}",
                remedy="if it was closed, waive this; else see whether the export still covers it",
                value=(seen[-1] - last).days, limit=limit, unit=Unit.DAYS,
            )  # fmt: skip


def _metrics(seen: Sequence[date], gaps: Sequence[date], days: Sequence[BillDay], end: date) -> list[Metric]:
    whole = len(seen) + len(gaps)
    charged = {each.day for each in days if each.without_credits is not None}
    only_credits = len(set(seen) - charged)
    return [
        Metric(name="days_billed", value=len(seen) / whole, unit=Unit.SHARE, numerator=len(seen), denominator=whole, n=whole),
        Metric(name="bill_age", value=(end - seen[-1]).days, unit=Unit.DAYS),
        Metric(name="days_with_only_credits", value=only_credits, unit=Unit.DAYS),
    ]


def _listed(days: Sequence[date]) -> str:
    return ", ".join(map(str, days[:_SHOWN])) + (" …" if len(days) > _SHOWN else "")
