"""Instances of a generation that a cheaper one has replaced."""

from collections.abc import Iterator
from shlex import quote

from upkeep.opportunities.instances import running
from upkeep.opportunities.list_prices import instance
from upkeep.opportunities.rule import Outcome, Saving, rule
from upkeep.opportunities.view import View, named, tags_of

NEWER = {
    "t2": "t3", "m3": "m6i", "m4": "m6i", "c3": "c6i", "c4": "c6i", "r3": "r6i", "r4": "r6i",
}  # fmt: skip
"""Families of the same processor architecture."""


@rule(effort="medium", actions=("ec2:DescribeInstances",))
def old_generation_instances(view: View) -> Iterator[Outcome]:
    """
    Instances of a generation that a cheaper one has replaced.

    The same size of a newer family of the same architecture costs less. Saved is the difference between the two list prices in
    percent, of what the account pays now. The image needs drivers of the newer family (ENA, NVMe): try it on a copy first.
    """
    for each in running(view):
        name, kind, tags = each["InstanceId"], each["InstanceType"], tags_of(each)
        family, _, size = kind.partition(".")
        newer = f"{NEWER[family]}.{size}" if family in NEWER else ""
        old, new = instance(kind), instance(newer)
        if old is None or new is None:
            continue
        yield Saving(
            resource=name,
            what=f"instance {named(tags, name)} is {kind}; {newer} does the same for less",
            price=view.price(old, 1).times(1 - new.list_price / old.list_price),
            remedy=f"stop it, aws ec2 modify-instance-attribute --region {view.region} --instance-id {quote(name)} "
            f"--instance-type Value={newer}, start it",
            proof=f"aws ec2 describe-instances --region {view.region} --instance-ids {quote(name)}",
            evidence={"type": kind, "newer": newer, "list_price": str(old.list_price), "newer_list_price": str(new.list_price)},
            confidence="medium",
            claims=(f"compute:{name}",),
            tags=tags,
        )
