"""What made spend differ: price, usage, or the mix of what was used; the four parts add up exactly."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from upkeep.ledger.series import Series

_EXACT = Decimal("0.000001")
NONE = Decimal(0)
PARTS = ("difference", "price", "usage", "mix", "other")


@dataclass(frozen=True, slots=True)
class Drivers:
    """
    What days cost beyond as many days before, in parts that add up to `difference`.

    `price`: the same use at other prices. `usage`: more or less of the same. `mix`: other shares of dearer and cheaper things.
    `other`: what is new, gone, or has no quantity.
    """

    difference: Decimal
    price: Decimal
    usage: Decimal
    mix: Decimal
    other: Decimal

    @property
    def main(self) -> str:
        """The name of the largest."""
        return max(("usage", "price", "mix", "other"), key=lambda name: abs(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class _Part:
    """Cost and quantity of one series before, brought to as many days, and now."""

    unit: str
    cost_before: Decimal
    cost: Decimal
    quantity_before: Decimal
    quantity: Decimal


def drivers(series: Sequence[Series], now: Collection[date], before: Collection[date]) -> Drivers:
    """What the days `now` cost beyond what as many of the days `before` did. Raises ValueError without days before."""
    if not now or not before:
        raise ValueError("days are compared with days before: give one of each at least")
    parts = [_part(one, now, before) for one in series]
    difference = sum((part.cost - part.cost_before for part in parts), NONE)
    measured = [part for part in parts if part.unit and part.quantity > 0 and part.quantity_before > 0]
    usage, mix = _usage_and_mix(measured)
    other = sum((part.cost - part.cost_before for part in parts if part not in measured), NONE)
    return Drivers(difference, difference - usage - mix - other, usage, mix, other)


def _usage_and_mix(parts: Sequence[_Part]) -> tuple[Decimal, Decimal]:
    """Unit by unit: all use grown alike, and the rest of what the old prices say of the new quantities."""
    usage = at_old_prices = NONE
    for same in _by_unit(parts):
        cost = sum((part.cost_before for part in same), NONE)
        growth = sum((part.quantity for part in same), NONE) / sum((part.quantity_before for part in same), NONE) - 1
        usage += (cost * growth).quantize(_EXACT)
        at_old_prices += sum((part.quantity * part.cost_before / part.quantity_before for part in same), NONE) - cost
    return usage, at_old_prices.quantize(_EXACT) - usage


def _by_unit(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    found: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        found[part.unit].append(part)
    yield from found.values()


def _part(series: Series, now: Collection[date], before: Collection[date]) -> _Part:
    share = Decimal(len(now)) / len(before)
    here = [day for day in series.days if day.day in now or day.day in before]
    units = {unit for day in here for unit in day.units or ()}
    whole = len(units) == 1 and all(day.quantity is not None for day in here)
    cost, quantity = ({True: NONE, False: NONE} for _ in range(2))
    for day in here:
        cost[day.day in now] += day.gross or NONE
        quantity[day.day in now] += day.quantity or NONE
    return _Part(
        unit=units.pop() if whole else "",
        cost_before=(cost[False] * share).quantize(_EXACT),
        cost=cost[True],
        quantity_before=quantity[False] * share,
        quantity=quantity[True],
    )
