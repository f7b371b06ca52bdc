"""opportunities: what AWS refuses, puts off or takes back is unknown, and takes nothing else with it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.checks.costs.cloud import EC2, NOW, REGION, Cloud, by_rule, client, load, make_instance, make_volume
from tests.opportunities.buckets import GB, make_bucket
from upkeep.answer import Status
from upkeep.checks.costs import opportunities_seen
from upkeep.errors import BrokenError
from upkeep.sources.aws_reading import Patience


def failing(code: str, status: int = 400) -> ClientError:
    """What boto3 raises for this code."""
    return ClientError({"Error": {"Code": code, "Message": "not you"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "It")


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited; nobody waits."""
    waited: list[float] = []
    monkeypatch.setattr(opportunities_seen, "Patience", lambda: Patience(pause=waited.append))
    return waited


def test_a_refusal_is_unknown_with_its_action_and_the_others_answer(cloud: Cloud) -> None:
    volume = make_volume()
    instance = make_instance()
    load(cloud, instance, 1)
    cloud.faults = lambda _, operation: failing("UnauthorizedOperation") if operation == "describe_instances" else None
    answer = cloud.ask()
    assert answer.status is Status.BREACH
    assert by_rule(answer, "unattached_volumes") == [f"{REGION}/{volume}"]
    assert answer.evidence["allow"] == ["ec2:DescribeInstances"]
    assert "unknown for want of a right: allow ec2:DescribeInstances" in answer.summary


def test_with_nothing_found_a_refusal_is_never_ok(cloud: Cloud) -> None:
    cloud.faults = lambda service, _: failing("AccessDenied") if service == "rds" else None
    answer = cloud.ask()
    assert (answer.status, answer.evidence["remedy"]) == (Status.UNKNOWN, "allow rds:DescribeDBInstances")


def test_what_was_found_stays_open_while_it_cannot_be_looked_at(cloud: Cloud) -> None:
    volume, other = make_volume(), make_volume(300)
    first = cloud.ask()
    assert len(by_rule(first, "unattached_volumes")) == 2
    cloud.faults = lambda service, _: failing("AccessDeniedException") if service == "cloudwatch" else None
    second = cloud.ask(weeks=1)
    assert by_rule(second, "unattached_volumes") == sorted(f"{REGION}/{each}" for each in (volume, other))
    assert "not known now" in second.findings[0].title
    cloud.faults = lambda _service, _operation: None
    third = cloud.ask(weeks=2)
    assert [each.fingerprint("d", "t") for each in third.findings] == [each.fingerprint("d", "t") for each in first.findings]
    assert cloud.books.value("select count(*) from upkeep.episode where resolved_at is null") == 2


def test_throttling_is_waited_out_for_a_while_and_is_then_unknown(cloud: Cloud, pauses: list[float]) -> None:
    cloud.faults = lambda service, _: failing("RequestLimitExceeded", 503) if service == "ec2" else None
    answer = cloud.ask()
    assert answer.status is Status.UNKNOWN
    assert "too busy for ec2:DescribeVolumes" in answer.summary
    assert 0 < sum(pauses) <= 120


def test_a_short_throttling_is_nothing(cloud: Cloud) -> None:
    volume = make_volume()
    left = {"describe_volumes": 3}

    def fault(_: str, operation: str) -> Exception | None:
        left[operation] = left.get(operation, 0) - 1
        return failing("Throttling") if left[operation] >= 0 else None

    cloud.faults = fault
    assert by_rule(cloud.ask(), "unattached_volumes") == [f"{REGION}/{volume}"]


def test_an_account_that_is_withdrawn_leaves_the_ledger(cloud: Cloud) -> None:
    cloud.pay(EC2, "10", "10")
    make_volume()
    cloud.faults = lambda _service, _operation: failing("InvalidClientTokenId", 403)
    answer = cloud.ask()
    assert by_rule(answer, "uncommitted") == ["global/EC2 (USD)"]
    assert "renew the AWS connection" in answer.evidence["remedy"]


