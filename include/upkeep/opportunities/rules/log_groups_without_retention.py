"""Logs that are kept for ever."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from shlex import quote

from upkeep.opportunities.list_prices import LOG_GB
from upkeep.opportunities.rule import Outcome, Saving, Young, rule
from upkeep.opportunities.view import View

KEPT_DAYS = 90
_GB = Decimal(2**30)


@rule(effort="low", actions=("logs:DescribeLogGroups",))
def log_groups_without_retention(view: View) -> Iterator[Outcome]:
    """
    Logs that are kept for ever.

    Log groups of CloudWatch without a retention, older than 90 days. Saved is what is older than that, if they grew evenly; the
    interval goes from nothing to all of it, since nothing tells how they grew. Ask first whether the law wants them longer.
    """
    for each in view.listed("logs", "describe_log_groups", "logGroups"):
        name, stored = each["logGroupName"], Decimal(each.get("storedBytes") or 0)
        if each.get("retentionInDays") or not stored:
            continue
        age = (view.now - datetime.fromtimestamp(each["creationTime"] / 1000, UTC)).days
        if age <= KEPT_DAYS:
            yield Young(name)
            continue
        old = Decimal(age - KEPT_DAYS) / age
        yield Saving(
            resource=name,
            what=f"log group {name} keeps everything: it has no retention",
            price=view.price(LOG_GB, stored / _GB).between(Decimal(0), old, Decimal(1)),
            remedy=f"aws logs put-retention-policy --region {view.region} --log-group-name {quote(name)} "
            f"--retention-in-days {KEPT_DAYS}",
            proof=f"aws logs describe-log-groups --region {view.region} --log-group-name-prefix {quote(name)}",
            evidence={"stored_bytes": int(stored), "age_days": age, "kept_days": KEPT_DAYS, "grew_evenly": "assumed"},
            confidence="medium",
            claims=(f"logs:{name}",),
        )
