"""What a day cost, beside the week and the month before, by service, account and tag."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.costs.spend_compared import Limits, compared, rises, same_day_last_month
from upkeep.duty import check
from upkeep.humanize import money
from upkeep.ledger.series import SpendDay, known_by, spend_days
from upkeep.ledger.splitting import split
from upkeep.record import Record
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class SpendShare(Record):
    """What one value of a tag cost on a day, with its part of shared costs."""

    table: ClassVar[str] = "spend_share"

    day: date
    tag_key: str
    kind: str
    tag_value: str
    currency: str
    own_cost: Decimal
    shared_cost: Decimal
    total_cost: Decimal


@check(Cadence.DAILY, owner="costs", after=("import_costs",))
def spend(
    account: Account,
    rows: Rows,
    window: Window,
    *,
    lag_days: int = 2,
    more_share: float = 0.5,
    min_amount: float = 10,
    high_amount: float = 500,
    unallocated_share: float = 0.3,
) -> Answer:
    """
    What a day cost, beside the week and the month before, by service, account and tag.

    Judged is the newest day that providers have usually told whole: `lag_days` before the end of the window (UTC). Something
    costs more when it rose by `min_amount` and by `more_share` over both the same weekday and the same day of the month before,
    without credits and taxes; a new service counts from 0. For each declared tag: which share of the cost has no value, and what
    each value cost with its part of shared costs (`upkeep.spend_share`), which add up to the day. Of the ledger that counts
    which was known a day after the window, so that a window always gives the same; amounts of two currencies are never added.
    """
    day = (window.end - timedelta(microseconds=1)).date() - timedelta(days=lag_days)
    days = spend_days(rows, account.name, day - _BACK, day, known_by(window))
    today = [each for each in days if each.day == day]
    if not today:
        return _unknown(account, days, day)
    limits = Limits(more_share, Decimal(str(min_amount)), Decimal(str(high_amount)))
    unallocated = [found for key in account.tag_keys for found in _unallocated(today, key, unallocated_share, limits)]
    return Answer.judged(
        _summary(today, day) + ("" if _has_earlier(days, day) else "; no earlier day is known to compare it with"),
        findings=[*_rises(account, days, day, limits), *(finding for _, finding in unallocated if finding)],
        metrics=[metric for metric, _ in unallocated],
        evidence={"day": str(day), "provisional": any(each.provisional for each in today)},
        records=[record for key in account.tag_keys for record in _shares(account, today, key, day)],
    )


def _unknown(account: Account, days: Sequence[SpendDay], day: date) -> Answer:
    newest = max((each.day for each in days), default=None)
    known = f"the newest day is {newest}" if newest else "nothing of the month before it either"
    remedy = "see import_costs and bill_quality of this account, or raise lag_days if its provider is always later"
    return Answer.unknown(f"no costs of {account.name} are known for {day}: {known}", remedy)


def _summary(today: Sequence[SpendDay], day: date) -> str:
    parts = []
    for currency in sorted({each.currency for each in today}):
        ours = [each for each in today if each.currency == currency]
        gross = sum((each.gross or Decimal(0) for each in ours), Decimal(0))
        net = sum((each.net for each in ours), Decimal(0))
        parts.append(f"{money(gross, currency)} ({money(net, currency)} with credits and taxes)")
    estimate = ", in part an estimate of the provider" if any(each.provisional for each in today) else ""
    return f"{day}: {', '.join(parts)}{estimate}"


def _has_earlier(days: Sequence[SpendDay], day: date) -> bool:
    return not {each.day for each in days}.isdisjoint({day - timedelta(days=7), same_day_last_month(day)})


def _rises(account: Account, days: Sequence[SpendDay], day: date, limits: Limits) -> Iterator[Finding]:
    yield from rises(compared(days, day, lambda each: each.service), "service", limits)
    yield from rises(compared(days, day, lambda each: each.sub_account), "account", limits)
    for key in account.tag_keys:
        yield from rises(compared(days, day, lambda each, key=key: _tagged(each, key)), "tag", limits)  # type: ignore[misc]


def _tagged(day: SpendDay, key: str) -> str | None:
    return f"{key}={day.tags[key]}" if key in day.tags else None


def _unallocated(today: Sequence[SpendDay], key: str, limit: float, limits: Limits) -> Iterator[tuple[Metric, Finding | None]]:
    for currency in sorted({each.currency for each in today}):
        ours = [each for each in today if each.currency == currency and each.gross]
        whole = sum((each.gross or Decimal(0) for each in ours), Decimal(0))
        without = sum((each.gross or Decimal(0) for each in ours if key not in each.tags), Decimal(0))
        if whole <= 0:
            continue
        share = float(without / whole)
        metric = Metric(
            name="unallocated", value=share, unit=Unit.SHARE, labels={"tag": key, "currency": currency},
            numerator=float(without), denominator=float(whole), n=len(ours),
        )  # fmt: skip
        bad = share > limit and without >= limits.min_amount
        yield metric, _no_tag(key, currency, without, whole, limit) if bad else None


def _no_tag(key: str, currency: str, without: Decimal, whole: Decimal, limit: float) -> Finding:
    share = float(without / whole)
    return Finding(
        rule="unallocated", object=f"{key} ({currency})", severity=Severity.LOW,
        title=f"{money(without, currency)} of {money(whole, currency)} have no tag {key} ({share:.0%}, limit {limit:.0%})",
        remedy=f"tag the resources, or activate {key} as a cost allocation tag; what serves all may be declared as shared",
        value=share, limit=limit, unit=Unit.SHARE,
    )  # fmt: skip


def _shares(account: Account, today: Sequence[SpendDay], key: str, day: date) -> Iterator[SpendShare]:
    for share in split(today, key, account.shared):
        yield SpendShare(day, key, share.kind, share.value, share.currency, share.own, share.shared, share.total)
