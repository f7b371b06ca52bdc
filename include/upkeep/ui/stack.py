"""Costs by month as stacked bars, and what belongs under them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

SHOWN = 7
OTHERS = "other services"
NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A service's part of a month's bar: `y` and `height` in hundredths of the plot, `tone` the number of its colour."""

    service: str
    cost: Decimal
    tone: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One month. `restated` are the differences that were told of it after it was closed."""

    month: date
    total: Decimal
    pieces: Sequence[Piece]
    restated: Sequence[Any]

    @property
    def last(self) -> date:
        """Its last day."""
        return date.fromordinal(next_month(self.month).toordinal() - 1)

    def cost_of(self, service: str) -> Decimal | None:
        """What a service came to; None where it has nothing."""
        return next((piece.cost for piece in self.pieces if piece.service == service), None)


@dataclass(frozen=True, slots=True)
class Stack:
    """Bars of all months, the colours of services, and where zero lies, in hundredths from above."""

    bars: Sequence[Bar]
    services: Sequence[tuple[str, int, Decimal]]
    zero: float


def next_month(month: date) -> date:
    """The first of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_back(month: date, months: int) -> date:
    """The first of a month so many months before."""
    count = month.year * 12 + month.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def stack(rows: Sequence[Any], restated: Sequence[Any], until: date) -> Stack:
    """Bars of one currency's rows (month, service, cost), the oldest month to that of `until`; the smallest services as one."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        totals[row.service] += abs(row.cost)
    largest = sorted(totals.keys() - {OTHERS}, key=lambda name: (-totals[name], name))
    named = largest if len(largest) <= SHOWN + 1 else largest[:SHOWN]
    tones = {name: place + 1 for place, name in enumerate(named)}
    costs = _by_month(rows, tones)
    months = list(_months(min(costs, default=until.replace(day=1)), until))
    up = max((sum((c for c in costs[m].values() if c > 0), NONE) for m in months), default=NONE)
    down = max((-sum((c for c in costs[m].values() if c < 0), NONE) for m in months), default=NONE)
    whole = float(up + down) or 1.0
    zero = 100 * float(up) / whole
    bars = [_bar(month, costs[month], tones, zero, whole, restated) for month in months]
    sums = {name: sum((costs[month][name] for month in months if name in costs[month]), NONE) for name in (*tones, OTHERS)}
    here = [*tones, *([OTHERS] if len(named) < len(totals) else [])]
    return Stack(bars, [(name, tones.get(name, SHOWN + 1), sums[name]) for name in here], zero)


def _by_month(rows: Sequence[Any], tones: Mapping[str, int]) -> dict[date, dict[str, Decimal]]:
    costs: dict[date, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        name = row.service if row.service in tones else OTHERS
        costs[row.month][name] = costs[row.month].get(name, NONE) + row.cost
    return costs


def _months(first: date, until: date) -> Iterator[date]:
    month = first
    while month <= until:
        yield month
        month = next_month(month)


def _bar(
    month: date, costs: Mapping[str, Decimal], tones: Mapping[str, int], zero: float, whole: float, restated: Sequence[Any]
) -> Bar:
    pieces, above, below = [], zero, zero
    for name in sorted(costs, key=lambda each: tones.get(each, SHOWN + 1)):
        height = 100 * abs(float(costs[name])) / whole
        above -= height if costs[name] > 0 else 0
        top = above if costs[name] > 0 else below
        pieces.append(Piece(name, costs[name], tones.get(name, SHOWN + 1), round(top, 3), round(height, 3)))
        below += height if costs[name] < 0 else 0
    return Bar(month, sum(costs.values(), NONE), pieces, [one for one in restated if one.month == month])
