"""Which opportunities to take on, decided by the owner of the bill."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from upkeep.answer import Answer
from upkeep.decisions.form import action_fields
from upkeep.decisions.markdown import code, plain
from upkeep.decisions.past import LastSigned, PastDecisions
from upkeep.decisions.question import Effect, Field, Question
from upkeep.duty import review
from upkeep.humanize import money, plural
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.window import Cadence

TAKE, NOT_NOW = "take on", "not now"


@dataclass(frozen=True, slots=True)
class Offer:
    """One opportunity that nobody has taken up; amounts are money a month."""

    key: str
    rule: str
    resource: str
    name: str | None
    low: Decimal
    expected: Decimal
    high: Decimal
    currency: str
    confidence: str
    effort: str
    remedy: str
    seen_until: datetime

    @property
    def title(self) -> str:
        """What it is about."""
        return f"{self.rule}: {self.resource}" + (f" ({self.name})" if self.name else "")

    @property
    def amount(self) -> str:
        """Such as "43.80 EUR a month (30.00 to 50.00)"."""
        return f"{money(self.expected, self.currency)} a month ({self.low:,.2f} to {self.high:,.2f})"


@review(Cadence.MONTHLY, owner="costs", due_days=14)
def opportunities_to_take(
    account: Account, rows: Rows, past: PastDecisions, *, most: int = 10, min_amount: float = 20
) -> Answer | Question:
    """
    Which opportunities to take on, decided by the owner of the bill.

    Shows the `most` largest of at least `min_amount` a month that may be touched and that no measure takes up yet. What is
    taken on becomes work with an owner and a day; it is done once it is declared as a measure (`upkeep cost measure add` with the
    opportunity's key), which is followed from then on, or once the opportunity is gone. What is left is asked again next month.
    """
    offers = rows(__file__, Offer, {"account": account.name, "most": most, "least": min_amount})
    if not offers:
        return Answer.judged(f"no opportunity of {account.name} of {min_amount:g} a month or more waits to be taken on")
    signed = past.last_signed()
    return Question(
        subject=f"Which of {plural(len(offers), 'opportunity', 'opportunities')} of {account.name} are taken on?",
        body="\n".join([_since(offers, signed), "", *_table(offers)]),
        fields=(*(_field(account, number, offer) for number, offer in enumerate(offers, 1)), *action_fields(account.owner)),
        evidence={
            "opportunities": {offer.key: offer.amount for offer in offers},
            "seen_until": f"{offers[0].seen_until:%Y-%m-%d}",
        },
    )


def _since(offers: Sequence[Offer], signed: LastSigned | None) -> str:
    if signed is None:
        return "Nothing was decided about them before."
    before = _before(signed.evidence)
    new, gone = sum(offer.key not in before for offer in offers), len(set(before) - {offer.key for offer in offers})
    who = plain(" and ".join(signed.people))
    return f"Since {who} decided on {signed.signed_at:%Y-%m-%d}: {new} new, {gone} gone or taken up."


def _before(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    found = evidence.get("opportunities")
    return found if isinstance(found, Mapping) else {}


def _table(offers: Sequence[Offer]) -> Iterator[str]:
    yield "| Opportunity | Saves | Sure | Effort | What to do |"
    yield "|---|---|---|---|---|"
    for offer in offers:
        sure = f"{offer.confidence} | {offer.effort}"
        yield f"| {plain(offer.title)} | {plain(offer.amount)} | {sure} | {code(offer.remedy)} |"


def _field(account: Account, number: int, offer: Offer) -> Field:
    declare = ["upkeep", "cost", "measure", "add", account.name, "--opportunity", offer.key]
    then = f"{shlex.join(declare)} --on DAY --by WHO"
    return Field(
        name=f"opportunity_{number}",
        title=offer.title,
        choices=(TAKE, NOT_NOW),
        default=NOT_NOW,
        description=offer.amount,
        object=offer.key,
        effects={TAKE: Effect(action=f"Take on {offer.title}: {offer.amount}", remedy=f"{offer.remedy}\nThen: {then}")},
    )
