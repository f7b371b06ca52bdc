"""The stand-in for AWS: what stands about in it is found through its own protocols, what is as it should be is not."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.demo.costs.test_bill import DUTIES, asked, made, rows
from tests.lab import UTC_ZONE, Lab, asking, fresh_reports
from upkeep.answer import Answer, Status
from upkeep.checks.costs.opportunities import opportunities
from upkeep.demo.cloud import estate
from upkeep.demo.cloud.server import serve
from upkeep.demo.planted import PLANTED, Found, invented, missed
from upkeep.runner import ask_and_store
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import Provenance
from upkeep.targets.account import Account
from upkeep.targets.diagnosis import Level
from upkeep.window import Cadence

NOW = datetime.now(UTC)
OURS = [p for p in PLANTED if p.duty == "opportunities"]


@dataclass(frozen=True)
class Reached:
    """Connections to the stand-in."""

    address: str
    reports: Endpoint | None = None

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """A client of the stand-in."""
        assert connection_id == "shop_cloud"
        login = {"aws_access_key_id": "upkeep-demo", "aws_secret_access_key": "x"}
        config = Config(retries={"max_attempts": 1})
        return boto3.client(service, region_name=region, endpoint_url=self.address, config=config, **login)

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:  # noqa: ARG002 - no credentials are known
        """A folder."""
        return open_store(url)

    def postgres(self, connection_id: str) -> Endpoint:  # noqa: ARG002 - there is one
        """The report database."""
        assert self.reports
        return self.reports


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = serve(0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def looked(
    server: ScratchServer, tmp_path_factory: pytest.TempPathFactory, address: str
) -> Iterator[tuple[Lab, Account, Answer]]:
    """The account's first week, with its bill."""
    with fresh_reports(server, "demo_cloud") as reports:
        account = made(reports, tmp_path_factory.mktemp("demo"), NOW)
        asked(reports, account, DUTIES["import_costs"], NOW)
        by = Provenance("weekly", "r", "costs.opportunities", 0, 1, NOW, 0.0)
        window = Cadence.WEEKLY.last_full(NOW, UTC_ZONE)
        question = asking(opportunities, account, Reached(address, reports.endpoint), window=window, provenance=by)
        yield reports, account, ask_and_store(question, reports.endpoint)


def test_what_is_planted_is_found_and_nothing_else(looked: tuple[Lab, Account, Answer]) -> None:
    _, account, answer = looked
    found = [Found(f.severity.label, account.name, "opportunities", f.rule, f.object, f.title) for f in answer.findings]
    assert (missed(found, OURS), invented(found)) == ([], [])
    assert len(found) == len(OURS) + 1, "each once, and the use on demand that the half used commitment leaves"
    assert answer.evidence["unknown"] == []
    assert answer.status is Status.BREACH


def test_each_has_money(looked: tuple[Lab, Account, Answer]) -> None:
    lab, _, answer = looked
    money = rows(lab, "select resource, monthly_low, monthly_expected, monthly_high from upkeep.opportunity")
    assert all(low <= expected <= high and expected > 0 for _, low, expected, high in money)
    assert all("USD" in f.title and "a month" in f.title for f in answer.findings)
    assert "worth" in answer.summary
    known = {resource: expected for resource, _, expected, _ in money}
    assert known["vol-0a10000000000005"] <= 9000 * Decimal("0.005"), "of 12,000 IOPS 3,000 are free anyway"


def test_what_is_as_it_should_be_is_left_alone(looked: tuple[Lab, Account, Answer]) -> None:
    lab, _, answer = looked
    kept = rows(lab, "select resource, protected_by from upkeep.opportunity where protected_by is not null")
    assert kept == [("i-0a10000000000002", "tag keep=for failover")]
    assert "1 protected" in answer.summary
    assert "too young" in answer.summary
    small = rows(lab, "select count(*) from upkeep.opportunity where resource = 'vol-0a10000000000004'")
    assert small == [(1,)], "counted, and too small to be a finding"
    sub_accounts = rows(lab, "select distinct account from upkeep.opportunity")
    assert sub_accounts == [("210000000011",)]


def test_the_doctor_finds_every_right(looked: tuple[Lab, Account, Answer], address: str) -> None:
    lab, account, _ = looked
    told = list(account.examine(Reached(address, lab.endpoint), []))
    assert [(each.about, each.level) for each in told] == [("costs", Level.OK), ("opportunities", Level.OK)]


def test_it_is_old_for_ever_and_new_for_ever() -> None:
    """Whenever the demo starts, what is young is three days old."""
    found = estate.now().answer("ec2", "DescribeVolumes", {})["Volumes"]
    young = [each["VolumeId"] for each in found if NOW - each["CreateTime"] < timedelta(days=30)]
    assert young == ["vol-0a10000000000002"]


def test_metrics_are_the_same_whenever_they_are_asked(address: str) -> None:
    client, end = Reached(address).aws("shop_cloud", "cloudwatch", "eu-central-1"), datetime(2026, 11, 1, tzinfo=UTC)
    about = {
        "Namespace": "AWS/EC2",
        "MetricName": "NetworkIn",
        "Dimensions": [{"Name": "InstanceId", "Value": "i-0a10000000000003"}],
    }
    query = {"Id": "m", "MetricStat": {"Metric": about, "Period": 86400, "Stat": "Sum"}}

    def ask() -> Any:
        found = client.get_metric_data(MetricDataQueries=[query], StartTime=end - timedelta(days=30), EndTime=end)
        return found["MetricDataResults"][0]

    first = ask()
    assert (first["Timestamps"], first["Values"]) == (ask()["Timestamps"], ask()["Values"])
    assert len(first["Values"]) == 30
    assert all(0.8 * 9e10 <= value <= 9e10 for value in first["Values"])


@pytest.mark.parametrize(
    ("service", "operation", "asked_for", "code"),
    [
        ("ec2", "describe_vpn_gateways", {}, "InvalidAction"),
        ("rds", "describe_db_clusters", {}, "InvalidAction"),
        ("logs", "describe_metric_filters", {}, "InvalidAction"),
        ("elbv2", "describe_target_health", {"TargetGroupArn": "arn:other"}, "TargetGroupNotFound"),
        ("s3", "get_bucket_tagging", {"Bucket": "shop-exports"}, "NoSuchTagSet"),
        ("s3", "list_multipart_uploads", {"Bucket": "other"}, "NoSuchBucket"),
    ],
)
def test_what_it_has_not_it_refuses_as_aws_does(address: str, service: str, operation: str, asked_for: Any, code: str) -> None:
    client = Reached(address).aws("shop_cloud", service, "eu-central-1")
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**asked_for)
    assert error.value.response["Error"]["Code"] == code


def test_what_is_not_signed_is_refused(address: str) -> None:
    assert httpx.get(f"{address}/shop-exports").status_code == 403
    assert httpx.post(address, content=b"Action=DescribeInstances").status_code == 403
