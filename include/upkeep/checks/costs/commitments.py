"""Reservations and savings plans: used, covering, paying, ending."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.costs import coverage
from upkeep.checks.costs.asked_commitments import asked
from upkeep.duty import check
from upkeep.humanize import money, plural
from upkeep.ledger.entry import Days
from upkeep.ledger.series import SpendDay, known_by, spend_days
from upkeep.record import Record
from upkeep.sources.connections import Connections
from upkeep.sources.explorer_commitments import CURRENCY
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.units import Unit
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Use:
    """One commitment over the days looked at; `without_it` is None where the source does not tell all prices."""

    commitment: str
    currency: str
    used: Decimal
    unused: Decimal
    without_it: Decimal | None
    days: int

    @property
    def paid(self) -> Decimal:
        """Used and unused together."""
        return self.used + self.unused

    @property
    def break_even(self) -> float | None:
        """The utilisation from which it costs less than paying on demand; None where prices are not told."""
        return float(self.used / self.without_it) if self.without_it else None


@dataclass(frozen=True, slots=True)
class CommitmentUse(Record):
    """How far a commitment was used, and whether it paid."""

    table: ClassVar[str] = "commitment_use"

    commitment: str
    currency: str
    used_cost: Decimal
    unused_cost: Decimal
    without_it: Decimal | None
    days: int
    ends: date | None


@check(Cadence.WEEKLY, owner="costs")
def commitments(
    account: Account,
    rows: Rows,
    window: Window,
    connections: Connections,
    *,
    look_days: int = 30,
    lag_days: int = 2,
    used_share: float = 0.9,
    covered_share: float = 0.5,
    min_amount: float = 50,
    ends_days: int = 60,
) -> Answer:
    """
    Reservations and savings plans: used, covering, paying, ending.

    Over `look_days` up to the newest whole day: which share of each commitment was used; whether it cost more than the same use
    would have at contracted prices (its break-even), where the source tells them; which share of the services that have
    commitments they cover, spot apart; and which end within `ends_days`, where the inventory says when (`commitments`), since no
    export does. Less than `min_amount` of waste or of cost on demand is passed over. A bill by Cost Explorer names no
    commitments: AWS is asked, at most 40 times (0.01 USD each). Unknown where the ledger has no costs.
    """
    end = (window.end - timedelta(microseconds=1)).date() - timedelta(days=lag_days)
    span = Days(end - timedelta(days=look_days - 1), end)
    days = spend_days(rows, account.name, span.first, span.last, known_by(window))
    if not days:
        return Answer.unknown(f"the ledger has no costs of {account.name} up to {end}", "see bill_quality of this account")
    found, covered, ends = _uses(account, rows, connections, days, span, known_by(window))
    least = Decimal(str(min_amount))
    return Answer.judged(
        f"{plural(len(found), 'commitment')} of {account.name} in {look_days} days up to {end}" + _undated(found, ends),
        findings=[
            *(finding for use in found for finding in _findings(use, used_share, least, look_days)),
            *coverage.findings(covered, covered_share, least),
            *_ending(ends, end, ends_days),
        ],
        metrics=[*(metric for use in found for metric in _metrics(use)), *coverage.metrics(covered)],
        records=[_record(use, ends.get(use.commitment)) for use in found],
    )


def _uses(
    account: Account, rows: Rows, connections: Connections, days: Sequence[SpendDay], span: Days, by: datetime
) -> tuple[list[Use], list[coverage.Covered], Mapping[str, date]]:
    """Uses, what they cover, and when each ends, by what the account's bill or AWS says and by the inventory."""
    ends = {each.id: each.ends for each in account.commitments}
    if account.source != "cost_explorer":
        about = {"account": account.name, "first": span.first, "last": span.last, "known_by": by}
        return rows(__file__, Use, about), coverage.coverage(rows, about), ends
    told, covered = asked(account, connections, days, span)
    length = (span.last - span.first).days + 1
    found = [Use(each.name, CURRENCY, each.used, each.unused, each.on_demand, length) for each in told]
    return found, covered, {each.name: each.ends for each in told if each.ends} | ends


def _undated(found: Sequence[Use], ends: Mapping[str, date]) -> str:
    names = [use.commitment for use in found if use.commitment not in ends]
    verb = "ends" if len(names) == 1 else "end"
    return f"; the inventory does not say when {', '.join(names[:3])} {verb}" if names else ""


def _record(use: Use, ends: date | None) -> CommitmentUse:
    return CommitmentUse(use.commitment, use.currency, use.used, use.unused, use.without_it, use.days, ends)


def _metrics(use: Use) -> Iterator[Metric]:
    labels = {"commitment": use.commitment, "currency": use.currency}
    if use.paid > 0:
        yield Metric(
            name="commitment_used", value=float(use.used / use.paid), unit=Unit.SHARE, labels=labels,
            numerator=float(use.used), denominator=float(use.paid), n=use.days,
        )  # fmt: skip
    if use.break_even is not None:
        yield Metric(
            name="commitment_break_even", value=use.break_even, unit=Unit.SHARE, labels=labels,
            numerator=float(use.used), denominator=float(use.without_it or 0), n=use.days,
        )  # fmt: skip


def _findings(use: Use, least: float, min_amount: Decimal, days: int) -> Iterator[Finding]:
    if use.paid <= 0 or use.unused < min_amount:
        return
    share, name = float(use.used / use.paid), f"{use.commitment} ({use.currency})"
    paid = f"{money(use.unused, use.currency)} of {money(use.paid, use.currency)}"
    if use.without_it is not None and use.paid > use.without_it:
        yield Finding(
            rule="commitment_loses", object=name, severity=Severity.HIGH,
            title=f"{use.commitment} cost {money(use.paid, use.currency)} in {days} days; its use would have cost "
            f"{money(use.without_it, use.currency)} without it ({paid} unused)",
            remedy="move use to what it covers, exchange or sell it; do not renew it as it is",
            value=share, limit=use.break_even, unit=Unit.SHARE,
        )  # fmt: skip
    elif share < least:
        yield Finding(
            rule="commitment_unused", object=name, severity=Severity.MEDIUM,
            title=f"{share:.0%} of {use.commitment} was used in {days} days (limit {least:.0%}): {paid} unused",
            remedy="move use to what it covers, or exchange it",
            value=share, limit=least, unit=Unit.SHARE,
        )  # fmt: skip


def _ending(ends: Mapping[str, date], end: date, within: int) -> Iterator[Finding]:
    for name, last in ends.items():
        left = (last - end).days
        if 0 <= left <= within:
            yield Finding(
                rule="commitment_ends", object=name, severity=Severity.MEDIUM,
                title=f"{name} ends on {last}, in {plural(left, 'day')}: its use is then paid on demand",
                remedy="decide whether to renew it, by how far it was used (upkeep.commitment_use)",
                value=left, limit=within, unit=Unit.DAYS,
                due_by=datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1),
            )  # fmt: skip
