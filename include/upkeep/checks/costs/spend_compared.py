"""One day's cost beside earlier days, by whatever names a charge: service, account, value of a tag."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from upkeep.answer import Finding, Severity
from upkeep.humanize import money
from upkeep.ledger.series import SpendDay
from upkeep.units import Unit

Label = Callable[[SpendDay], str | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """From which rise on it is said: a part of what it was, and an amount. `high` is the amount from which it is urgent."""

    more_share: float
    min_amount: Decimal
    high_amount: Decimal


@dataclass(frozen=True, slots=True)
class Compared:
    """What something cost on a day, a week and a month before; None where that day has no costs at all."""

    name: str
    currency: str
    day: date
    cost: Decimal
    week_before: Decimal | None
    month_before: Decimal | None


def same_day_last_month(day: date) -> date:
    """The same day of the month before, or its last day where it has fewer."""
    before = day.replace(day=1) - timedelta(days=1)
    return before.replace(day=min(day.day, monthrange(before.year, before.month)[1]))


def compared(days: Sequence[SpendDay], day: date, label: Label) -> list[Compared]:
    """Everything that the label names and that has costs on one of the days, by name and currency."""
    week, month = day - timedelta(days=7), same_day_last_month(day)
    known = {each.day for each in days}
    totals: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for each in days:
        name = label(each)
        if name is not None and each.day in {day, week, month}:
            totals[name, each.currency][each.day] += each.gross or Decimal(0)
    return [
        Compared(
            name, currency, day, by_day[day], by_day[week] if week in known else None, by_day[month] if month in known else None
        )
        for (name, currency), by_day in sorted(totals.items())
    ]


def rises(found: Iterable[Compared], what: str, limits: Limits) -> Iterator[Finding]:
    """What costs more than on each of the earlier days that are known: a weekday's or a month's own shape alone is no rise."""
    for each in found:
        before = [value for value in (each.week_before, each.month_before) if value is not None]
        if not before:
            continue
        more = each.cost - max(before)
        if more < limits.min_amount or more < max(before) * Decimal(str(limits.more_share)):
            continue
        yield _finding(each, what, max(before), more, limits)


def _finding(each: Compared, what: str, before: Decimal, more: Decimal, limits: Limits) -> Finding:
    share = float(more / before) if before > 0 else None
    then = " and ".join(
        f"{money(value, each.currency)} {when}"
        for value, when in ((each.week_before, "a week before"), (each.month_before, "on the same day last month"))
        if value is not None
    )
    return Finding(
        rule=f"{what}_costs_more",
        object=f"{each.name} ({each.currency})",
        severity=Severity.HIGH if more >= limits.high_amount else Severity.MEDIUM,
        title=f"{what.replace('_', ' ')} {each.name} cost {money(each.cost, each.currency)} on {each.day}, after {then}",
        remedy="see what it is made of: select * from upkeep.spend_now where account = … and day = … order by billed_cost desc;",
        value=share,
        limit=limits.more_share if share is not None else None,
        unit=Unit.SHARE if share is not None else None,
        details={"cost": str(each.cost), "more": str(more), "day": str(each.day)},
    )
