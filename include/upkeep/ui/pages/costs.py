"""Costs: what a bill comes to by month, what is unusual about it, what could be saved and what was."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.ui import links
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.render import Missing, show
from upkeep.ui.stack import month_back, stack

router = APIRouter()
NAVIGATION = Entry("costs", "Costs", place=57, templates=("costs", "costs_none", "spend"))
SIZE, MONTHS = 25, 12
DUTIES = ("import_costs", "bill_quality", "budgets", "spend_anomalies", "opportunities", "savings")
DRIVERS = {"price": "price", "usage": "use", "mix": "the mix of what is used", "other": "what is new, gone or has no quantity"}
UNITS = ((10**9, 10**9, "G"), (10**6, 10**6, "M"), (10**4, 10**3, "k"))


@router.get("/costs", response_class=HTMLResponse)
def costs(request: Request, rows: Snapshot, account: Word = None, currency: Word = None, page: Number = 1) -> HTMLResponse:
    """One bill in one currency: amounts of two are never added."""
    bills = rows("costs_accounts")
    bill = next((one for one in bills if one.name == account or not account), None)
    if bill is None:
        return _nothing(request, account, [one.name for one in bills])
    newest = bill.newest_day or moment().date()
    since = month_back(newest.replace(day=1), MONTHS)
    months = rows("costs_months", account=bill.name, since=since)
    currencies = _currencies(months)
    chosen = currency if currency in currencies else currencies[0] if currencies else "USD"
    about = {"account": bill.name, "currency": chosen}
    restated = rows("costs_restated", since=since, **about)
    found = rows("costs_opportunities", limit=SIZE, offset=(page - 1) * SIZE, **about)
    said = {one.duty: one for one in rows("costs_answers", account=bill.name, duties=list(DUTIES))}
    return show(
        request, "costs", bill=bill, bills=[one.name for one in bills], currency=chosen, currencies=currencies,
        stack=stack([one for one in months if one.currency == chosen], restated, newest), restated=restated, said=said,
        budgets=rows("costs_budgets", **about), anomalies=rows("costs_anomalies", **about), found=found,
        savings=rows("costs_savings", **about), slice=Slice(page, SIZE, total(found)), driver=driver, short=short,
        spend=spend_of(bill.name, chosen), made_up=rows.one("made_up").until,
        links=linking("costs", {"account": bill.name if account else None, "currency": chosen if currency else None}),
    )  # fmt: skip


def spend_of(account: str, currency: str) -> Any:
    """A function that gives the address of a part of this bill."""

    def part(first: date, last: date, **more: Any) -> str:
        return links.page("spend", account=account, currency=currency, first=first, last=last, **more)

    return part


def driver(anomaly: Any) -> str:
    """What drove most of it, in words; empty where there was nothing to compare with."""
    parts = {name: getattr(anomaly, name) for name in DRIVERS if getattr(anomaly, name) is not None}
    if not any(parts.values()):
        return ""
    main = max(parts, key=lambda name: abs(parts[name]))
    return f"mostly {DRIVERS[main]} ({parts[main]:+,.2f} of {anomaly.difference:+,.2f})"


def short(amount: Decimal) -> str:
    """An amount in the few digits that fit under a bar."""
    for least, unit, sign in UNITS:
        if abs(amount) >= least:
            return f"{amount / unit:,.1f} {sign}"
    return f"{amount:,.0f}"


def _currencies(months: Sequence[Any]) -> list[str]:
    """Those of the bill, the one with most entries first: amounts of two cannot be compared."""
    entries: dict[str, int] = {}
    for one in months:
        entries[one.currency] = entries.get(one.currency, 0) + int(one.entries)
    return sorted(entries, key=lambda name: (-entries[name], name))


def _nothing(request: Request, account: str | None, names: Sequence[str]) -> HTMLResponse:
    if account:
        near = links.near(account, names, "costs", "account")
        raise Missing("No such bill", f'Neither the inventory nor the ledger has an account called "{account}".', near)
    return show(request, "costs_none")
