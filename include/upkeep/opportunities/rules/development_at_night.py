"""Development instances that run day and night."""

from collections.abc import Iterator
from decimal import Decimal
from shlex import quote

from upkeep.opportunities.instances import running, termination_protection
from upkeep.opportunities.list_prices import instance
from upkeep.opportunities.rule import Outcome, Saving, Unsure, Young, rule
from upkeep.opportunities.view import View, named, tags_of

_WEEK_HOURS = Decimal(168)
# Off outside 12 hours of 5 days; at least at night; at most outside 8 hours of 5 days.
_OFF = tuple(hours / _WEEK_HOURS for hours in (Decimal(56), Decimal(108), Decimal(128)))


@rule(effort="low", actions=("ec2:DescribeInstances", "ec2:DescribeInstanceAttribute"))
def development_at_night(view: View) -> Iterator[Outcome]:
    """
    Development instances that run day and night.

    An instance with one of the account's `development_tags` that was not stopped in the days looked at: it was launched before
    them, and a start after a stop would have made that later. Saved are the hours outside twelve a day on five days; the interval
    reaches from eight hours a night to all but eight hours on five days. Only instance hours are counted.
    """
    for each in running(view):
        name, kind, tags = each["InstanceId"], each["InstanceType"], tags_of(each)
        declared, priced = view.is_development(tags), instance(kind)
        if declared is None:
            continue
        if view.is_young(each["LaunchTime"]):
            yield Young(name)
        elif priced is None:
            yield Unsure(name, f"it is for development and runs at night, but no price is known for {kind}")
        else:
            yield Saving(
                resource=name,
                what=f"instance {named(tags, name)}, {kind}, is for development ({declared}), and was not off once in "
                f"{view.limits.days} days",
                price=view.price(priced, 1).between(*_OFF),
                remedy=f"stop it at night and at weekends: aws ec2 stop-instances --region {view.region} "
                f"--instance-ids {quote(name)}",
                proof=f"aws ec2 describe-instances --region {view.region} --instance-ids {quote(name)}",
                evidence={"type": kind, "launched": each["LaunchTime"].isoformat(), "tag": declared, "off_hours_a_week": 108},
                confidence="medium",
                claims=(f"compute:{name}",),
                tags=tags,
                locked=termination_protection(view, name),
            )
