"""What every bill cost in a week or month, beside the one before, with what moved it and a line of twelve of them."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from upkeep.ledger.series import known_by
from upkeep.reports.chart import MOST_SERIES, Chart, Series
from upkeep.reports.section import Section, section
from upkeep.reports.spark import spark
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

PERIODS, _MOVERS, _FEW = 12, 10, 3
MOST_CHARTS = 3
OTHERS = "other services"
# A window longer than this is a month.
_WEEK = timedelta(days=10)
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a service cost in a period; 0 is the window, 1 the one before. `days` are those that have a charge."""

    target: str
    currency: str
    service: str
    period: int
    cost: Decimal
    days: int


@dataclass(frozen=True)
class Bill:
    """One bill in one currency."""

    target: str
    currency: str
    costs: Sequence[Cost]

    def total(self, period: int) -> Decimal:
        """What a period came to."""
        return sum((each.cost for each in self.costs if each.period == period), _NONE)

    def periods(self) -> range:
        """The periods from the first known on, the oldest first."""
        return range(max(each.period for each in self.costs), -1, -1)

    def line(self) -> str:
        """Them as blocks."""
        return spark([float(self.total(period)) for period in self.periods()])

    def series(self) -> tuple[Series, ...]:
        """What the largest services cost in each of them, and all others together."""
        sizes: dict[str, Decimal] = defaultdict(Decimal)
        for each in self.costs:
            sizes[each.service] += abs(each.cost)
        largest = sorted(sizes, key=lambda name: (-sizes[name], name))
        shown = largest if len(largest) <= MOST_SERIES else largest[: MOST_SERIES - 1]
        amounts: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for each in self.costs:
            amounts[each.service if each.service in shown else OTHERS, each.period] += each.cost
        names = [*shown, OTHERS] if len(shown) < len(largest) else shown
        return tuple(Series(name, tuple(float(amounts[name, period]) for period in self.periods())) for name in names)

    def moved(self) -> list[tuple[str, Decimal, Decimal]]:
        """Services with what they cost before and now, those that moved most first."""
        both: dict[str, list[Decimal]] = defaultdict(lambda: [_NONE, _NONE])
        for each in self.costs:
            if each.period in {0, 1}:
                both[each.service][1 - each.period] += each.cost
        found = [(name, before, now) for name, (before, now) in both.items() if before != now]
        return sorted(found, key=lambda each: (-abs(each[2] - each[1]), each[0]))


@section(Cadence.WEEKLY, Cadence.MONTHLY)
def costs_digest(rows: Rows, window: Window) -> Section | None:
    """Every bill that has costs in this window or the one before; None when none has."""
    found = rows(__file__, Cost, _params(window))
    bills = [Bill(*key, list(mine)) for key, mine in groupby(found, key=lambda each: (each.target, each.currency))]
    told = [bill for bill in bills if any(each.period <= 1 for each in bill.costs)]
    if not told:
        return None
    span = "month" if _is_month(window) else "week"
    return Section(
        title=f"Costs of the {span}",
        text=". ".join(_text(bill, span) for bill in told),
        columns=("bill", "service", "before:", f"this {span}:", "change:"),
        rows=tuple(row for bill in told for row in _rows(bill)),
        page="costs",
        charts=tuple(_chart(bill, window) for bill in told[:MOST_CHARTS] if any(each.cost for each in bill.costs)),
    )


def _is_month(window: Window) -> bool:
    return window.length > _WEEK


def _params(window: Window) -> Mapping[str, object]:
    last = (window.end - timedelta(microseconds=1)).date()
    first = last - timedelta(days=7 * PERIODS - 1)
    if _is_month(window):
        count = last.year * 12 + last.month - PERIODS
        first = date(count // 12, count % 12 + 1, 1)
        last = last.replace(day=monthrange(last.year, last.month)[1])
    return {"first": first, "last": last, "monthly": _is_month(window), "known_by": known_by(window)}


def _chart(bill: Bill, window: Window) -> Chart:
    span = "month" if _is_month(window) else "week"
    return Chart(
        title=f"Costs of {bill.target} by service",
        text=f"Stacked bars of {PERIODS} {span}s at most. {_text(bill, span)}",
        unit=f"{bill.currency} a {span}",
        kind="stacked",
        labels=tuple(_label(window, period) for period in bill.periods()),
        series=bill.series(),
    )


def _label(window: Window, period: int) -> str:
    """The month, or the first day of the week."""
    last = (window.end - timedelta(microseconds=1)).date()
    if not _is_month(window):
        return f"{last - timedelta(days=7 * period + 6):%d %b}"
    count = last.year * 12 + last.month - 1 - period
    return f"{date(count // 12, count % 12 + 1, 1):%b %y}"


def _text(bill: Bill, span: str) -> str:
    now, before = bill.total(0), bill.total(1)
    text = f"{bill.target} {now:,.2f} {bill.currency}"
    if any(each.period == 1 for each in bill.costs):
        change = f" ({now / before - 1:+.1%})".replace("%", " %") if before > 0 else ""
        text += f", {now - before:+,.2f}{change} against the {span} before"
    else:
        text += f"; nothing is known of the {span} before"
    moved = ", ".join(f"{name} {after - then:+,.2f}" for name, then, after in bill.moved()[:_FEW])
    return f"{text} {bill.line()}" + (f"; most: {moved}" if moved else "")


def _rows(bill: Bill) -> Iterator[tuple[str, ...]]:
    name = f"{bill.target} ({bill.currency})"
    yield name, "all", *_amounts(bill.total(1), bill.total(0))
    for service, before, now in bill.moved()[:_MOVERS]:
        yield name, service, *_amounts(before, now)


def _amounts(before: Decimal, now: Decimal) -> tuple[str, str, str]:
    return f"{before:,.2f}", f"{now:,.2f}", f"{now - before:+,.2f}"
