"""An account in moto's cloud, seen a month later, with the ledger that prices come from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import boto3

from tests.lab import UTC_ZONE, asking
from tests.ledger.world import Books, charge
from upkeep.answer import Answer
from upkeep.checks.costs.opportunities import opportunities
from upkeep.runner import ask_and_store
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance
from upkeep.targets.account import Account
from upkeep.window import Window

REGION = "eu-central-1"
DAYS = 30
# What moto makes now is older than the days looked at by then.
NOW = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=DAYS + 3)
TODAY = NOW.date()
IMAGE = "ami-12c6146b"
"""One that moto has: listing its images takes seconds."""
EC2, RDS = "Amazon Elastic Compute Cloud", "Amazon Relational Database Service"


@cache
def client(service: str, region: str = REGION) -> Any:
    """A client of moto's. It outlives a test, since reading what botocore knows of a service takes longer than most tests."""
    return _session().client(service, region_name=region)


@cache
def _session() -> Any:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")


@dataclass
class Cloud:
    """
    An account. `books` hold the ledger; `faults` gives what a call raises, by service and operation, before moto is asked.

    `changes` make, by operation, of what moto answers what AWS would.
    """

    books: Books
    faults: Callable[[str, str], Exception | None] = lambda _service, _operation: None
    changes: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    regions: tuple[str, ...] = (REGION,)
    calls: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    clock: Callable[[datetime], None] = lambda _: None

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """A client that counts its calls and fails as it is told."""
        assert connection_id == "aws_reader"
        return Watched(client(service, region or REGION), service, self)

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:  # noqa: ARG002 - no credentials are known
        """A folder."""
        return open_store(url)

    def postgres(self, connection_id: str) -> Endpoint:  # noqa: ARG002 - there is one
        """The report database."""
        return self.books.lab.endpoint

    def ask(self, *, weeks: int = 0, account: Mapping[str, Any] | None = None, **thresholds: Any) -> Answer:
        """The answer of the last full week, or of one some weeks later about the same moment, stored."""
        now = NOW + timedelta(weeks=weeks)
        usual = {"api_connection": "aws_reader", "regions": list(self.regions), "thresholds": {"opportunities": thresholds}}
        target = Account.model_validate({**self.books.account().model_dump(), **usual, **self.fields, **(account or {})})
        by = Provenance("weekly", "r", "costs.opportunities", 0, 1, now, 0.0)
        window: Window = opportunities.cadence.last_full(now, UTC_ZONE)
        return ask_and_store(asking(opportunities, target, self, window=window, provenance=by), self.books.lab.endpoint)

    def seen(self, days_later: int) -> None:
        """Ask as if it were so many days after everything was made."""
        self.clock(NOW - timedelta(days=DAYS + 3 - days_later))

    def pay(self, service: str, effective: str, list_price: str, **more: Any) -> None:
        """Usage of a service on every day looked at, and a row of today so that it is whole."""
        rows = [
            charge(
                day, effective, ListCost=list_price, ServiceName=service, RegionId=REGION, **{"BillingCurrency": "USD", **more}
            )
            for day in days()
        ]
        self.books.put(f"{len(list(self.books.folder.iterdir()))}.csv", rows)
        self.books.bring(200)

    def measure(
        self, namespace: str, name: str, dimensions: Mapping[str, str], value: float, only: Iterable[date] | None = None
    ) -> None:
        """One value at noon of each day looked at."""
        about = [{"Name": key, "Value": text} for key, text in dimensions.items()]
        data = [
            {"MetricName": name, "Dimensions": about, "Value": value, "Timestamp": noon(day)}
            for day in (days() if only is None else only)
        ]
        client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)

    def rows(self, columns: str = "rule, resource, monthly_expected, price_source", rule: str = "") -> list[tuple[Any, ...]]:
        """The rows of all windows, of one rule or of all that look at resources."""
        which = f"rule = '{rule}'" if rule else "rule <> 'uncommitted'"
        return self.books.rows(
            f"select {columns} from upkeep.opportunity where {which} order by window_end, rule, region, resource"
        )


class Watched:
    """A client of boto3, watched."""

    def __init__(self, real: Any, service: str, cloud: Cloud) -> None:
        self.meta, self._real, self._service, self._cloud = real.meta, real, service, cloud

    def __getattr__(self, operation: str) -> Any:
        real = getattr(self._real, operation)

        def call(**asked: Any) -> Any:
            self._cloud.calls.append((self._service, operation, asked))
            if fault := self._cloud.faults(self._service, operation):
                raise fault
            return self._cloud.changes.get(operation, lambda found: found)(real(**asked))

        return call


def days() -> list[date]:
    """The days looked at."""
    return [TODAY - timedelta(days=back) for back in range(1, DAYS + 1)]


def noon(day: date) -> datetime:
    """Its middle."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def by_rule(answer: Answer, rule: str) -> list[str]:
    """The resources that findings of a rule are about."""
    return sorted(each.object for each in answer.findings if each.rule == rule)


def make_instance(kind: str = "m5.large", *, tags: Mapping[str, str] | None = None, region: str = REGION, **more: Any) -> str:
    """A running instance."""
    made = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    specification = {"TagSpecifications": [{"ResourceType": "instance", "Tags": made}]} if made else {}
    found = client("ec2", region).run_instances(ImageId=IMAGE, InstanceType=kind, MinCount=1, MaxCount=1, **specification, **more)
    return str(found["Instances"][0]["InstanceId"])


def load(cloud: Cloud, instance: str, cpu: float, network: float = 1000, only: Iterable[date] | None = None) -> None:
    """What CloudWatch has of an instance: its highest CPU share, and bytes in and out of a day."""
    about = {"InstanceId": instance}
    chosen = list(only) if only is not None else None
    cloud.measure("AWS/EC2", "CPUUtilization", about, cpu, chosen)
    for name in ("NetworkIn", "NetworkOut"):
        cloud.measure("AWS/EC2", name, about, network, chosen)


def make_volume(size: int = 100, kind: str = "gp3", tags: Mapping[str, str] | None = None, iops: int | None = None) -> str:
    """A volume that nothing has."""
    more = {"Iops": iops} if iops else {}
    made = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    specification = {"TagSpecifications": [{"ResourceType": "volume", "Tags": made}]} if made else {}
    ec2 = client("ec2")
    return str(ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=size, VolumeType=kind, **specification, **more)["VolumeId"])
