"""Why a month cost more or less than the one before: price, usage, mix."""

from collections import defaultdict
from datetime import date, timedelta

from upkeep.humanize import money
from upkeep.ledger.scope_costs import days_of, months_ago
from upkeep.ledger.series import Series, daily_series
from upkeep.ledger.spend_drivers import PARTS, Drivers, drivers
from upkeep.reports.cost_review.about import About
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows

_COLUMNS = ("account", "service", "difference:", "price:", "usage:", "mix:", "new, gone or without quantity:")
_MOST = 20
Found = tuple[str, str, str, Drivers]


def driver_section(rows: Rows, about: About) -> Section | None:
    """Each service beside as many days of the month before, the largest difference first; None without two whole months."""
    if about.month is None:
        return None
    before = months_ago(about.month, 1)
    whole = {x.account for x in about.spend if x.month == before and x.whole}
    accounts = sorted({x.account for x in about.spend if x.month == about.month and x.whole} & whole)
    found = [each for account in accounts for each in _of_account(rows, about, account, about.month, before)]
    if not found:
        return None
    services = sorted((x for x in found if x[1]), key=lambda x: (-abs(x[3].difference), x[0], x[1], x[2]))
    text = f"{about.month:%B %Y} beside as many days of {before:%B %Y}, without credits and taxes: "
    told = "; ".join(_sentence(each) for each in found if not each[1])
    return Section(title="Drivers", text=text + told, columns=_COLUMNS, rows=tuple(map(_row, services[:_MOST])))


def _of_account(rows: Rows, about: About, account: str, month: date, before: date) -> list[Found]:
    """The account as a whole, for which the service is empty, and each service; every currency apart."""
    last = month + timedelta(days=days_of(month) - 1)
    series = daily_series(rows, account, before, last, about.known_by)
    parts: dict[tuple[str, str], list[Series]] = defaultdict(list)
    for one in series:
        parts[one.currency, ""].append(one)
        parts[one.currency, one.service].append(one)
    days = tuple({month + timedelta(days=n) for n in range(days_of(month))} for month in (month, before))
    return [(account, service, currency, drivers(ours, *days)) for (currency, service), ours in sorted(parts.items())]


def _sentence(found: Found) -> str:
    account, _, currency, by = found
    parts = (("price", by.price), ("usage", by.usage), ("mix", by.mix), ("other", by.other))
    told = ", ".join(f"{name} {amount:+,.2f}" for name, amount in parts)
    return f"{account} {by.difference:+,.2f} {currency} ({told})"


def _row(found: Found) -> tuple[str, ...]:
    account, service, currency, by = found
    return (account, service, *(money(getattr(by, name), currency) for name in PARTS))
