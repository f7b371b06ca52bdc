"""Volumes that no instance has."""

from collections.abc import Iterator
from shlex import quote

from upkeep.opportunities.list_prices import volume
from upkeep.opportunities.rule import Outcome, Saving, Unsure, Young, rule
from upkeep.opportunities.view import View, named, tags_of
from upkeep.sources.aws_metrics import MetricAsked


@rule(effort="low", actions=("ec2:DescribeVolumes", "cloudwatch:GetMetricData"))
def unattached_volumes(view: View) -> Iterator[Outcome]:
    """
    Volumes that no instance has.

    Judged by their state, and by CloudWatch: a volume has metrics only while it is attached, so that one which had any in the
    days looked at was attached then, and is not judged yet. A snapshot keeps what is on it for less.
    """
    free = [each for each in view.listed("ec2", "describe_volumes", "Volumes") if each["State"] == "available"]
    asked = {each["VolumeId"]: MetricAsked("AWS/EBS", "VolumeReadOps", (("VolumeId", each["VolumeId"]),), "Sum") for each in free}
    series = view.metrics(asked.values())
    for each in free:
        name, kind, size = each["VolumeId"], each["VolumeType"], each["Size"]
        if view.is_young(each["CreateTime"]) or series[asked[name]].points:
            yield Young(name)
            continue
        priced = volume(kind)
        if priced is None:
            yield Unsure(name, f"no price is known for a volume of type {kind}")
            continue
        tags = tags_of(each)
        yield Saving(
            resource=name,
            what=f"volume {named(tags, name)}, {size} GiB {kind}, is attached to nothing",
            price=view.price(priced, size),
            remedy=f"aws ec2 create-snapshot --region {view.region} --volume-id {quote(name)}; then delete the volume",
            proof=f"aws ec2 describe-volumes --region {view.region} --volume-ids {quote(name)}",
            evidence={"gib": size, "type": kind, "days_without_metrics": view.limits.days},
            confidence="high",
            claims=(f"storage:{name}", f"iops:{name}"),
            tags=tags,
        )
