"""A stand-in for what Cost Explorer tells of savings plans and reservations; what it is asked is held against AWS's own model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.ledger.cost_explorer import failing

EC2 = "Amazon Elastic Compute Cloud - Compute"


@cache
def _shapes() -> Any:
    import boto3

    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client("ce", region_name="us-east-1", **keys).meta.service_model


@dataclass
class Commitments:
    """`plans` is used, unused and on-demand money; `reservations` fee, unused, on demand and end, by service and id."""

    plans: tuple[str, str, str] | None = ("80", "20", "120")
    covered: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reservations: Mapping[str, Mapping[str, tuple[str, str, str, str]]] = field(default_factory=dict)
    hours: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    faults: Callable[[int, str], Exception | None] = lambda *_: None
    page: int = 1
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def get_savings_plans_utilization(self, **asked: Any) -> Mapping[str, Any]:
        """As AWS has it: no plans at all are an error."""
        self._ask("GetSavingsPlansUtilization", asked)
        if self.plans is None:
            raise failing("DataUnavailableException")
        used, unused, on_demand = self.plans
        return {"Total": {"Utilization": {"UsedCommitment": used, "UnusedCommitment": unused},
                          "Savings": {"OnDemandCostEquivalent": on_demand}}}  # fmt: skip

    def get_savings_plans_coverage(self, **asked: Any) -> Mapping[str, Any]:
        """A page of services."""
        self._ask("GetSavingsPlansCoverage", asked)
        at = int(asked.get("NextToken", "0"))
        here = list(self.covered.items())
        found = [{"Attributes": {"SERVICE": name}, "Coverage": {"SpendCoveredBySavingsPlans": covered, "OnDemandCost": left}}
                 for name, (covered, left) in here[at : at + self.page]]  # fmt: skip
        more = at + self.page < len(here)
        return {"SavingsPlansCoverages": found, **({"NextToken": str(at + self.page)} if more else {})}

    def get_reservation_utilization(self, **asked: Any) -> Mapping[str, Any]:
        """Reservations of the service that is asked for."""
        self._ask("GetReservationUtilization", asked)
        found = [
            {"Key": "SUBSCRIPTION_ID", "Value": name, "Attributes": {"endDateTime": f"{ends}T00:00:00.000Z"} if ends else {},
             "Utilization": {"TotalAmortizedFee": fee, "RICostForUnusedHours": unused, "OnDemandCostOfRIHoursUsed": on_demand}}
            for name, (fee, unused, on_demand, ends) in self.reservations.get(_service(asked), {}).items()
        ]  # fmt: skip
        return {"UtilizationsByTime": [{"Groups": found}]}

    def get_reservation_coverage(self, **asked: Any) -> Mapping[str, Any]:
        """Hours of the service that is asked for."""
        self._ask("GetReservationCoverage", asked)
        if _service(asked) not in self.hours:
            return {}
        reserved, on_demand, cost = self.hours[_service(asked)]
        said = {"ReservedHours": reserved, "OnDemandHours": on_demand}
        return {"Total": {"CoverageHours": said, "CoverageCost": {"OnDemandCost": cost}}}

    def _ask(self, operation: str, asked: Mapping[str, Any]) -> None:
        from botocore.validate import ParamValidator

        self.asked.append((operation, asked))
        if fault := self.faults(len(self.asked), operation):
            raise fault
        report = ParamValidator().validate(asked, _shapes().operation_model(operation).input_shape)
        assert not report.has_errors(), report.generate_report()


def _service(asked: Mapping[str, Any]) -> str:
    """As AWS has it: EC2 unless another is asked for."""
    return str(asked["Filter"]["Dimensions"]["Values"][0]) if "Filter" in asked else EC2
