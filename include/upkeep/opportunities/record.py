"""The rows of opportunities."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from upkeep.record import Record


@dataclass(frozen=True, slots=True)
class Opportunity(Record):
    """One resource that costs more than it must, as one rule sees it; money is a month, in `currency`."""

    table: ClassVar[str] = "opportunity"

    rule: str
    region: str
    resource: str
    account: str
    name: str | None
    monthly_low: Decimal
    monthly_expected: Decimal
    monthly_high: Decimal
    currency: str
    price_source: str
    confidence: str
    effort: str
    remedy: str
    proof: str
    evidence: dict[str, Any]
    protected_by: str | None
