"""One cost is saved once: of several rules that would save it, the one that saves most has it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from upkeep.opportunities.rule import Rule, Saving


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a rule found in a region; `also` names rules that had the same cost in view and gave way."""

    rule: Rule
    region: str
    saving: Saving
    also: tuple[str, ...] = ()

    @property
    def costs(self) -> set[tuple[str, str]]:
        """The costs that it claims."""
        return {(self.region, claim) for claim in self.saving.claims}


def one_claim_each(found: Iterable[Claimed]) -> list[Claimed]:
    """Those that have their costs to themselves, the largest first; equal ones by rule and resource."""
    kept: list[Claimed] = []
    for each in sorted(found, key=lambda one: (-one.saving.price.expected, one.rule.name, one.region, one.saving.resource)):
        place = next((n for n, other in enumerate(kept) if each.costs & other.costs), None)
        if place is None:
            kept.append(each)
        elif each.rule.name not in (kept[place].rule.name, *kept[place].also):
            kept[place] = replace(kept[place], also=(*kept[place].also, each.rule.name))
    return kept
