"""Volumes with more IOPS than they ever used."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from shlex import quote
from typing import Any

from upkeep.opportunities.list_prices import iops
from upkeep.opportunities.rule import Outcome, Saving, Unsure, Young, rule
from upkeep.opportunities.view import View, named, tags_of
from upkeep.sources.aws_metrics import MetricAsked, MetricSeries

PERIOD_S = 300
ROOM = Decimal("1.3")
_FREE = {"gp3": 3000, "io1": 100, "io2": 100}


@rule(effort="low", actions=("ec2:DescribeVolumes", "cloudwatch:GetMetricData"))
def over_provisioned_iops(view: View) -> Iterator[Outcome]:
    """
    Volumes with more IOPS than they ever used.

    Attached gp3, io1 and io2 volumes, by their busiest five minutes of all days looked at and three tenths more. Bursts within
    five minutes are not seen. Of gp3 the first 3,000 are free. It can be changed while the volume is in use, once in six hours.
    """
    here = [
        each
        for each in view.listed("ec2", "describe_volumes", "Volumes")
        if each["VolumeType"] in _FREE and each["State"] == "in-use"
    ]
    here = [each for each in here if (each.get("Iops") or 0) > _FREE[each["VolumeType"]]]
    asked = {each["VolumeId"]: [_asked(each["VolumeId"], name) for name in ("VolumeReadOps", "VolumeWriteOps")] for each in here}
    series = view.metrics(one for both in asked.values() for one in both)
    for each in here:
        name = each["VolumeId"]
        both = [series[one] for one in asked[name]]
        if view.is_young(each["CreateTime"]):
            yield Young(name)
        elif gaps := view.gaps(both):
            yield Unsure(name, f"CloudWatch has no operations of it for {gaps} of {view.limits.days} days")
        else:
            yield from _judged(view, each, _busiest(both))


def _judged(view: View, each: Mapping[str, Any], busiest: float) -> Iterator[Outcome]:
    name, kind, has, tags = each["VolumeId"], each["VolumeType"], int(each["Iops"]), tags_of(each)
    enough = max(_FREE[kind], int((Decimal(str(busiest)) * ROOM).to_integral_value(rounding="ROUND_CEILING")))
    priced = iops(kind)
    if priced is None or enough >= has:
        return
    yield Saving(
        resource=name,
        what=f"volume {named(tags, name)}, {kind}, has more IOPS than it used in {view.limits.days} days",
        price=view.price(priced, has - enough),
        remedy=f"aws ec2 modify-volume --region {view.region} --volume-id {quote(name)} --iops {enough}",
        proof=f"aws ec2 describe-volumes --region {view.region} --volume-ids {quote(name)}",
        evidence={"iops": has, "busiest_iops": busiest, "enough": enough, "period_s": PERIOD_S, "days": view.limits.days},
        confidence="medium",
        claims=(f"iops:{name}",),
        tags=tags,
    )


def _asked(volume: str, name: str) -> MetricAsked:
    return MetricAsked("AWS/EBS", name, (("VolumeId", volume),), "Sum", PERIOD_S)


def _busiest(both: list[MetricSeries]) -> float:
    moments = {at for each in both for at in each.points}
    return max((sum(each.points.get(at, 0.0) for each in both) / PERIOD_S for at in moments), default=0.0)
