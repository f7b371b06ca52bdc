"""Shared costs split over the values of a tag by declared rules: what is given out and what is left add up to the last digit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from upkeep.ledger.series import SpendDay
from upkeep.targets.cost_rules import SharedCost

_STEP = Decimal("0.000001")
VALUE, UNALLOCATED, RECONCILING = "value", "unallocated", "reconciling"


@dataclass(frozen=True, slots=True)
class Share:
    """What one value of a tag cost. `own` is of charges that have it, `shared` its part of shared costs."""

    kind: str
    value: str
    currency: str
    own: Decimal
    shared: Decimal

    @property
    def total(self) -> Decimal:
        """Both together."""
        return self.own + self.shared


def split(days: Sequence[SpendDay], tag_key: str, rules: Iterable[SharedCost]) -> list[Share]:
    """
    The cost of these days by values of a tag, by currency; a reconciling row holds what no rule could give out.

    A shared service is split even where its charges have the tag. Without values to split over it is left in that row.
    """
    shared = {rule.service: rule for rule in rules if rule.tag_key == tag_key}
    found: list[Share] = []
    for currency in sorted({day.currency for day in days}):
        ours = [day for day in days if day.currency == currency]
        own: dict[str | None, Decimal] = defaultdict(Decimal)
        pots: dict[str, Decimal] = defaultdict(Decimal)
        for day in ours:
            if day.service in shared:
                pots[day.service] += day.net
            else:
                own[day.tags.get(tag_key)] += day.net
        found += _shares(currency, own, pots, shared)
    return found


def _shares(
    currency: str, own: Mapping[str | None, Decimal], pots: Mapping[str, Decimal], rules: Mapping[str, SharedCost]
) -> list[Share]:
    values = {value: cost for value, cost in own.items() if value is not None}
    parts: dict[str, Decimal] = defaultdict(Decimal)
    for service, pot in pots.items():
        for value, part in _given_out(pot, _weights(rules[service], values)).items():
            parts[value] += part
    left = sum(pots.values(), Decimal(0)) - sum(parts.values(), Decimal(0))
    names = sorted({*values, *parts})
    rows = [Share(VALUE, name, currency, values.get(name, Decimal(0)), parts.get(name, Decimal(0))) for name in names]
    if None in own:
        rows.append(Share(UNALLOCATED, "", currency, own[None], Decimal(0)))
    return [*rows, Share(RECONCILING, "", currency, Decimal(0), left)] if pots else rows


def _weights(rule: SharedCost, own: Mapping[str, Decimal]) -> dict[str, Decimal]:
    if rule.parts:
        return {value: Decimal(part) for value, part in rule.parts.items()}
    return {value: cost for value, cost in own.items() if cost > 0}


def _given_out(pot: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    whole = sum(weights.values(), Decimal(0))
    return {value: (pot * weight / whole).quantize(_STEP, ROUND_DOWN) for value, weight in weights.items()} if whole else {}
