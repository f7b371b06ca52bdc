"""Instances that are larger than their load."""

from collections.abc import Iterator
from decimal import Decimal
from shlex import quote

from upkeep.opportunities.instances import Loaded, loaded
from upkeep.opportunities.list_prices import instance, smaller
from upkeep.opportunities.rule import Outcome, Saving, Unsure, rule
from upkeep.opportunities.view import View, named

MOST_CPU = 40.0
"""Percent at any moment: on half the cores it stays below 80."""
_HALF = Decimal("0.5")


@rule(effort="medium", actions=("ec2:DescribeInstances", "cloudwatch:GetMetricData"))
def oversized_instances(view: View) -> Iterator[Outcome]:
    """
    Instances that are larger than their load.

    Over all days looked at the CPU was never above 40 %, so that the next smaller size of the family, which costs half, would
    have stayed below 80 %. CloudWatch knows nothing of memory without its agent: see that half of it is enough.
    """
    for each in loaded(view):
        if not isinstance(each, Loaded):
            yield each
        elif each.cpu <= MOST_CPU and (less := smaller(each.kind)):
            yield _saving(view, each, less)


def _saving(view: View, each: Loaded, less: str) -> Outcome:
    priced = instance(each.kind)
    if priced is None:
        return Unsure(each.id, f"it is oversized, but no price is known for {each.kind}")
    command = f"aws ec2 modify-instance-attribute --region {view.region} --instance-id {quote(each.id)}"
    return Saving(
        resource=each.id,
        what=f"instance {named(each.tags, each.id)}, {each.kind}, uses little of its CPU; {less} would do",
        price=view.price(priced, 1).times(_HALF),
        remedy=f"stop it, {command} --instance-type Value={less}, start it",
        proof=f"aws ec2 describe-instances --region {view.region} --instance-ids {quote(each.id)}",
        evidence={"type": each.kind, "smaller": less, "cpu_highest_percent": each.cpu, "cpu_limit_percent": MOST_CPU,
            "days": view.limits.days},
        confidence="low",
        claims=(f"compute:{each.id}",),
        tags=each.tags,
    )  # fmt: skip
