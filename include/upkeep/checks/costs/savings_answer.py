"""What is said of savings: a sentence, numbers, and what a person should look at."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from upkeep.answer import Finding, Metric, Severity
from upkeep.humanize import money, plural
from upkeep.ledger.savings import Saved
from upkeep.ledger.scope_costs import days_of, next_month
from upkeep.units import Unit


class Stored(Protocol):
    """What a stored row adds: what was said a month earlier."""

    @property
    def saved(self) -> Decimal | None:
        """Of now."""
        ...

    @property
    def saved_before(self) -> Decimal | None:
        """Of a month earlier."""
        ...


def summary(account: str, found: Sequence[Saved], records: Sequence[Stored]) -> str:
    """Such as "2 measures of aws: 30.00 EUR saved in October 2026; 1 follows until 2026-12-01 (12 of 30 days)"."""
    parts = [*_newest(found), *_following(found)]
    restated = sum(r.saved_before is not None and r.saved is not None and r.saved != r.saved_before for r in records)
    if restated:
        parts.append(f"{plural(restated, 'month')} restated since the last time")
    unknown = len({x.measure.name for x in found if x.state == "unknown"})
    if unknown:
        parts.append(f"{plural(unknown, 'measure')} cannot be told of some month: see upkeep.saving.note")
    names = len({x.measure.name for x in found})
    return f"{plural(names, 'measure')} of {account}: " + ("; ".join(parts) or "none is followed any more")


def _newest(found: Sequence[Saved]) -> Iterator[str]:
    """What all measures together saved in the newest month that is measured, each currency apart."""
    measured = [x for x in found if x.saved is not None]
    if not measured:
        return
    month = max(x.month for x in measured)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in measured:
        if each.month == month:
            sums[each.measure.currency] += each.saved or Decimal(0)
    amounts = ", ".join(money(amount, currency) for currency, amount in sorted(sums.items()))
    negative = sum(x.month == month and (x.saved or 0) < 0 for x in measured)
    yield f"{amounts} saved in {month:%B %Y}" + (f", {negative} of them cost more than before" if negative else "")


def _following(found: Sequence[Saved]) -> Iterator[str]:
    by_month: dict[date, list[Saved]] = defaultdict(list)
    for each in found:
        if each.state == "following":
            by_month[each.month].append(each)
    for month, ours in sorted(by_month.items()):
        verb = "follows" if len(ours) == 1 else "follow"
        days = f"{ours[0].days_known} of {days_of(month)} days"
        yield f"{len(ours)} {verb} until {next_month(month)} ({days})"


def metrics(found: Sequence[Saved], month: date) -> list[Metric]:
    """How many measures are measured in the window's month or the one before, and how many of them cost more than before."""
    newest = [x for x in found if x.saved is not None and next_month(x.month) >= month]
    negative = [x for x in newest if (x.saved or 0) < 0]
    return [
        Metric(name="measures_measured", value=len({x.measure.name for x in newest}), unit=Unit.COUNT),
        Metric(name="measures_negative", value=len({x.measure.name for x in negative}), unit=Unit.COUNT),
    ]


def findings(found: Sequence[Saved], undone_share: float) -> list[Finding]:
    """Measures that were undone, and those that surely cost more than before: by their newest measured month."""
    by_measure: dict[str, list[Saved]] = defaultdict(list)
    for each in found:
        if each.saved is not None:
            by_measure[each.measure.name].append(each)
    return [finding for months in by_measure.values() for finding in _finding(months, undone_share)]


def _finding(months: Sequence[Saved], undone_share: float) -> Iterator[Finding]:
    newest, best = months[-1], max(months, key=lambda x: x.saved or Decimal(0))
    saved, most = newest.saved or Decimal(0), best.saved or Decimal(0)
    sure = best.low is not None and best.low > 0
    if newest.measure.ended_on:
        return
    if sure and saved < most * Decimal(str(undone_share)):
        yield _found(newest, "measure_undone", Severity.MEDIUM, f"{_amount(best)} in {best.month:%B %Y}, only {_amount(newest)}")
    elif newest.high is not None and newest.high < 0:
        yield _found(newest, "saving_negative", Severity.LOW, f"{_amount(newest)} ({_interval(newest)})")


def _found(each: Saved, rule: str, severity: Severity, amounts: str) -> Finding:
    said = "has come undone: it saved" if rule == "measure_undone" else "costs more than before: it saved"
    name = each.measure.name
    end = f'upkeep cost measure end {each.measure.account} "{name}" --on DAY --why TEXT'
    return Finding(
        rule=rule, object=name, severity=severity, title=f"{name} {said} {amounts} in {each.month:%B %Y}",
        remedy=f"look at what {each.measure.scope} costs since (docs/queries/costs-by-driver.sql); where it was undone: {end}",
        details={"month": str(each.month), "note": "; ".join(each.notes)},
    )  # fmt: skip


def _amount(each: Saved) -> str:
    return money(each.saved or Decimal(0), each.measure.currency)


def _interval(each: Saved) -> str:
    return f"{each.low:,.2f} to {each.high:,.2f}"
