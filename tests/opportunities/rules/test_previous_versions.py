"""previous_versions: earlier versions, old enough, and no rule that ends them."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import NOW, REGION, Cloud, by_rule, client
from tests.opportunities.buckets import GB, holds, make_bucket, refused, sized
from upkeep.answer import Status
from upkeep.opportunities.rules import previous_versions as module

RULE = "previous_versions"
MONEY = "resource, monthly_low, monthly_expected, monthly_high, confidence"


def written(bucket: str, times: int = 3) -> None:
    """One object, written so often."""
    for _ in range(times):
        client("s3").put_object(Bucket=bucket, Key="catalogue", Body=b"x")


@pytest.mark.baseline
def test_one_that_ends_them_or_has_none_is_fine(cloud: Cloud) -> None:
    cloud.changes["list_object_versions"] = sized("Versions", 200 * GB)
    written(make_bucket("a-files", versions=True, rule={"NoncurrentVersionExpiration": {"NoncurrentDays": 30}}))
    written(make_bucket("b-files"))
    written(make_bucket("c-files", versions=True), 1)
    assert cloud.ask().status is Status.OK


@pytest.mark.near_miss
def test_new_ones_are_not_counted(cloud: Cloud) -> None:
    written(make_bucket(versions=True))
    cloud.changes["list_object_versions"] = sized("Versions", 200 * GB, {"LastModified": NOW})
    assert cloud.ask().status is Status.OK


@pytest.mark.fault
def test_old_ones_cost_what_their_class_costs(cloud: Cloud) -> None:
    written(make_bucket(versions=True))
    cloud.changes["list_object_versions"] = sized("Versions", 200 * GB)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/shop-files"]
    assert cloud.rows(MONEY, rule=RULE) == [("shop-files", *[Decimal("9.20")] * 3, "medium")]


@pytest.mark.fault
def test_of_more_than_are_listed_the_rest_is_like_them(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PAGES", 1)
    written(make_bucket(versions=True), 4)
    more = {"IsTruncated": True, "NextKeyMarker": "catalogue", "NextVersionIdMarker": "1"}
    cloud.changes["list_object_versions"] = lambda found: {**sized("Versions", 100 * GB)(found), **more}
    answer = cloud.ask()
    assert "CloudWatch tells no size of it" in answer.summary
    holds(cloud, "shop-files", 1200 * GB)
    cloud.ask()
    # Three of four are earlier ones, of three times as much.
    assert cloud.rows(MONEY, rule=RULE) == [("shop-files", Decimal("6.90"), Decimal("20.70"), Decimal("27.60"), "low")]


@pytest.mark.parametrize(
    ("operation", "action"),
    [("get_bucket_versioning", "s3:GetBucketVersioning"), ("list_object_versions", "s3:ListBucketVersions")],
)
def test_a_missing_right_is_named(cloud: Cloud, operation: str, action: str) -> None:
    written(make_bucket(versions=True))
    cloud.faults = refused(operation)
    answer = cloud.ask()
    assert (answer.status, answer.evidence["allow"]) == (Status.UNKNOWN, [action])
