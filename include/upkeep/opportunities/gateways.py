"""NAT gateways as rules judge them: which networks send through them, and how much they passed on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from upkeep.opportunities.rule import Unsure, Young
from upkeep.opportunities.view import View
from upkeep.sources.aws_metrics import MetricAsked

GB = Decimal(2**30)
ACTIONS = ("ec2:DescribeNatGateways", "ec2:DescribeRouteTables", "cloudwatch:GetMetricData")
_MONTH = Decimal(365) / 12
# All that a gateway takes, from within and from outside, is what its traffic is billed by.
_METRICS = ("BytesInFromSource", "BytesInFromDestination")


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that passed something on: GB a month, and the route tables that send to it."""

    id: str
    entry: Mapping[str, Any]
    monthly_gb: Decimal
    tables: Sequence[Mapping[str, Any]]


def looked_at(view: View, *metrics: str) -> Iterator[tuple[Mapping[str, Any], Decimal] | Young | Unsure]:
    """Gateways with the bytes that these metrics counted in all days, new ones, and those that CloudWatch knows too little of."""
    every = [each for each in view.listed("ec2", "describe_nat_gateways", "NatGateways") if each["State"] == "available"]
    old = [each for each in every if not view.is_young(each["CreateTime"])]
    yield from (Young(each["NatGatewayId"]) for each in every if each not in old)
    asked = {each["NatGatewayId"]: [_asked(each["NatGatewayId"], metric) for metric in metrics] for each in old}
    series = view.metrics(one for both in asked.values() for one in both)
    for each in old:
        ours = [series[one] for one in asked[each["NatGatewayId"]]]
        if gaps := view.gaps(ours):
            yield Unsure(each["NatGatewayId"], f"CloudWatch has no metrics of it for {gaps} of {view.limits.days} days")
        else:
            yield each, Decimal(str(sum(one.total for one in ours)))


def used(view: View) -> Iterator[Gateway | Young | Unsure]:
    """Gateways that networks send through, with what they passed on, new ones, and those of which too little is known."""
    for seen in looked_at(view, *_METRICS):
        if isinstance(seen, Young | Unsure):
            yield seen
        elif tables := _tables(view, seen[0]["NatGatewayId"]):
            entry, total = seen
            yield Gateway(entry["NatGatewayId"], entry, total / GB / view.limits.days * _MONTH, tables)


def _tables(view: View, gateway: str) -> list[Mapping[str, Any]]:
    every = view.listed("ec2", "describe_route_tables", "RouteTables")
    return [each for each in every if any(route.get("NatGatewayId") == gateway for route in each.get("Routes", ()))]


def _asked(gateway: str, metric: str) -> MetricAsked:
    return MetricAsked("AWS/NATGateway", metric, (("NatGatewayId", gateway),), "Sum")
