"""All rules asked of an account: what each found, what it could not see, and what is too young to be judged."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from upkeep.errors import UpkeepError, known
from upkeep.opportunities.claims import Claimed, one_claim_each
from upkeep.opportunities.rule import Rule, Saving, Unsure, Young
from upkeep.opportunities.view import View
from upkeep.sources.aws_reading import DeniedError


@dataclass(frozen=True, slots=True)
class Blind:
    """
    What a rule could not see in a region (`*`: in all), why, and what would change that.

    `action` is what a policy lacks; `resource` is the one that is not known, None where none was seen.
    """

    rule: str
    region: str
    why: str
    remedy: str = ""
    action: str | None = None
    resource: str | None = None


@dataclass
class Looked:
    """What came of it. `unsure` are single resources of rules that answered."""

    savings: list[Claimed] = field(default_factory=list)
    blind: list[Blind] = field(default_factory=list)
    unsure: list[Blind] = field(default_factory=list)
    too_young: set[tuple[str, str]] = field(default_factory=set)
    asked: int = 0

    @property
    def young(self) -> int:
        """How many resources are not there for long enough."""
        return len(self.too_young)


@dataclass(frozen=True, slots=True)
class Sights:
    """What there is to see: regions and the whole account; why there are no calls, None where there are."""

    regions: Sequence[View]
    whole: View
    no_api: Blind | None = None


def looked_at(rules: Sequence[Rule], sights: Sights) -> Looked:
    """Ask every rule. Nothing that goes wrong in one is in the way of another."""
    found = Looked()
    early = [each for each in rules if not each.late]
    savings = [saving for each in early for saving in _ask(each, sights, found)]
    found.savings = one_claim_each(savings)
    whole = replace(sights.whole, claimed=_claimed(found.savings))
    late = replace(sights, whole=whole)
    found.savings += one_claim_each([saving for each in rules if each.late for saving in _ask(each, late, found)])
    return found


def _ask(rule: Rule, sights: Sights, found: Looked) -> Iterator[Claimed]:
    if rule.looks == "api" and sights.no_api:
        found.blind.append(replace(sights.no_api, rule=rule.name))
        return
    for view in (sights.whole,) if rule.once else sights.regions:
        found.asked += 1
        yield from _outcomes(rule, view, found)


def _outcomes(rule: Rule, view: View, found: Looked) -> Iterator[Claimed]:
    """Savings of one region; what came before an error counts."""
    try:
        for each in rule.look(view):
            if isinstance(each, Young):
                found.too_young.add((view.region, each.resource))
            elif isinstance(each, Unsure):
                remedy = f"allow {each.action}" if each.action else ""
                found.unsure.append(Blind(rule.name, view.region, each.why, remedy, each.action, each.resource))
            elif isinstance(each, Saving):
                yield Claimed(rule, each.region or view.region, each)
    except DeniedError as error:
        found.blind.append(Blind(rule.name, view.region, error.reason, error.remedy, error.action))
    except UpkeepError as error:
        found.blind.append(Blind(rule.name, view.region, str(error), getattr(error, "remedy", "")))
    except Exception as error:  # noqa: BLE001 - what AWS answers may have any form; it is the rule's own
        broken = known(error)
        found.blind.append(Blind(rule.name, view.region, broken.reason, broken.remedy))


def _claimed(savings: Sequence[Claimed]) -> dict[str, Decimal]:
    """Money that is claimed already, by kind of claim and currency."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for each in savings:
        kind = each.saving.claims[0].partition(":")[0]
        found[f"{kind} {each.saving.price.currency}"] += each.saving.price.expected
    return found
