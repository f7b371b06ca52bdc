"""Savings plans and reservations by AWS Cost Explorer: how far they were used and what they covered, in a number of days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from upkeep.sources.cost_explorer import CostExplorer

METHODS = (
    "get_savings_plans_utilization", "get_savings_plans_coverage", "get_reservation_utilization", "get_reservation_coverage",
)  # fmt: skip
SERVICES = (
    "Amazon Elastic Compute Cloud - Compute", "Amazon Relational Database Service", "Amazon ElastiCache", "Amazon Redshift",
    "Amazon OpenSearch Service",
)  # fmt: skip
"""Services of which there are reservations, as Cost Explorer names them."""
CURRENCY = "USD"
"""What Cost Explorer tells of commitments is in dollars."""


@dataclass(frozen=True, slots=True)
class Utilisation:
    """What one commitment cost where it was used and where not, what the same use costs on demand, and when it ends."""

    name: str
    used: Decimal
    unused: Decimal
    on_demand: Decimal | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What commitments covered of a service, in money or in hours, what they did not, and what that cost on demand."""

    service: str
    by: str
    covered: Decimal
    uncovered: Decimal
    on_demand_cost: Decimal


def utilisations(explorer: CostExplorer, first: date, last: date, services: Sequence[str]) -> Iterator[Utilisation]:
    """Savings plans together, and each reservation of these services. Raises what CostExplorer does."""
    for page in explorer.pages(METHODS[0], _period(first, last)):
        total = page.get("Total") or {}
        if used := total.get("Utilization"):
            equivalent = (total.get("Savings") or {}).get("OnDemandCostEquivalent")
            plans = _money(used, "UsedCommitment"), _money(used, "UnusedCommitment")
            yield Utilisation("savings plans", *plans, Decimal(equivalent) if equivalent else None, None)
    by = {"GroupBy": [{"Type": "DIMENSION", "Key": "SUBSCRIPTION_ID"}]}
    for service in services:
        for page in explorer.pages(METHODS[2], {**_period(first, last), **by, **_only(service)}):
            for result in page.get("UtilizationsByTime", ()):
                yield from map(_reservation, result.get("Groups", ()))


def coverages(explorer: CostExplorer, first: date, last: date, services: Sequence[str]) -> Iterator[Coverage]:
    """What savings plans cover of each service in money, and reservations in hours. Raises what CostExplorer does."""
    by = {"GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}], "Metrics": ["SpendCoveredBySavingsPlans"]}
    for page in explorer.pages(METHODS[1], {**_period(first, last), **by}):
        for each in page.get("SavingsPlansCoverages", ()):
            said = each["Coverage"]
            service = next((text for key, text in each["Attributes"].items() if key.upper() == "SERVICE"), "")
            left = _money(said, "OnDemandCost")
            yield Coverage(service, "savings plans", _money(said, "SpendCoveredBySavingsPlans"), left, left)
    for service in services:
        for page in explorer.pages(METHODS[3], {**_period(first, last), **_only(service), "Metrics": ["Hour", "Cost"]}):
            if said := page.get("Total"):
                hours = said.get("CoverageHours") or {}
                cost = _money(said.get("CoverageCost") or {}, "OnDemandCost")
                yield Coverage(service, "reservations", _money(hours, "ReservedHours"), _money(hours, "OnDemandHours"), cost)


def _reservation(group: Mapping[str, Any]) -> Utilisation:
    said, about = group["Utilization"], group.get("Attributes") or {}
    unused = _money(said, "RICostForUnusedHours")
    ends = about.get("endDateTime")
    return Utilisation(
        group["Value"],
        _money(said, "TotalAmortizedFee") - unused,
        unused,
        _money(said, "OnDemandCostOfRIHoursUsed"),
        date.fromisoformat(ends[:10]) if ends else None,
    )


def _period(first: date, last: date) -> dict[str, Any]:
    return {"TimePeriod": {"Start": str(first), "End": str(last + timedelta(days=1))}}


def _only(service: str) -> dict[str, Any]:
    """Without it AWS tells of EC2 alone."""
    return {"Filter": {"Dimensions": {"Key": "SERVICE", "Values": [service]}}}


def _money(said: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(said.get(name) or 0)
