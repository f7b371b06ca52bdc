"""Instances as rules judge them: running over all of the days looked at, with the load that CloudWatch has of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from upkeep.opportunities.rule import Unsure, Young
from upkeep.opportunities.view import View, tags_of
from upkeep.sources.aws_metrics import MetricAsked, MetricSeries

_ASKED = {"cpu": ("CPUUtilization", "Maximum"), "in": ("NetworkIn", "Sum"), "out": ("NetworkOut", "Sum")}


@dataclass(frozen=True, slots=True)
class Loaded:
    """An instance that ran all the time: highest CPU share of any moment (percent), and bytes in and out over all days."""

    id: str
    kind: str
    tags: Mapping[str, str]
    entry: Mapping[str, Any]
    cpu: float
    network: float


def running(view: View) -> list[Mapping[str, Any]]:
    """Instances of a region that run and are paid on demand: spot ones are cheap already, and go by themselves."""
    every = [each for group in view.listed("ec2", "describe_instances", "Reservations") for each in group["Instances"]]
    return [each for each in every if each["State"]["Name"] == "running" and each.get("InstanceLifecycle") != "spot"]


def loaded(view: View) -> Iterator[Loaded | Young | Unsure]:
    """Each running instance with its load; what ran for too short a time is young, and a gap in its metrics makes it unsure."""
    old = []
    for each in running(view):
        if view.is_young(each["LaunchTime"]):
            yield Young(each["InstanceId"])
        else:
            old.append(each)
    asked = {each["InstanceId"]: _asked(each["InstanceId"]) for each in old}
    series = view.metrics(one for three in asked.values() for one in three.values())
    for each in old:
        name = each["InstanceId"]
        yield _judgeable(view, each, {key: series[one] for key, one in asked[name].items()})


def _asked(instance: str) -> dict[str, MetricAsked]:
    return {key: MetricAsked("AWS/EC2", name, (("InstanceId", instance),), stat) for key, (name, stat) in _ASKED.items()}


def _judgeable(view: View, entry: Mapping[str, Any], series: Mapping[str, MetricSeries]) -> Loaded | Unsure:
    name, kind = entry["InstanceId"], entry["InstanceType"]
    if gaps := view.gaps(series.values()):
        return Unsure(name, f"CloudWatch has no metrics of it for {gaps} of {view.limits.days} days")
    network = series["in"].total + series["out"].total
    return Loaded(name, kind, tags_of(entry), entry, series["cpu"].highest, network)


def termination_protection(view: View, instance_id: str) -> str | None:
    """What AWS has to protect it, asked only of what is found."""
    found = view.aws("ec2").call("describe_instance_attribute", InstanceId=instance_id, Attribute="disableApiTermination")
    return "termination protection" if found.get("DisableApiTermination", {}).get("Value") else None
