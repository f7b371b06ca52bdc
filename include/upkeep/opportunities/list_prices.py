"""List prices of AWS in us-east-1 (USD, Linux, 2025), where the account's own bill tells none: a measure, not an invoice."""

from decimal import Decimal
from fractions import Fraction

from upkeep.opportunities.prices import Priced, Service

EC2 = Service(("elastic compute cloud", "ec2"), committed=True)
EBS = Service(("elastic block store", "elastic compute cloud", "ec2"))
ADDRESSES = Service(("virtual private cloud", "elastic compute cloud", "ec2"))
RDS = Service(("relational database",), committed=True)
BALANCERS = Service(("load balanc",))
LOGS = Service(("cloudwatch",))
STORAGE = Service(("simple storage", "s3"))

# Of the size large, by family: m6i.xlarge costs twice as much.
_INSTANCES = {
    "t2": "0.0928", "t3": "0.0832", "t3a": "0.0752", "t4g": "0.0672", "m3": "0.133", "m4": "0.10", "m5": "0.096",
    "m5a": "0.086", "m6i": "0.096", "m6a": "0.0864", "m6g": "0.077", "m7i": "0.1008", "m7a": "0.11592", "m7g": "0.0816",
    "c3": "0.105", "c4": "0.10", "c5": "0.085", "c5a": "0.077", "c6i": "0.085", "c6a": "0.0765", "c6g": "0.068",
    "c7i": "0.08925", "c7g": "0.0725", "r3": "0.166", "r4": "0.133", "r5": "0.126", "r5a": "0.113", "r6i": "0.126",
    "r6a": "0.1134", "r6g": "0.1008", "r7i": "0.1323", "r7g": "0.1071",
}  # fmt: skip
_DATABASES = {
    "t3": "0.145", "t4g": "0.129", "m4": "0.182", "m5": "0.178", "m6i": "0.178", "m6g": "0.159", "m7g": "0.168",
    "r4": "0.25", "r5": "0.25", "r6i": "0.25", "r6g": "0.225", "r7g": "0.239",
}  # fmt: skip
_VOLUMES = {"gp2": "0.10", "gp3": "0.08", "io1": "0.125", "io2": "0.125", "st1": "0.045", "sc1": "0.015", "standard": "0.05"}
_IOPS = {"gp3": "0.005", "io1": "0.065", "io2": "0.065"}
_STORAGE = {
    "STANDARD": "0.023", "REDUCED_REDUNDANCY": "0.024", "INTELLIGENT_TIERING": "0.023", "STANDARD_IA": "0.0125",
    "ONEZONE_IA": "0.01", "GLACIER_IR": "0.004", "GLACIER": "0.0036", "DEEP_ARCHIVE": "0.00099",
}  # fmt: skip
_SMALL = {
    "nano": Fraction(1, 16), "micro": Fraction(1, 8), "small": Fraction(1, 4), "medium": Fraction(1, 2), "large": Fraction(1),
}  # fmt: skip

_SIZES = (*_SMALL, "xlarge", *(f"{n}xlarge" for n in (2, 4, 8, 12, 16, 24)))

GP2 = Priced("gp2 volume, GB-month", EBS, Decimal(_VOLUMES["gp2"]))
GP3 = Priced("gp3 volume, GB-month", EBS, Decimal(_VOLUMES["gp3"]))
GP3_IOPS = Priced("gp3 IOPS-month", EBS, Decimal(_IOPS["gp3"]))
ADDRESS = Priced("public IPv4 address, hour", ADDRESSES, Decimal("0.005"), hourly=True)
SNAPSHOT = Priced("snapshot, GB-month", EBS, Decimal("0.05"))
NAT_HOUR = Priced("NAT gateway, hour", EBS, Decimal("0.045"), hourly=True)
ALB_HOUR = Priced("load balancer, hour", BALANCERS, Decimal("0.0225"), hourly=True)
NAT_GB = Priced("passed through a NAT gateway, GB", EBS, Decimal("0.045"))
ZONE_GB = Priced("between zones in one direction, GB", EBS, Decimal("0.01"))
UNREAD_GB = Priced("Standard less the tier of what nobody reads, GB-month", STORAGE, Decimal("0.0105"))
WATCHED = Priced("objects watched by Intelligent-Tiering, thousand a month", STORAGE, Decimal("0.0025"))
LOG_GB = Priced("stored logs, GB-month", LOGS, Decimal("0.03"))


def instance(kind: str) -> Priced | None:
    """An hour of an instance type such as m5.xlarge; None where no price is known."""
    price = _sized(kind, _INSTANCES)
    return Priced(f"{kind}, hour", EC2, price, hourly=True) if price is not None else None


def smaller(kind: str) -> str | None:
    """The type of the same family with half of everything; None for the smallest, and where that is none of AWS's."""
    family, _, size = kind.partition(".")
    factor = _factor(size)
    names = {_factor(name): name for name in _SIZES}
    return f"{family}.{names[factor / 2]}" if factor and factor / 2 in names else None


def database(kind: str, *, several_zones: bool) -> Priced | None:
    """An hour of an RDS class such as db.m5.large, of PostgreSQL in one zone or two; None where no price is known."""
    price = _sized(kind.removeprefix("db."), _DATABASES)
    if price is None:
        return None
    return Priced(f"{kind}, hour", RDS, price * (2 if several_zones else 1), hourly=True)


def volume(kind: str) -> Priced | None:
    """A GB-month of a volume type."""
    price = _VOLUMES.get(kind)
    return Priced(f"{kind} volume, GB-month", EBS, Decimal(price)) if price else None


def iops(kind: str) -> Priced | None:
    """A provisioned IOPS, a month."""
    price = _IOPS.get(kind)
    return Priced(f"{kind} IOPS-month", EBS, Decimal(price)) if price else None


def storage(kind: str) -> Priced:
    """A GB-month of a storage class of S3; an unknown one as the dearest that is usual."""
    return Priced(f"storage of class {kind}, GB-month", STORAGE, Decimal(_STORAGE.get(kind, _STORAGE["STANDARD"])))


def _sized(kind: str, prices: dict[str, str]) -> Decimal | None:
    family, _, size = kind.partition(".")
    price, factor = prices.get(family), _factor(size)
    return Decimal(price) * factor.numerator / factor.denominator if price and factor else None


def _factor(size: str) -> Fraction | None:
    if size in _SMALL:
        return _SMALL[size]
    if size == "xlarge":
        return Fraction(2)
    number = size.removesuffix("xlarge")
    return Fraction(2 * int(number)) if size.endswith("xlarge") and number.isdecimal() else None
