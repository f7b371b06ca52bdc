"""What can be seen of an account: which regions, with which login, at which prices; and why not where it cannot."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.errors import CannotAskError
from upkeep.opportunities.looking import Blind, Sights
from upkeep.opportunities.prices import LedgerDay, Prices
from upkeep.opportunities.view import GLOBAL, Limits, View
from upkeep.sources.aws_reading import ApiError, AwsReader, Patience
from upkeep.sources.connections import Connections
from upkeep.targets.account import Account

EVERYWHERE = "*"
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")
_HOME = "us-east-1"


@dataclass(frozen=True, slots=True)
class Seen:
    """`sub_account` is the account's id where AWS says it."""

    sights: Sights
    sub_account: str


def seen_of(account: Account, connections: Connections, days: Sequence[LedgerDay], limits: Limits, now: datetime) -> Seen:
    """
    What rules may look at. A login that AWS no longer knows leaves the bill.

    Raises BrokenError when AWS cannot be reached at all.
    """
    prices = Prices(days)
    whole = View(GLOBAL, now, limits, prices, ledger=days)
    if account.api_connection is None:
        return Seen(Sights((), whole, _undeclared(account)), account.name)
    try:
        reader = Reading(connections, account.api_connection, Patience())
        known = _regions_of(account, days)
        sub_account = _own_id(reader, (known or [_HOME])[0]) or account.name
        regions = known or _enabled(reader)
    except CannotAskError as error:
        return Seen(Sights((), whole, Blind("", EVERYWHERE, error.reason, error.remedy)), account.name)
    views = [View(region, now, limits, prices, reader, ledger=days) for region in regions]
    return Seen(Sights(views, View(GLOBAL, now, limits, prices, reader, ledger=days), None), sub_account)


@dataclass
class Reading:
    """Opens clients of one login, each service and region once; all share their patience with throttling."""

    connections: Connections
    connection: str | None
    patience: Patience

    def __post_init__(self) -> None:
        self._open: dict[tuple[str, str], AwsReader] = {}

    def __call__(self, service: str, region: str) -> AwsReader:
        """Calls of a service in a region."""
        if (service, region) not in self._open:
            client = self.connections.aws(self.connection, service, region)
            self._open[service, region] = AwsReader(client, service, region, self.patience)
        return self._open[service, region]


def _undeclared(account: Account) -> Blind:
    if account.provider != "aws":
        return Blind("", EVERYWHERE, f"resources of provider {account.provider} are not described, only its ledger is read")
    remedy = f"declare api_connection for {account.name}; upkeep doctor prints the policy that it needs"
    return Blind("", EVERYWHERE, "resources and metrics are not looked at without an api_connection", remedy)


def _regions_of(account: Account, days: Sequence[LedgerDay]) -> list[str]:
    """The declared regions, else those that cost something."""
    if account.regions:
        return sorted(set(account.regions))
    return sorted({day.region for day in days if day.region and _REGION.fullmatch(day.region)})


def _enabled(reader: Reading) -> list[str]:
    """Every region that the account has: where neither the inventory nor the bill names any."""
    page = reader("ec2", _HOME).call("describe_regions")
    return sorted(str(each["RegionName"]) for each in page["Regions"])


def _own_id(reader: Reading, region: str) -> str | None:
    """The number of the account; needs no right. Raises CannotAskError for a login that AWS does not know."""
    try:
        return str(reader("sts", region).call("get_caller_identity")["Account"])
    except ApiError:
        return None
