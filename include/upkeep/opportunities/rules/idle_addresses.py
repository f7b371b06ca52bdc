"""Public addresses that nothing answers at."""

from collections.abc import Iterator
from shlex import quote

from upkeep.opportunities.list_prices import ADDRESS
from upkeep.opportunities.rule import Outcome, Saving, rule
from upkeep.opportunities.view import View, named, tags_of


@rule(effort="low", actions=("ec2:DescribeAddresses", "ec2:DescribeInstances"))
def idle_addresses(view: View) -> Iterator[Outcome]:
    """
    Public addresses that nothing answers at.

    Elastic addresses that are associated with nothing, or with an instance that is stopped. AWS does not say since when. An
    address that is given back cannot be had again: see first that no partner's firewall and no DNS record knows it.
    """
    instances = {
        instance["InstanceId"]: instance["State"]["Name"]
        for reservation in view.listed("ec2", "describe_instances", "Reservations")
        for instance in reservation["Instances"]
    }
    for each in view.listed("ec2", "describe_addresses", "Addresses"):
        on = each.get("InstanceId")
        state = instances.get(on) if on else None
        if (each.get("AssociationId") or each.get("NetworkInterfaceId") or on) and state != "stopped":
            continue
        name, tags = each.get("AllocationId") or each["PublicIp"], tags_of(each)
        why = f"with instance {on}, which is stopped" if on else "with nothing"
        yield Saving(
            resource=name,
            what=f"address {each['PublicIp']} ({named(tags, name)}) is associated {why}",
            price=view.price(ADDRESS, 1),
            remedy=f"aws ec2 release-address --region {view.region} --allocation-id {quote(name)}",
            proof=f"aws ec2 describe-addresses --region {view.region} --allocation-ids {quote(name)}",
            evidence={"address": each["PublicIp"], "instance": on, "instance_state": state},
            confidence="medium" if on else "high",
            claims=(f"address:{name}",),
            tags=tags,
        )
