"""Databases that nobody connects to."""

from collections.abc import Iterator
from shlex import quote

from upkeep.opportunities.list_prices import database
from upkeep.opportunities.rule import Outcome, Saving, Unsure, Young, rule
from upkeep.opportunities.view import View, tags_of
from upkeep.sources.aws_metrics import MetricAsked


@rule(effort="medium", actions=("rds:DescribeDBInstances", "cloudwatch:GetMetricData"))
def idle_databases(view: View) -> Iterator[Outcome]:
    """
    Databases that nobody connects to.

    RDS instances that are available and whose highest number of connections was 0 on every day looked at. Only instance hours
    are counted, not storage. Take a last snapshot before one is deleted; a stopped one starts again by itself after seven days.
    """
    here = [
        each for each in view.listed("rds", "describe_db_instances", "DBInstances") if each["DBInstanceStatus"] == "available"
    ]
    asked = {each["DBInstanceIdentifier"]: _asked(each["DBInstanceIdentifier"]) for each in here}
    series = view.metrics(asked.values())
    for each in here:
        name, kind = each["DBInstanceIdentifier"], each["DBInstanceClass"]
        found = series[asked[name]]
        if view.is_young(each.get("InstanceCreateTime")):
            yield Young(name)
        elif gaps := view.gaps([found]):
            yield Unsure(name, f"CloudWatch has no connections of it for {gaps} of {view.limits.days} days")
        elif found.highest == 0:
            priced = database(kind, several_zones=bool(each.get("MultiAZ")))
            if priced is None:
                yield Unsure(name, f"nobody connects to it, but no price is known for {kind}")
                continue
            yield Saving(
                resource=name,
                what=f"nobody connected to database {name}, {kind}, in {view.limits.days} days",
                price=view.price(priced, 1),
                remedy=f"aws rds stop-db-instance --region {view.region} --db-instance-identifier {quote(name)}",
                proof=f"aws rds describe-db-instances --region {view.region} --db-instance-identifier {quote(name)}",
                evidence={"class": kind, "engine": each.get("Engine"), "connections_highest": 0, "days": view.limits.days},
                confidence="high",
                claims=(f"database:{name}",),
                tags=tags_of(each, "TagList"),
                locked="deletion protection" if each.get("DeletionProtection") else None,
            )


def _asked(name: str) -> MetricAsked:
    return MetricAsked("AWS/RDS", "DatabaseConnections", (("DBInstanceIdentifier", name),), "Maximum")
