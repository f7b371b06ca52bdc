"""NAT gateways that other zones send through."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from upkeep.opportunities.gateways import ACTIONS, Gateway, used
from upkeep.opportunities.list_prices import NAT_HOUR, ZONE_GB
from upkeep.opportunities.prices import Price
from upkeep.opportunities.rule import Outcome, Saving, Unsure, rule
from upkeep.opportunities.view import View, named, tags_of
from upkeep.sources.aws_metrics import MetricAsked

_ONE = Decimal(1)


@rule(effort="medium", actions=(*ACTIONS, "ec2:DescribeSubnets", "ec2:DescribeInstances"))
def traffic_between_zones(view: View) -> Iterator[Outcome]:
    """
    NAT gateways that other zones send through.

    What subnets of another zone send through a gateway is paid between the zones too. Of a gateway's bytes that is the share
    that instances of these subnets have of the network traffic of all instances that send through it; where there is no
    instance nothing tells it. Saved is 0.01 USD for each GB, at most 0.02, since AWS takes it in each direction, less the hours
    of one more gateway in each of these zones.
    """
    for each in used(view):
        if not isinstance(each, Gateway):
            yield each
        elif zones := _others(view, each):
            yield from _judged(view, each, zones)


def _judged(view: View, gateway: Gateway, zones: Mapping[str, set[str]]) -> Iterator[Outcome]:
    all_of_it = view.price(ZONE_GB, gateway.monthly_gb)
    hours = view.price(NAT_HOUR, len(zones))
    if _gain(all_of_it, hours).high <= 0:
        return
    here = [name for table in gateway.tables for name in _subnets(view, table)]
    far = set().union(*zones.values())
    total, crossing = _bytes(view, here), _bytes(view, far)
    if not total:
        yield Unsure(gateway.id, f"zones {', '.join(sorted(zones))} send through it, and no instance tells how much")
        return
    share = Decimal(str(crossing)) / Decimal(str(total))
    price = _gain(all_of_it.times(share), hours)
    if price.expected > 0:
        yield _saving(view, gateway, sorted(zones), share, price)


def _gain(traffic: Price, hours: Price) -> Price:
    """At best both directions are saved; the hours of the gateways to add are paid anyway."""
    return traffic.between(_ONE, _ONE, Decimal(2)).less(hours)


def _saving(view: View, gateway: Gateway, zones: list[str], share: Decimal, price: Price) -> Saving:
    tags = tags_of(gateway.entry)
    return Saving(
        resource=gateway.id,
        what=f"NAT gateway {named(tags, gateway.id)} is sent through from other zones",
        price=price,
        remedy=f"make a NAT gateway in each of {', '.join(zones)}, and send there what the subnets of that zone send",
        proof=f"aws ec2 describe-route-tables --region {view.region} --filters Name=route.nat-gateway-id,Values={gateway.id}",
        evidence={"monthly_gb": f"{gateway.monthly_gb:.1f}", "share": f"{share:.4f}", "zones": zones, "days": view.limits.days},
        confidence="low",
        claims=(f"zone-bytes:{gateway.id}",),
        tags=tags,
    )


def _others(view: View, gateway: Gateway) -> dict[str, set[str]]:
    """Subnets that send through it from another zone, by zone."""
    zone_of = {each["SubnetId"]: each["AvailabilityZone"] for each in view.listed("ec2", "describe_subnets", "Subnets")}
    home = zone_of.get(gateway.entry["SubnetId"])
    found: dict[str, set[str]] = {}
    for subnet in (name for table in gateway.tables for name in _subnets(view, table)):
        if (zone := zone_of.get(subnet, home)) != home:
            found.setdefault(str(zone), set()).add(subnet)
    return found


def _subnets(view: View, table: Mapping[str, Any]) -> set[str]:
    """Subnets that a route table is about: those that name it, and of a network's main table all that name none."""
    links = table.get("Associations", ())
    if not any(link.get("Main") for link in links):
        return {link["SubnetId"] for link in links if "SubnetId" in link}
    tables = view.listed("ec2", "describe_route_tables", "RouteTables")
    own = {
        link["SubnetId"] for each in tables if each is not table for link in each.get("Associations", ()) if "SubnetId" in link
    }
    every = view.listed("ec2", "describe_subnets", "Subnets")
    return {each["SubnetId"] for each in every if each["VpcId"] == table["VpcId"]} - own


def _bytes(view: View, subnets: Iterable[str]) -> float:
    """What instances of these subnets sent and received."""
    inside = set(subnets)
    groups = view.listed("ec2", "describe_instances", "Reservations")
    names = [each["InstanceId"] for group in groups for each in group["Instances"] if each.get("SubnetId") in inside]
    asked = [
        MetricAsked("AWS/EC2", metric, (("InstanceId", name),), "Sum") for name in names for metric in ("NetworkIn", "NetworkOut")
    ]
    return sum(series.total for series in view.metrics(asked).values())
