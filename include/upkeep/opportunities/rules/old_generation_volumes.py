"""Volumes of type gp2, which gp3 has replaced."""

from collections.abc import Iterator
from decimal import Decimal
from shlex import quote

from upkeep.opportunities.list_prices import GP2, GP3, GP3_IOPS
from upkeep.opportunities.rule import Outcome, Saving, rule
from upkeep.opportunities.view import View, named, tags_of

BASE_IOPS = 3000
_PER_GIB = 3


@rule(effort="low", actions=("ec2:DescribeVolumes",))
def old_generation_volumes(view: View) -> Iterator[Outcome]:
    """
    Volumes of type gp2, which gp3 has replaced.

    A gp3 volume costs a fifth less, and has 3,000 IOPS whatever its size. A gp2 volume above 1,000 GiB has more (3 for each
    GiB): what the same number costs on gp3 is taken off. The change is made while the volume is in use.
    """
    for each in view.listed("ec2", "describe_volumes", "Volumes"):
        if each["VolumeType"] != "gp2":
            continue
        name, size, tags = each["VolumeId"], Decimal(each["Size"]), tags_of(each)
        extra = max(Decimal(0), min(size * _PER_GIB, Decimal(16_000)) - BASE_IOPS) * GP3_IOPS.list_price
        share = 1 - (size * GP3.list_price + extra) / (size * GP2.list_price)
        if share <= 0:
            continue
        yield Saving(
            resource=name,
            what=f"volume {named(tags, name)}, {size} GiB, is gp2; gp3 does the same for less",
            price=view.price(GP2, size).times(share),
            remedy=f"aws ec2 modify-volume --region {view.region} --volume-id {quote(name)} --volume-type gp3",
            proof=f"aws ec2 describe-volumes --region {view.region} --volume-ids {quote(name)}",
            evidence={"gib": int(size), "iops": each.get("Iops"), "share_saved": f"{share:.4f}"},
            confidence="high",
            claims=(f"storage:{name}",),
            tags=tags,
        )
