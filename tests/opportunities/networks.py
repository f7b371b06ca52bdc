"""A network in moto's cloud whose subnets send through one NAT gateway."""

from dataclasses import dataclass

from tests.checks.costs.cloud import DAYS, REGION, Cloud, client, days

GB = 2**30


@dataclass(frozen=True, slots=True)
class Network:
    """Ids of the network, its gateway in zone a, a subnet in each of zones a and b, and the route table of both."""

    vpc: str
    gateway: str
    near: str
    far: str
    table: str


def make_network() -> Network:
    """Both subnets send through the gateway."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    near, far = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{place}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for place, zone in enumerate("ab")
    )
    gateway = ec2.create_nat_gateway(SubnetId=near, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    for subnet in (near, far):
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return Network(vpc, gateway, near, far, table)


def passed(cloud: Cloud, gateway: str, monthly_gb: float, missing: int = 0) -> None:
    """So many GB a month, on every day but the last few."""
    daily = monthly_gb * GB / (365 / 12)
    for name, value in (
        ("BytesInFromSource", daily / 4), ("BytesInFromDestination", daily * 3 / 4), ("BytesOutToDestination", daily / 4),
    ):  # fmt: skip
        cloud.measure("AWS/NATGateway", name, {"NatGatewayId": gateway}, value, days()[: DAYS - missing])
