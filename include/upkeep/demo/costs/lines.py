"""What the shop's cloud costs: one line for each thing that is paid, with what is wrong with some of them."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

PRODUCTION, DEVELOPMENT = ("210000000011", "shop production"), ("210000000012", "shop development")
RESERVATION, PLAN = "ri-web-2025", "sp-compute-2025"
SPIKE_DAYS, PAIR_DAYS, DRIFT_DAYS = 6, 9, 84
"""So many days before the bill's newest one the spike began, the pair, and the drift."""
DRIFT_A_DAY = 1.007
SUPPORT_A_MONTH = 950.0


@dataclass(frozen=True, slots=True)
class Line:
    """
    One thing that is paid. `usual` is what it costs on a day, before noise; `wrong` is a factor by how old the day is.

    `price` is of one `unit`. `status` is that of a commitment. `noise` is a share. `more` are columns that only some rows have.
    """

    service: str
    what: str
    usual: Callable[[date], float]
    price: float = 1.0
    unit: str = "Hours"
    account: tuple[str, str] = PRODUCTION
    region: str = "eu-central-1"
    team: str | None = "shop"
    category: str = "Usage"
    wrong: Callable[[int], float] = lambda _age: 1.0
    noise: float = 0.02
    commitment: str | None = None
    status: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)


def weekdays(work: float, weekend: float) -> Callable[[date], float]:
    """So much from Monday to Friday, and so much on the other two."""
    return lambda day: work if day.weekday() < 5 else weekend  # noqa: PLR2004 - Saturday


def always(cost: float) -> Callable[[date], float]:
    """The same on every day."""
    return lambda _day: cost


def on_the_first(cost: float) -> Callable[[date], float]:
    """Once a month."""
    return lambda day: cost if day.day == 1 else 0.0


def month_of(cost_a_day: float) -> Callable[[date], float]:
    """On the first, for all days of the month."""
    return lambda day: cost_a_day * monthrange(day.year, day.month)[1] if day.day == 1 else 0.0


def from_age(days: int, factor: float) -> Callable[[int], float]:
    """This factor on the newest `days`."""
    return lambda age: factor if age < days else 1.0


def drifting(age: int) -> float:
    """A little more every day of the newest twelve weeks."""
    return float(DRIFT_A_DAY ** max(0, DRIFT_DAYS - age))


EC2, LAMBDA, STORAGE = "Amazon Elastic Compute Cloud", "AWS Lambda", "Amazon Simple Storage Service"
DATABASE, SUPPORT = "Amazon Relational Database Service", "AWS Support (Business)"
LOGS, SEARCH = "AmazonCloudWatch", "Amazon OpenSearch Service"
LINES = (
    Line(EC2, "m7g.large on demand", weekdays(46, 38), 0.0976),
    Line(EC2, "m7g.large reserved", always(17.4), 0.061, commitment=RESERVATION, status="Used", noise=0),
    Line(EC2, "m7g.large reserved", always(10.6), 0.061, commitment=RESERVATION, status="Unused", noise=0, team=None),
    Line(EC2, "c7g.xlarge in a savings plan", always(36), 0.104, commitment=PLAN, status="Used", noise=0, team=None),
    Line(EC2, "reservation", month_of(28), category="Purchase", commitment=RESERVATION, noise=0, team=None),
    Line(EC2, "savings plan", month_of(36), category="Purchase", commitment=PLAN, noise=0, team=None),
    Line(EC2, "tax", on_the_first(212.5), category="Tax", noise=0, team=None),
    Line(EC2, "promotional credit", on_the_first(-120), category="Credit", noise=0, team=None),
    Line(DATABASE, "db.r7g.xlarge", always(57), 0.53, team=None),
    Line(DATABASE, "storage", always(11), 0.137, "GB-Months", team=None),
    Line(STORAGE, "standard storage", always(16), 0.0245, "GB-Months", wrong=drifting, noise=0.01),
    Line(LAMBDA, "duration", weekdays(15, 12), 0.0000133, "GB-Seconds", wrong=from_age(SPIKE_DAYS, 6.5), team="checkout"),
    Line("Amazon CloudFront", "transfer to viewers", weekdays(21, 27), 0.085, "GB", region="global", team=None),
    Line("Amazon Virtual Private Cloud", "public address in use", always(4.8), 0.005, team=None),
    Line("Amazon Virtual Private Cloud", "public address, idle", always(2.4), 0.005, team=None, noise=0),
    Line("Amazon Virtual Private Cloud", "NAT gateway", always(9), 0.052, team=None),
    Line("Amazon ElastiCache", "cache.r7g.large", always(16), 0.263, team=None),
    Line(LOGS, "logs taken in", weekdays(22, 20), 0.63, "GB", DEVELOPMENT, team="data", wrong=from_age(PAIR_DAYS, 2.6)),
    Line(SEARCH, "r7g.large.search", always(58), 0.222, "Hours", DEVELOPMENT, team="data", wrong=from_age(PAIR_DAYS, 0.4)),
    Line(EC2, "t4g.medium on demand", weekdays(9, 8), 0.0384, account=DEVELOPMENT, team="data"),
    Line(SUPPORT, "support", on_the_first(SUPPORT_A_MONTH), category="Purchase", region="", team=None, noise=0),
)  # fmt: skip
