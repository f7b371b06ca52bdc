"""Lines of a bill by usage type and resource, where its source tells them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BillLine:
    """
    What one usage type cost over the days looked at, for one resource where the bill names it; cost is effective cost.

    `days` counts days that have it, `hours` what was priced in hours; `commitment` is Used or Unused for what one pays.
    """

    usage: str
    service: str
    region: str | None
    account: str
    resource: str | None
    currency: str
    commitment: str | None
    cost: Decimal
    quantity: Decimal
    days: int
    tags: str
