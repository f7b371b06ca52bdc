"""RDS's listing, and backup_completed through it, against moto's RDS."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from upkeep.answer import Answer, Status
from upkeep.checks.backups.backup_completed import backup_completed
from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.backup_listing import COMPLETE
from upkeep.sources.rds import listing
from upkeep.targets.database import Backup, Database
from upkeep.window import Window

DAY = timedelta(days=1)


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("rds", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")


def instance(client: Any, days: int = 7) -> None:
    client.create_db_instance(
        DBInstanceIdentifier="shop",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=10,
        MasterUsername="postgres",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=days,
    )


class Aws:
    """Connections with this client only."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """The client, for the connection that the inventory names."""
        assert (connection_id, service, region) == ("aws_shop", "rds", None)
        return self._client


def ask(client: Any, end: datetime) -> Answer:
    plan = Backup(taken_by="rds", name="shop", connection="aws_shop")
    database = Database(name="shop", owner="tester", connection="shop", backup=plan)
    answer: Answer = backup_completed.ask(database, Window(end - DAY, end), Aws(client), None)
    return answer


def test_point_in_time_and_snapshots_are_listed_with_aware_times(client: Any) -> None:
    instance(client)
    for number in range(25):
        client.create_db_snapshot(DBInstanceIdentifier="shop", DBSnapshotIdentifier=f"by-hand-{number}")
    found = listing(client, "shop")
    assert len([each for each in found.backups if each.kind == "manual snapshot"]) == 25
    assert {each.state for each in found.backups} == {COMPLETE}
    assert all(each.at.tzinfo is UTC for each in found.backups)
    assert found.point_in_time is not None
    assert not found.faults


def test_pages_are_followed(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    instance(client)
    pages = [
        {"DBSnapshots": [{"DBSnapshotIdentifier": name, "Status": "available", "SnapshotCreateTime": datetime.now(UTC)}]}
        for name in ("first", "second")
    ]

    class Pages:
        def paginate(self, **_: Any) -> Any:
            return pages

    monkeypatch.setattr(client, "get_paginator", lambda _: Pages())
    assert [each.id for each in listing(client, "shop").backups] == ["first", "second"]


def test_a_restorable_instance_is_ok_now_and_unknown_before_its_time(client: Any) -> None:
    instance(client)
    now = datetime.now(UTC)
    answer = ask(client, now)
    assert answer.status is Status.OK
    assert "complete as RDS says" in answer.summary
    assert ask(client, now - 30 * DAY).status is Status.UNKNOWN
    assert {f.rule for f in ask(client, now + 3 * DAY).findings} == {"backup_overdue"}


def test_no_automated_backups_is_a_finding_even_with_a_fresh_snapshot(client: Any) -> None:
    instance(client, days=0)
    rules = {f.rule for f in ask(client, datetime.now(UTC) + timedelta(minutes=1)).findings}
    assert "automated_backups_off" in rules
    client.create_db_snapshot(DBInstanceIdentifier="shop", DBSnapshotIdentifier="by-hand")
    rules = {f.rule for f in ask(client, datetime.now(UTC) + timedelta(minutes=1)).findings}
    assert rules == {"automated_backups_off"}


def test_a_missing_instance_right_or_region_is_said_with_the_way_out(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotAskError, match="knows no instance shop"):
        listing(client, "shop")
    from botocore.exceptions import ClientError, EndpointConnectionError

    def refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "DescribeDBInstances")

    monkeypatch.setattr(client, "describe_db_instances", refuse)
    with pytest.raises(CannotAskError, match="not you") as raised:
        listing(client, "shop")
    assert "rds:DescribeDBSnapshots" in raised.value.remedy

    def away(**_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://rds")

    monkeypatch.setattr(client, "describe_db_instances", away)
    with pytest.raises(BrokenError) as broken:
        listing(client, "shop")
    assert broken.value.retry
