"""Whether the costs of an account can be read: what is missing is named, with the least policy that gives it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from upkeep.errors import CannotAskError, UpkeepError
from upkeep.humanize import plural
from upkeep.need import Need
from upkeep.opportunities.probing import denied
from upkeep.opportunities.rules import every_action
from upkeep.sources.aws_policy import bucket_policy, costs_policy, reading_policy
from upkeep.sources.aws_reading import AwsReader, Patience
from upkeep.sources.connections import Connections
from upkeep.sources.cost_explorer import CostExplorer
from upkeep.sources.explorer_commitments import METHODS
from upkeep.targets.diagnosis import Diagnosis, Level

if TYPE_CHECKING:
    from upkeep.targets.account import Account

_NO_GROUPS = ({"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"},)


def examined(account: "Account", connections: Connections) -> Iterator[Diagnosis]:
    """What the doctor says of it."""
    yield from _costs(account, connections)
    if account.api_connection is not None:
        yield _resources(account, connections, account.api_connection)


def _costs(account: "Account", connections: Connections) -> Iterator[Diagnosis]:
    if account.place:
        yield _place(account, connections)
        return
    costs = _explorer(account, connections)
    yield costs
    if costs.level is Level.OK:
        yield from _commitments(account, connections)


def _explorer(account: "Account", connections: Connections) -> Diagnosis:
    """One call about yesterday: each costs 0.01 USD."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    try:
        explorer = CostExplorer(connections.aws(account.connection, "ce"), most_calls=1, pause=lambda _: None)
        next(explorer.daily(yesterday, yesterday, _NO_GROUPS), None)
    except UpkeepError as error:
        return _no(account, error, getattr(error, "remedy", "") or f"it needs {costs_policy()}", "source")
    text = f"Cost Explorer answers; the least policy: {costs_policy()}"
    return Diagnosis(subject=account.name, about="costs", level=Level.OK, text=text, field="source")


def _commitments(account: "Account", connections: Connections) -> Iterator[Diagnosis]:
    """What `commitments` asks, with one call each; only a right that is missing is said."""
    day = datetime.now(UTC).date() - timedelta(days=3)
    asked = {"TimePeriod": {"Start": str(day), "End": str(day + timedelta(days=1))}}
    for method in METHODS:
        explorer = CostExplorer(connections.aws(account.connection, "ce"), most_calls=1, pause=lambda _: None)
        try:
            next(explorer.pages(method, asked), None)
        except CannotAskError as error:
            text = f"{error}; commitments stays unknown without it"
            yield Diagnosis(
                subject=account.name, about="commitments", level=Level.NO, text=text, remedy=error.remedy, field="source"
            )
        except UpkeepError:
            continue


def _place(account: "Account", connections: Connections) -> Diagnosis:
    url = account.place or ""
    policy = bucket_policy(url)
    try:
        store = connections.objects(url, account.connection)
        found = store.sizes()
        for name in list(found)[:1]:
            with store.reader(name) as file:
                file.read(4)
    except UpkeepError as error:
        action = "s3:GetObject" if "could not read" in str(error) else "s3:ListBucket"
        return _no(account, error, f"allow {action}: {policy}" if policy else getattr(error, "remedy", ""), "place")
    if not found:
        message = UpkeepError(f"there is no file in {url}")
        return _no(account, message, "correct the place, or let the provider export to it", "place")
    text = f"{plural(len(found), 'file')} in {url}" + (f"; the least policy: {policy}" if policy else "")
    return Diagnosis(subject=account.name, about="costs", level=Level.OK, text=text, field="place")


def _resources(account: "Account", connections: Connections, connection: str) -> Diagnosis:
    """Whether each call of the rules is allowed, as far as that can be told without a resource."""
    region, policy = (account.regions or ("us-east-1",))[0], reading_policy(every_action())
    patience = Patience(left_s=10)
    try:
        refused = denied(
            every_action(), lambda service: AwsReader(connections.aws(connection, service, region), service, region, patience)
        )
    except UpkeepError as error:
        return _no(account, error, getattr(error, "remedy", ""), "api_connection", ())
    if refused:
        lacking = UpkeepError(f"AWS refuses {', '.join(refused)} in {region}: opportunities that need them stay unknown")
        return _no(account, lacking, f"allow {', '.join(refused)}: {policy}", "api_connection", ())
    text = f"resources and metrics can be read in {region}; the least policy: {policy}"
    return Diagnosis(subject=account.name, about="opportunities", level=Level.OK, text=text, field="api_connection")


def _no(account: "Account", error: UpkeepError, remedy: str, field: str, unmet: tuple[Need, ...] | None = None) -> Diagnosis:
    about = "opportunities" if field == "api_connection" else "costs"
    return Diagnosis(subject=account.name, about=about, level=Level.NO, text=str(error), remedy=remedy, field=field, unmet=unmet)
