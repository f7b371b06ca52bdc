"""NAT gateways that pass nothing on."""

from collections.abc import Iterator
from shlex import quote

from upkeep.opportunities.list_prices import NAT_HOUR
from upkeep.opportunities.rule import Outcome, Saving, Unsure, Young, rule
from upkeep.opportunities.view import View, named, tags_of
from upkeep.sources.aws_metrics import MetricAsked

_METRICS = ("BytesOutToDestination", "BytesInFromDestination")


@rule(effort="low", actions=("ec2:DescribeNatGateways", "cloudwatch:GetMetricData"))
def idle_nat_gateways(view: View) -> Iterator[Outcome]:
    """
    NAT gateways that pass nothing on.

    Not one byte went to or came from outside in all days looked at. A day without metrics is no idle day. Only its hours are
    counted; the address that it lets go of costs too until it is released.
    """
    old = []
    for each in view.listed("ec2", "describe_nat_gateways", "NatGateways"):
        if each["State"] != "available":
            continue
        if view.is_young(each["CreateTime"]):
            yield Young(each["NatGatewayId"])
        else:
            old.append(each)
    asked = {each["NatGatewayId"]: [_asked(each["NatGatewayId"], metric) for metric in _METRICS] for each in old}
    series = view.metrics(one for both in asked.values() for one in both)
    for each in old:
        name = each["NatGatewayId"]
        ours = [series[one] for one in asked[name]]
        if gaps := view.gaps(ours):
            yield Unsure(name, f"CloudWatch has no metrics of it for {gaps} of {view.limits.days} days")
        elif not sum(one.total for one in ours):
            tags = tags_of(each)
            yield Saving(
                resource=name,
                what=f"NAT gateway {named(tags, name)} passed nothing on in {view.limits.days} days",
                price=view.price(NAT_HOUR, 1),
                remedy=f"take it out of its route tables, then aws ec2 delete-nat-gateway --region {view.region} "
                f"--nat-gateway-id {quote(name)}",
                proof=f"aws ec2 describe-nat-gateways --region {view.region} --nat-gateway-ids {quote(name)}",
                evidence={"bytes": 0, "days": view.limits.days, "vpc": each.get("VpcId")},
                confidence="high",
                claims=(f"nat:{name}",),
                tags=tags,
            )


def _asked(gateway: str, metric: str) -> MetricAsked:
    return MetricAsked("AWS/NATGateway", metric, (("NatGatewayId", gateway),), "Sum")