def test_one_that_is_withdrawn_in_the_middle_keeps_what_was_found(cloud: Cloud) -> None:
    volume = make_volume()
    cloud.faults = lambda service, _: failing("ExpiredToken", 403) if service in {"rds", "logs", "elbv2"} else None
    answer = cloud.ask()
    assert by_rule(answer, "unattached_volumes") == [f"{REGION}/{volume}"]
    assert "no longer knows this login" in answer.summary


def test_an_hour_of_429_is_unknown_within_two_minutes_of_waiting(cloud: Cloud, pauses: list[float]) -> None:
    cloud.pay(EC2, "10", "10")
    make_volume()
    cloud.faults = lambda service, _: failing("TooManyRequests", 429) if service != "sts" else None
    answer = cloud.ask()
    assert by_rule(answer, "uncommitted") == ["global/EC2 (USD)"]
    assert by_rule(answer, "unattached_volumes") == []
    assert "AWS is too busy for " in answer.summary
    assert answer.evidence["remedy"] == "ask again later"
    assert 60 < sum(pauses) <= 120


def test_an_account_of_which_not_even_the_number_is_told_is_unknown_and_tried_again(cloud: Cloud, pauses: list[float]) -> None:
    cloud.faults = lambda _service, _operation: failing("TooManyRequests", 429)
    with pytest.raises(BrokenError, match=r"AWS is too busy for sts:GetCallerIdentity in eu-central-1") as caught:
        cloud.ask()
    assert (caught.value.retry, caught.value.remedy) == (True, "ask again later")
    assert cloud.books.rows("select duty, status from upkeep.answer") == [("opportunities", "unknown")]
    assert sum(pauses) <= 120


def test_a_login_withdrawn_between_two_buckets_keeps_the_first_and_says_so(cloud: Cloud) -> None:
    for name in ("a-files", "b-files"):
        client("s3").create_multipart_upload(Bucket=make_bucket(name), Key="backup")
    began = {"Initiated": NOW - timedelta(days=30)}
    cloud.changes["list_multipart_uploads"] = lambda found: {"Uploads": [{**each, **began} for each in found["Uploads"]]}
    cloud.changes["list_parts"] = lambda _: {"Parts": [{"Size": 500 * GB}]}

    def withdrawn(_service: str, _operation: str) -> Exception | None:
        return failing("ExpiredToken") if any(asked.get("Bucket") == "b-files" for _, _, asked in cloud.calls) else None

    cloud.faults = withdrawn
    answer = cloud.ask()
    assert by_rule(answer, "incomplete_uploads") == [f"{REGION}/a-files"]
    assert "no longer knows this login" in answer.summary
    assert "renew the AWS connection" in answer.evidence["remedy"]


def test_without_an_api_connection_it_says_what_to_declare(cloud: Cloud) -> None:
    answer = cloud.ask(account={"api_connection": None})
    assert (answer.status, answer.findings, cloud.calls) == (Status.UNKNOWN, (), [])
    assert "declare api_connection for aws" in answer.evidence["remedy"]


def test_money_that_moves_opens_nothing_anew(cloud: Cloud) -> None:
    make_volume(65)
    first = cloud.ask(min_amount=5)
    assert "5.20 USD" in first.findings[0].title
    cloud.pay(EC2, "9", "10")
    second = cloud.ask(weeks=1, min_amount=5)
    ours = [each for each in second.findings if each.rule == "unattached_volumes"]
    assert [replace(each, title="", details={}) for each in ours] == [
        replace(each, title="", details={}) for each in first.findings
    ]
    assert "4.68 USD" in ours[0].title


def test_more_than_five_hundred_metrics_are_asked_in_batches(cloud: Cloud) -> None:
    volumes = 260
    for _ in range(volumes):
        client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=10, VolumeType="gp3")
    cloud.seen(days_later=33)
    cloud.ask(look_days=2)
    asked = [len(asked["MetricDataQueries"]) for service, _, asked in cloud.calls if service == "cloudwatch"]
    assert max(asked) <= 500
    assert volumes in asked
