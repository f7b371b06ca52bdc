"""unread_storage: the dearest class, without a rule, and how much of it was read."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, client, days
from tests.opportunities.buckets import GB, holds, make_bucket, refused
from upkeep.answer import Status

RULE, TB = "unread_storage", 1000 * GB
MONEY = "resource, monthly_low, monthly_expected, monthly_high, confidence"
MOVES = {"Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]}


def counted(cloud: Cloud, bucket: str, read: float, since: int = 30) -> None:
    """Request metrics of the whole bucket. Moto keeps no configuration of them, so that it is put into its answer."""
    cloud.changes["list_bucket_metrics_configurations"] = lambda _: {"MetricsConfigurationList": [{"Id": "all"}]}
    about = {"BucketName": bucket, "FilterId": "all"}
    cloud.measure("AWS/S3", "AllRequests", about, 1, [days()[since - 1]])
    cloud.measure("AWS/S3", "BytesDownloaded", about, read, [days()[0]])


@pytest.mark.baseline
def test_one_with_a_rule_that_moves_all_is_fine(cloud: Cloud) -> None:
    holds(cloud, make_bucket(rule=MOVES), TB)
    assert by_rule(cloud.ask(), RULE) == []
    assert cloud.rows(rule=RULE) == []


@pytest.mark.near_miss
@pytest.mark.parametrize(("size", "objects"), [(GB - 1, 1), (TB, TB / (128 * 1024) + 1)])
def test_little_and_small_objects_gain_nothing(cloud: Cloud, size: float, objects: float) -> None:
    holds(cloud, make_bucket(), size, objects)
    assert cloud.ask().status is Status.OK


@pytest.mark.near_miss
def test_one_that_was_read_whole_gains_nothing(cloud: Cloud) -> None:
    bucket = make_bucket()
    holds(cloud, bucket, TB)
    counted(cloud, bucket, TB)
    cloud.ask()
    assert cloud.rows(rule=RULE) == []


@pytest.mark.near_miss
def test_a_rule_about_a_part_or_a_tag_covers_not_all(cloud: Cloud) -> None:
    holds(cloud, make_bucket(rule={**MOVES, "Filter": {"Prefix": "logs/"}}), TB)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/shop-files"]


@pytest.mark.fault
def test_without_request_metrics_half_is_assumed(cloud: Cloud) -> None:
    holds(cloud, make_bucket(), TB, newest=2)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/shop-files"]
    # 1,000 GB at 0.0105 USD; watching 1,000 objects takes 0.0025.
    assert cloud.rows(MONEY, rule=RULE) == [("shop-files", Decimal("0.00"), Decimal("5.25"), Decimal("10.50"), "low")]


@pytest.mark.fault
def test_what_was_downloaded_bounds_what_was_read(cloud: Cloud) -> None:
    bucket = make_bucket()
    holds(cloud, bucket, TB, objects=100_000)
    counted(cloud, bucket, TB / 5)
    cloud.ask()
    # At list prices nothing is surer than medium.
    assert cloud.rows(MONEY, rule=RULE) == [(bucket, Decimal("8.15"), Decimal("8.15"), Decimal("10.25"), "medium")]


@pytest.mark.near_miss
def test_metrics_that_began_later_bound_nothing(cloud: Cloud) -> None:
    bucket = make_bucket()
    holds(cloud, bucket, TB)
    counted(cloud, bucket, TB, since=20)
    cloud.ask()
    assert cloud.rows("confidence", rule=RULE) == [("low",)]


@pytest.mark.near_miss
def test_a_new_one_is_too_young_and_a_gap_is_unknown(cloud: Cloud) -> None:
    holds(cloud, make_bucket("new-files"), TB, oldest=3)
    answer = cloud.ask()
    assert (answer.findings, "1 too young" in answer.summary) == ((), True)
    holds(cloud, make_bucket("lost-files"), TB, newest=3)
    answer = cloud.ask()
    assert answer.status is Status.UNKNOWN
    assert "lost-files: CloudWatch has no size of it for 1 of 30 days" in answer.summary


def test_a_protected_one_is_no_finding(cloud: Cloud) -> None:
    bucket = make_bucket()
    client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "keep", "Value": "yes"}]})
    holds(cloud, bucket, TB)
    assert by_rule(cloud.ask(account={"protected_tags": ["keep"]}), RULE) == []
    assert cloud.rows("protected_by", rule=RULE) == [("tag keep=yes",)]


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("list_buckets", "s3:ListAllMyBuckets"),
        ("get_bucket_lifecycle_configuration", "s3:GetLifecycleConfiguration"),
        ("list_bucket_metrics_configurations", "s3:GetMetricsConfiguration"),
        ("get_bucket_tagging", "s3:GetBucketTagging"),
    ],
)
def test_a_missing_right_is_named(cloud: Cloud, operation: str, action: str) -> None:
    holds(cloud, make_bucket(), TB)
    cloud.faults = refused(operation)
    answer = cloud.ask()
    assert (answer.status, answer.evidence["allow"], cloud.rows(rule=RULE)) == (Status.UNKNOWN, [action], [])


def test_one_bucket_that_refuses_hides_no_other(cloud: Cloud) -> None:
    for name in ("a-files", "b-files"):
        holds(cloud, make_bucket(name), TB)
    asked: list[str] = []

    def once(service: str, operation: str) -> Exception | None:
        """Every second bucket's rules."""
        asked.append(operation)
        odd = asked.count("get_bucket_lifecycle_configuration") % 2
        return refused("get_bucket_lifecycle_configuration")(service, operation) if odd else None

    cloud.faults = once
    answer = cloud.ask()
    assert by_rule(answer, RULE) == [f"{REGION}/b-files"]
    assert answer.evidence["allow"] == ["s3:GetLifecycleConfiguration"]
