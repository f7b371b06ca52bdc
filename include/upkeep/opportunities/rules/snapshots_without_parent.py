"""Snapshots of volumes that are gone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from shlex import quote
from typing import Any

from upkeep.opportunities.list_prices import SNAPSHOT
from upkeep.opportunities.rule import Outcome, Saving, Young, rule
from upkeep.opportunities.view import View, tags_of

_ACTIONS = ("ec2:DescribeSnapshots", "ec2:DescribeVolumes", "ec2:DescribeImages")


@rule(effort="low", actions=_ACTIONS)
def snapshots_without_parent(view: View) -> Iterator[Outcome]:
    """
    Snapshots of volumes that are gone.

    The account's own snapshots whose volume is there no more and that no image is made of. A snapshot stores what differs from
    the one before, and AWS bills no single one: of all snapshots of a volume, the size of the largest is expected, and at most
    all sizes together. Snapshots that AWS Backup made are its own affair.
    """
    volumes = {each["VolumeId"] for each in view.listed("ec2", "describe_volumes", "Volumes")}
    images = view.listed("ec2", "describe_images", "Images", Owners=["self"])
    used = {part["Ebs"].get("SnapshotId") for each in images for part in each.get("BlockDeviceMappings", ()) if "Ebs" in part}
    orphans: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in view.listed("ec2", "describe_snapshots", "Snapshots", OwnerIds=["self"]):
        tags = tags_of(each)
        if each.get("VolumeId") in volumes or each["SnapshotId"] in used or any(key.startswith("aws:backup:") for key in tags):
            continue
        if view.is_young(each["StartTime"]):
            yield Young(each["SnapshotId"])
        else:
            orphans[each.get("VolumeId") or each["SnapshotId"]].append(each)
    for volume, snapshots in orphans.items():
        yield _saving(view, volume, snapshots)


def _saving(view: View, volume: str, snapshots: Sequence[Mapping[str, Any]]) -> Saving:
    sizes = [Decimal(each["VolumeSize"]) for each in snapshots]
    names = sorted(each["SnapshotId"] for each in snapshots)
    expected = max(sizes) / sum(sizes)
    return Saving(
        resource=volume,
        what=f"volume {volume} is gone and its snapshots are not",
        price=view.price(SNAPSHOT, sum(sizes)).between(Decimal(0), expected, Decimal(1)),
        remedy="; ".join(f"aws ec2 delete-snapshot --region {view.region} --snapshot-id {quote(name)}" for name in names[:5]),
        proof=f"aws ec2 describe-snapshots --region {view.region} --filters Name=volume-id,Values={quote(volume)}",
        evidence={"snapshots": names, "gib": [int(size) for size in sizes]},
        confidence="low",
        claims=(f"snapshots:{volume}",),
        tags={key: value for each in snapshots for key, value in tags_of(each).items()},
    )
