"""Load balancers that have nothing to send requests to."""

from collections.abc import Iterator
from shlex import quote

from upkeep.opportunities.list_prices import ALB_HOUR
from upkeep.opportunities.rule import Outcome, Saving, Young, rule
from upkeep.opportunities.view import View, tags_of

_KINDS = frozenset(["application", "network"])
_ACTIONS = (
    "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
)  # fmt: skip


@rule(effort="low", actions=_ACTIONS)
def idle_load_balancers(view: View) -> Iterator[Outcome]:
    """
    Load balancers that have nothing to send requests to.

    Application and network load balancers of which no target group has a registered target. One that only redirects needs none:
    see its listeners first. Only its hours are counted.
    """
    groups = view.listed("elbv2", "describe_target_groups", "TargetGroups")
    for each in view.listed("elbv2", "describe_load_balancers", "LoadBalancers"):
        name, arn = each["LoadBalancerName"], each["LoadBalancerArn"]
        ours = [group["TargetGroupArn"] for group in groups if arn in group.get("LoadBalancerArns", ())]
        if each["Type"] not in _KINDS or any(_targets(view, group) for group in ours):
            continue
        if view.is_young(each["CreatedTime"]):
            yield Young(name)
            continue
        yield Saving(
            resource=name,
            what=f"load balancer {name} has no target",
            price=view.price(ALB_HOUR, 1),
            remedy=f"aws elbv2 delete-load-balancer --region {view.region} --load-balancer-arn {quote(arn)}",
            proof=f"aws elbv2 describe-target-groups --region {view.region} --load-balancer-arn {quote(arn)}",
            evidence={"arn": arn, "type": each["Type"], "target_groups": len(ours), "targets": 0},
            confidence="medium",
            claims=(f"balancer:{name}",),
            tags=_tags(view, arn),
            locked=_protection(view, arn),
        )


def _targets(view: View, group: str) -> int:
    return len(view.listed("elbv2", "describe_target_health", "TargetHealthDescriptions", TargetGroupArn=group))


def _tags(view: View, arn: str) -> dict[str, str]:
    found = view.listed("elbv2", "describe_tags", "TagDescriptions", ResourceArns=[arn])
    return tags_of(found[0]) if found else {}


def _protection(view: View, arn: str) -> str | None:
    found = view.listed("elbv2", "describe_load_balancer_attributes", "Attributes", LoadBalancerArn=arn)
    on = any(each["Key"] == "deletion_protection.enabled" and each["Value"] == "true" for each in found)
    return "deletion protection" if on else None
