"""Thirteen months of each account."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from upkeep.humanize import money
from upkeep.ledger.scope_costs import days_of, months_ago
from upkeep.reports.cost_review.about import MONTHS, About
from upkeep.reports.one_currency import total
from upkeep.reports.section import Section
from upkeep.reports.spark import spark

_COLUMNS = ("account", "currency", "thirteen months", "month", "cost:", "month before:", "change:", "a year before:")
Costs = dict[date, Decimal]


def trend(about: About) -> Section:
    """The newest whole month beside the one before and a year ago, with the months between as a line."""
    table = [_row(account, currency, costs, about) for (account, currency), costs in sorted(_by_month(about).items())]
    return Section(title="Trend", text=trend_text(about), columns=_COLUMNS, rows=tuple(table))


def trend_text(about: About) -> str:
    """Such as "1,234.00 USD in September 2026 (+3.1 %) ▂▃▄▅; October 2026 has 30 of 31 days"."""
    if about.month is None:
        return f"no month up to {about.asked:%B %Y} is known whole{_missing(about)}"
    now, before = (_sums(about, month) for month in (about.month, months_ago(about.month, 1)))
    parts = [f"{total(now, about.rates, about.last)} in {about.month:%B %Y}", *_changes(now, before)]
    return ", ".join(parts) + _line(about) + _missing(about)


def _changes(now: dict[str, Decimal], before: dict[str, Decimal]) -> Iterator[str]:
    for currency, amount in sorted(now.items()):
        if was := before.get(currency):
            yield f"{(amount - was) / abs(was) * 100:+.1f} % on the month before" + (f" in {currency}" if len(now) > 1 else "")


def _line(about: About) -> str:
    """The months up to the newest whole one, where all is one currency."""
    currencies = {each.currency for each in about.spend}
    if len(currencies) != 1 or about.month is None:
        return ""
    sums = [_sums(about, months_ago(about.month, n)) for n in range(MONTHS - 1, -1, -1)]
    values = [float(amount) for each in sums for amount in each.values()]
    return f" {spark(values)}" if len(values) > 1 else ""


def _missing(about: About) -> str:
    short = {x.account: x.days for x in about.spend if x.month == about.asked and not x.whole}
    accounts = {x.account for x in about.spend}
    days = [f"{short.get(name, 0)} of {days_of(about.asked)} days of {name}" for name in sorted(accounts) if _late(about, name)]
    return f"; of {about.asked:%B %Y} {', '.join(days)} are known" if days else ""


def _late(about: About, account: str) -> bool:
    return not any(x.account == account and x.month == about.asked and x.whole for x in about.spend)


def _sums(about: About, month: date) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for each in about.spend:
        if each.month == month:
            found[each.currency] += each.cost
    return dict(found)


def _by_month(about: About) -> dict[tuple[str, str], Costs]:
    found: dict[tuple[str, str], Costs] = defaultdict(dict)
    for each in about.spend:
        if each.whole:
            found[each.account, each.currency][each.month] = each.cost
    return found


def _row(account: str, currency: str, costs: Costs, about: About) -> tuple[str, ...]:
    newest = max(costs)
    now, before, year = (costs.get(months_ago(newest, n)) for n in (0, 1, 12))
    change = f"{(now - before) / abs(before) * 100:+.1f} %" if now is not None and before else ""
    drawn = [float(costs[month]) for n in range(MONTHS - 1, -1, -1) if (month := months_ago(about.asked, n)) in costs]
    amounts = ["" if each is None else money(each, currency) for each in (now, before, year)]
    return (account, currency, spark(drawn), f"{newest:%Y-%m}", amounts[0], amounts[1], change, amounts[2])
