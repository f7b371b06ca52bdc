"""Costs that need somebody: anomalies with their money, budgets, and bills that stopped; nothing is said while all is usual."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from upkeep.humanize import money, plural
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_FEW = 3


@dataclass(frozen=True, slots=True)
class Wrong:
    """
    One thing: an anomaly's money so far and its first day; a budget's amount beside its limit; the days that a bill is late.

    `kind` is anomaly, spent, will be spent or stopped; `currency` is None for a bill.
    """

    kind: str
    target: str
    object: str
    currency: str | None
    amount: Decimal
    limit_amount: Decimal | None
    day: date | None

    @property
    def text(self) -> str:
        """In a few words."""
        if self.kind == "stopped":
            about = "its newest day" if self.object == "newest day" else f"account {self.object}"
            return f"{about} is {plural(int(self.amount), 'day')} old"
        if self.limit_amount is not None:
            return f"{self.object} {money(self.amount, str(self.currency))} of {self.limit_amount:,.2f}"
        return f"{self.object} {self.amount:+,.2f} since {self.day}"


@section(Cadence.DAILY)
def costs_now(rows: Rows, window: Window) -> Section | None:
    """What is wrong with the bills at the end of this window; None when nothing is."""
    found = rows(__file__, Wrong, {"start": window.start, "end": window.end})
    if not found:
        return None
    said = [f"{target}: {'; '.join(_parts(list(mine)))}" for target, mine in groupby(found, key=lambda each: each.target)]
    return Section(
        title="Costs",
        text=". ".join(said),
        columns=("bill", "what", "of", "money:", "since or until"),
        rows=tuple(_row(each) for each in found),
        page="costs",
    )


def _parts(found: Sequence[Wrong]) -> Iterator[str]:
    anomalies = [each for each in found if each.kind == "anomaly"]
    for currency, group in groupby(anomalies, key=lambda each: each.currency):
        mine = list(group)
        total = sum((each.amount for each in mine), Decimal(0))
        many = plural(len(mine), "anomaly", "anomalies")
        yield f"{many}, {total:+,.2f} {currency} so far ({_few(mine)})"
    for kind, words in (("spent", "spent"), ("will be spent", "will be spent"), ("stopped", "the bill stopped")):
        mine = [each for each in found if each.kind == kind]
        if mine:
            yield f"{words}: {_few(mine)}" if kind == "stopped" else f"{plural(len(mine), 'budget')} {words} ({_few(mine)})"


def _few(found: Sequence[Wrong]) -> str:
    left = len(found) - _FEW
    return ", ".join(each.text for each in found[:_FEW]) + (f" and {left:,} more" if left > 0 else "")


def _row(each: Wrong) -> tuple[str, ...]:
    if each.kind == "stopped":
        return each.target, "bill stopped", each.object, "", f"{each.amount:,.0f} days"
    limit = f" of {each.limit_amount:,.2f}" if each.limit_amount is not None else ""
    kind = "anomaly" if each.kind == "anomaly" else f"budget {each.kind}"
    amount = f"{each.amount:+,.2f}" if each.kind == "anomaly" else f"{each.amount:,.2f}"
    return each.target, kind, each.object, f"{amount}{limit} {each.currency}", str(each.day)
