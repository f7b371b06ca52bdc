"""NAT gateways that pass nothing on."""

from collections.abc import Iterator
from shlex import quote

from upkeep.opportunities.gateways import looked_at
from upkeep.opportunities.list_prices import NAT_HOUR
from upkeep.opportunities.rule import Outcome, Saving, Unsure, Young, rule
from upkeep.opportunities.view import View, named, tags_of

_METRICS = ("BytesOutToDestination", "BytesInFromDestination")


@rule(effort="low", actions=("ec2:DescribeNatGateways", "cloudwatch:GetMetricData"))
def idle_nat_gateways(view: View) -> Iterator[Outcome]:
    """
    NAT gateways that pass nothing on.

    Not one byte went to or came from outside in all days looked at. A day without metrics is no idle day. Only its hours are
    counted; the address that it lets go of costs too until it is released.
    """
    for seen in looked_at(view, *_METRICS):
        if isinstance(seen, Young | Unsure):
            yield seen
            continue
        entry, total = seen
        if not total:
            name = entry["NatGatewayId"]
            tags = tags_of(entry)
            yield Saving(
                resource=name,
                what=f"NAT gateway {named(tags, name)} passed nothing on in {view.limits.days} days",
                price=view.price(NAT_HOUR, 1),
                remedy=f"take it out of its route tables, then aws ec2 delete-nat-gateway --region {view.region} "
                f"--nat-gateway-id {quote(name)}",
                proof=f"aws ec2 describe-nat-gateways --region {view.region} --nat-gateway-ids {quote(name)}",
                evidence={"bytes": 0, "days": view.limits.days, "vpc": entry.get("VpcId")},
                confidence="high",
                claims=(f"nat:{name}",),
                tags=tags,
            )
