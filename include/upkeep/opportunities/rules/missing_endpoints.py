"""S3 and DynamoDB that are reached through a NAT gateway."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from upkeep.opportunities.gateways import ACTIONS, Gateway, used
from upkeep.opportunities.list_prices import NAT_GB
from upkeep.opportunities.rule import Outcome, Saving, rule
from upkeep.opportunities.view import View, named, tags_of

_SERVICES = {"s3": "S3", "dynamodb": "DynamoDB"}
_ASSUMED = Decimal("0.5")


@rule(effort="low", actions=(*ACTIONS, "ec2:DescribeVpcEndpoints"))
def missing_endpoints(view: View) -> Iterator[Outcome]:
    """
    S3 and DynamoDB that are reached through a NAT gateway.

    A route table that sends to the gateway, without a gateway endpoint of S3 or of DynamoDB, which costs nothing. CloudWatch does
    not tell where a gateway's bytes go: half is assumed, the interval goes from nothing to all. Flow logs would tell. An
    interface endpoint with private names counts as one. Only what the gateway takes for each GB is saved, not its hours.
    """
    for each in used(view):
        if not isinstance(each, Gateway):
            yield each
        elif each.monthly_gb and (lacking := _lacking(view, each)):
            yield _saving(view, each, lacking)


def _lacking(view: View, gateway: Gateway) -> dict[str, list[str]]:
    """Services, each with the route tables that have no way of their own to it."""
    every = view.listed("ec2", "describe_vpc_endpoints", "VpcEndpoints")
    ours = [each for each in every if each["VpcId"] == gateway.entry["VpcId"] and each["State"].lower() == "available"]
    found = {}
    for service in _SERVICES:
        ways = [each for each in ours if each["ServiceName"].endswith(f".{view.region}.{service}")]
        if tables := [name for table in gateway.tables if not _is_reached(name := table["RouteTableId"], ways)]:
            found[service] = tables
    return found


def _is_reached(table: str, ways: list[Mapping[str, Any]]) -> bool:
    return any(
        each.get("PrivateDnsEnabled") if each.get("VpcEndpointType") == "Interface" else table in each.get("RouteTableIds", ())
        for each in ways
    )


def _saving(view: View, gateway: Gateway, lacking: dict[str, list[str]]) -> Saving:
    vpc, tags = gateway.entry["VpcId"], tags_of(gateway.entry)
    service, tables = next(iter(lacking.items()))
    return Saving(
        resource=gateway.id,
        what=f"{' and '.join(_SERVICES[each] for each in lacking)} are reached through NAT gateway {named(tags, gateway.id)}"
        if len(lacking) > 1
        else f"{_SERVICES[service]} is reached through NAT gateway {named(tags, gateway.id)}",
        price=view.price(NAT_GB, gateway.monthly_gb).between(Decimal(0), _ASSUMED, Decimal(1)),
        remedy=f"aws ec2 create-vpc-endpoint --region {view.region} --vpc-id {vpc} --vpc-endpoint-type Gateway "
        f"--service-name com.amazonaws.{view.region}.{service} --route-table-ids {' '.join(tables)}",
        proof=f"aws ec2 describe-vpc-endpoints --region {view.region} --filters Name=vpc-id,Values={vpc}",
        evidence={"monthly_gb": f"{gateway.monthly_gb:.1f}", "without": lacking, "share": "assumed", "days": view.limits.days},
        confidence="low",
        claims=(f"nat-bytes:{gateway.id}",),
        tags=tags,
    )
