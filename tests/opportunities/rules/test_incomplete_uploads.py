"""incomplete_uploads: begun long ago, never ended, and no rule that gives them up."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.checks.costs.cloud import NOW, REGION, Cloud, by_rule, client
from tests.opportunities.buckets import GB, make_bucket, refused, sized
from upkeep.answer import Status
from upkeep.opportunities.rules import incomplete_uploads as module

RULE = "incomplete_uploads"
MONEY = "resource, monthly_low, monthly_expected, monthly_high, confidence"


def begun(bucket: str, count: int = 1) -> None:
    """Uploads of one part each. In moto every upload began in 2010."""
    s3 = client("s3")
    for number in range(count):
        upload = s3.create_multipart_upload(Bucket=bucket, Key=f"film-{number}")["UploadId"]
        s3.upload_part(Bucket=bucket, Key=f"film-{number}", UploadId=upload, PartNumber=1, Body=b"x")


@pytest.mark.baseline
def test_one_that_gives_them_up_is_fine(cloud: Cloud) -> None:
    cloud.changes["list_parts"] = sized("Parts", 500 * GB)
    begun(make_bucket(rule={"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}))
    make_bucket("b-files")
    assert cloud.ask().status is Status.OK


@pytest.mark.near_miss
def test_one_that_was_begun_this_week_may_go_on(cloud: Cloud) -> None:
    begun(make_bucket())
    cloud.changes["list_parts"] = sized("Parts", 500 * GB)
    this_week = {"Initiated": NOW - timedelta(days=6, hours=23)}
    cloud.changes["list_multipart_uploads"] = lambda found: {"Uploads": [{**each, **this_week} for each in found["Uploads"]]}
    assert cloud.ask().status is Status.OK


@pytest.mark.fault
def test_its_parts_are_added_up(cloud: Cloud) -> None:
    begun(make_bucket(), 2)
    cloud.changes["list_parts"] = sized("Parts", 500 * GB)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/shop-files"]
    assert cloud.rows(MONEY, rule=RULE) == [("shop-files", *[Decimal("23.00")] * 3, "medium")]


@pytest.mark.fault
def test_beyond_those_counted_the_others_are_as_large(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COUNTED", 1)
    begun(make_bucket(), 3)
    cloud.changes["list_parts"] = sized("Parts", 500 * GB)
    cloud.ask()
    assert cloud.rows(MONEY, rule=RULE) == [("shop-files", Decimal("11.50"), Decimal("34.50"), Decimal("34.50"), "medium")]


@pytest.mark.parametrize(
    ("operation", "action"),
    [("list_multipart_uploads", "s3:ListBucketMultipartUploads"), ("list_parts", "s3:ListMultipartUploadParts")],
)
def test_a_missing_right_is_named(cloud: Cloud, operation: str, action: str) -> None:
    begun(make_bucket())
    cloud.faults = refused(operation)
    answer = cloud.ask()
    assert (answer.status, answer.evidence["allow"]) == (Status.UNKNOWN, [action])
