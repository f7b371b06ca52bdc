"""Instances that do nothing."""

from collections.abc import Iterator
from shlex import quote

from upkeep.opportunities.instances import Loaded, loaded, termination_protection
from upkeep.opportunities.list_prices import instance
from upkeep.opportunities.rule import Outcome, Saving, Unsure, rule
from upkeep.opportunities.view import View, named

MOST_CPU = 5.0
"""Percent, at any moment."""
MOST_NETWORK_A_DAY = 5_000_000
"""Bytes in and out."""


@rule(effort="medium", actions=("ec2:DescribeInstances", "ec2:DescribeInstanceAttribute", "cloudwatch:GetMetricData"))
def idle_instances(view: View) -> Iterator[Outcome]:
    """
    Instances that do nothing.

    Over all days looked at the CPU was never above 5 %, and not 5 MB a day went in and out. Only instance hours are counted, not
    volumes, which stay; of hours that a reservation or savings plan covers nothing is saved. A day without metrics is no idle
    day. An instance that only stands by for another looks the same: ask its owner.
    """
    for each in loaded(view):
        if not isinstance(each, Loaded):
            yield each
        elif each.cpu <= MOST_CPU and each.network <= MOST_NETWORK_A_DAY * view.limits.days:
            yield _saving(view, each)


def _saving(view: View, each: Loaded) -> Outcome:
    priced = instance(each.kind)
    if priced is None:
        return Unsure(each.id, f"it is idle, but no price is known for {each.kind}")
    return Saving(
        resource=each.id,
        what=f"instance {named(each.tags, each.id)}, {each.kind}, did nothing in {view.limits.days} days",
        price=view.price(priced, 1),
        remedy=f"aws ec2 stop-instances --region {view.region} --instance-ids {quote(each.id)}",
        proof=f"aws ec2 describe-instances --region {view.region} --instance-ids {quote(each.id)}",
        evidence={
            "type": each.kind, "cpu_highest_percent": each.cpu, "cpu_limit_percent": MOST_CPU, "network_bytes": each.network,
            "network_limit_bytes": MOST_NETWORK_A_DAY * view.limits.days, "days": view.limits.days,
        },
        confidence="medium",
        claims=(f"compute:{each.id}",),
        tags=each.tags,
        locked=termination_protection(view, each.id),
    )  # fmt: skip
