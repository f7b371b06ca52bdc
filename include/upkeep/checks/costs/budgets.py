"""Budgets of the month: what was spent, how fast, and what the month will come to."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import money, plural
from upkeep.ledger.series import SpendDay, known_by, spend_days
from upkeep.record import Record
from upkeep.sources.rows import Rows
from upkeep.stats.total_ahead import Total, needed, total_ahead
from upkeep.targets.account import Account
from upkeep.targets.cost_rules import Budget
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_PAST = timedelta(days=120)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class BudgetForecast(Record):
    """What a budget's month has come to, and will come to; bounds are None where the past is too short."""

    table: ClassVar[str] = "budget_forecast"

    budget: str
    month: date
    currency: str
    amount: Decimal
    spent: Decimal
    last_day: date
    days_left: int
    low: Decimal | None
    middle: Decimal | None
    high: Decimal | None
    cover: float | None
    n: int | None


@check(Cadence.DAILY, owner="costs", after=("import_costs",))
def budgets(account: Account, rows: Rows, window: Window, *, lag_days: int = 2, sure_share: float = 0.8) -> Answer:
    """
    Budgets of the month: what was spent, how fast, and what the month will come to.

    Counted is effective cost with credits and taxes, in the account's currency, up to the newest day that is told whole
    (`lag_days` before the window's end). The rest of the month is foretold by weekday from the last four weeks; the bounds hold
    `sure_share` of the time, measured on totals of as many days in the account's own past. A budget that is spent is urgent,
    one that will be when even the lower bound is above it; one whose middle is above it is said. Where the past is too short for
    a forecast that is said, and only what was spent is judged. Without any cost known this month a budget is unknown.
    """
    end = (window.end - timedelta(microseconds=1)).date() - timedelta(days=lag_days)
    if not account.budgets:
        return Answer.judged(f"{account.name} has no budgets in the inventory")
    days = spend_days(rows, account.name, end - _PAST, end, known_by(window))
    ours = [each for each in days if each.currency == account.currency]
    found = [made for budget in account.budgets if (made := _forecast(account, budget, ours, end, sure_share))]
    if not found:
        reason = f"no costs of {account.name} in {account.currency} are known for {end:%B %Y} up to {end}"
        return Answer.unknown(reason, "see bill_quality of this account, and its currency and budgets in the inventory")
    return Answer.judged(
        _summary(account, found),
        findings=[finding for each in found for finding in _findings(each)],
        metrics=[metric for each in found for metric in _metrics(each)],
        records=found,
    )


def _forecast(account: Account, budget: Budget, days: Sequence[SpendDay], end: date, cover: float) -> BudgetForecast | None:
    month = end.replace(day=1)
    if budget.since and budget.since > end:
        return None
    if not any(each.day >= month for each in days):
        return None
    ours = [each for each in days if _counts(budget, each)]
    spent = sum((each.net for each in ours if each.day >= month), Decimal(0))
    left = monthrange(end.year, end.month)[1] - end.day
    ahead = total_ahead(_daily(days, ours, end), left, cover)
    bounds = _bounds(spent, ahead)
    return BudgetForecast(
        budget.name, month, account.currency, budget.amount, spent, end, left, *bounds,
        ahead.cover if ahead else None, ahead.n if ahead else None,
    )  # fmt: skip


def _counts(budget: Budget, day: SpendDay) -> bool:
    fits = budget.service in {None, day.service} and budget.sub_account in {None, day.sub_account}
    return fits and all(day.tags.get(key) == value for key, value in budget.tag.items())


def _daily(days: Sequence[SpendDay], ours: Sequence[SpendDay], end: date) -> list[float]:
    """What each day cost from the account's first known day on; a forecast is no amount, so floating point will do."""
    first = min(each.day for each in days)
    by_day = dict.fromkeys((first + timedelta(days=n) for n in range((end - first).days + 1)), 0.0)
    for each in ours:
        by_day[each.day] += float(each.net)
    return list(by_day.values())


def _bounds(spent: Decimal, ahead: Total | None) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    if ahead is None:
        return None, None, None
    low, middle, high = (spent + Decimal(str(value)).quantize(_CENT) for value in (ahead.low, ahead.middle, ahead.high))
    return low, middle, high


def _findings(each: BudgetForecast) -> Iterator[Finding]:
    spent, amount = money(each.spent, each.currency), money(each.amount, each.currency)
    if each.spent > each.amount:
        yield _finding(
            each, "budget_spent", Severity.HIGH, f"{each.budget}: {spent} spent by {each.last_day}, of {amount}", each.spent
        )
    elif each.middle is not None and each.low is not None and each.middle > each.amount:
        sure = each.low > each.amount
        message = f"{each.budget}: {each.month:%B} will come to {_interval(each)}, of {amount}; {spent} spent by {each.last_day}"
        yield _finding(each, "budget_will_be_spent", Severity.HIGH if sure else Severity.MEDIUM, message, each.middle)


def _finding(each: BudgetForecast, rule: str, severity: Severity, title: str, total: Decimal) -> Finding:
    remedy = "see what rose (check spend, upkeep.spend_now by service), then spend less or change the budget in the inventory"
    return Finding(
        rule=rule, object=each.budget, severity=severity, title=title, remedy=remedy,
        value=float(total / each.amount), limit=1.0, unit=Unit.SHARE, details={"month": str(each.month)},
    )  # fmt: skip


def _interval(each: BudgetForecast) -> str:
    return f"{each.middle:,.2f} ({each.low:,.2f} to {each.high:,.2f}) {each.currency}"


def _metrics(each: BudgetForecast) -> Iterator[Metric]:
    labels, amount, n = {"budget": each.budget, "currency": each.currency}, float(each.amount), each.last_day.day
    yield _share("budget_spent", labels, float(each.spent), amount, n)
    elapsed = amount * n / (n + each.days_left)
    yield Metric(
        name="budget_burn", value=float(each.spent) / elapsed, unit=Unit.TIMES, labels=labels,
        numerator=float(each.spent), denominator=elapsed, n=n,
    )  # fmt: skip
    if each.middle is not None:
        yield _share("budget_expected", labels, float(each.middle), amount, each.n or 0)


def _share(name: str, labels: dict[str, str], part: float, whole: float, n: int) -> Metric:
    return Metric(name=name, value=part / whole, unit=Unit.SHARE, labels=labels, numerator=part, denominator=whole, n=n)


def _summary(account: Account, found: Sequence[BudgetForecast]) -> str:
    last = found[0]
    over = sum(each.spent > each.amount for each in found)
    short = [each for each in found if each.middle is None]
    message = f"{plural(len(found), 'budget')} of {account.name} up to {last.last_day}, {over} spent"
    if short:
        names = ", ".join(each.budget for each in short[:3])
        message += f"; no forecast yet for {names}: {needed(last.days_left)} days of past are needed"
    return message
