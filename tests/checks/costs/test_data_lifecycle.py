"""data_lifecycle: what is old, replaced or left behind in a bucket, and whether a rule ends it."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.lab import asking, rules
from upkeep.answer import Answer
from upkeep.checks.costs.data_lifecycle import data_lifecycle
from upkeep.errors import BrokenError
from upkeep.runner import ask
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint
from upkeep.targets.bucket import Bucket
from upkeep.targets.diagnosis import Diagnosis, Level

MB = 10**6
MOVE = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}
FORGET = {"ID": "b", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
NOW = {"old_days": 0, "upload_days": 0, "min_gb": 0.001}


class Place:
    """A bucket of moto, with the client that is given to the check."""

    def __init__(self, client: Any) -> None:
        self.client = client
        client.create_bucket(Bucket="data")

    def put(self, name: str = "logs/a", count: int = 1, **more: Any) -> None:
        """The same object so many times, each of 2 MB."""
        for _ in range(count):
            self.client.put_object(Bucket="data", Key=name, Body=b"x" * 2 * MB, **more)

    def versioned(self) -> None:
        """Keep earlier versions from now on."""
        self.client.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})

    def rule(self, *said: dict[str, Any]) -> None:
        """These are its rules."""
        self.client.put_bucket_lifecycle_configuration(Bucket="data", LifecycleConfiguration={"Rules": list(said)})

    def upload(self, name: str = "logs/big") -> None:
        """One part, and no end."""
        begun = self.client.create_multipart_upload(Bucket="data", Key=name)["UploadId"]
        self.client.upload_part(Bucket="data", Key=name, PartNumber=1, UploadId=begun, Body=b"y" * 5 * MB)

    def refuse(self, operation: str, code: str = "AccessDenied") -> None:
        """From now on AWS refuses it."""

        def refused(**_: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

        self.client.meta.events.register_first(f"before-call.s3.{operation}", refused)

    def ask(self, thresholds: Mapping[str, Any] | None = None, place: str = "s3://data") -> Answer:
        """The answer."""
        bucket = Bucket.model_validate({**_about(place), "thresholds": {"data_lifecycle": thresholds or {}}})
        return ask(asking(data_lifecycle, bucket, To(self.client)))

    def examined(self) -> Diagnosis:
        """What the doctor says."""
        (found,) = Bucket.model_validate(_about("s3://data")).examine(To(self.client), ())
        return found


class To:
    """Connections that lead to this client."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:  # noqa: ARG002 - there is one
        """The client."""
        return self.client

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """None is needed."""
        raise NotImplementedError(url, connection_id)

    def postgres(self, connection_id: str) -> Endpoint:
        """None is needed."""
        raise NotImplementedError(connection_id)


def _about(place: str) -> dict[str, Any]:
    return {"name": "data", "owner": "ann", "place": place}


@pytest.fixture
def place() -> Iterator[Place]:
    """An empty bucket."""
    with mock_aws():
        yield Place(boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"))


@pytest.mark.baseline
def test_a_bucket_with_rules_for_all_is_fine(place: Place) -> None:
    place.versioned()
    place.rule(MOVE, {**FORGET, "Filter": {"Prefix": ""}})
    place.put(count=3)
    answer = place.ask(NOW)
    assert rules(answer) == []
    assert "3 objects and versions with 5.7 MiB in s3://data, 2 lifecycle rules enabled" in answer.summary


@pytest.mark.baseline
def test_an_empty_bucket_is_fine(place: Place) -> None:
    assert place.ask(NOW).status == "ok"


@pytest.mark.near_miss
@pytest.mark.parametrize("more", [{"old_days": 1}, {"min_gb": 1}])
def test_what_is_new_or_small_needs_no_rule(place: Place, more: dict[str, Any]) -> None:
    place.versioned()
    place.put(count=2)
    assert rules(place.ask({**NOW, **more})) == []


@pytest.mark.fault
def test_old_objects_that_nothing_moves_are_found(place: Place) -> None:
    place.put()
    answer = place.ask(NOW)
    assert rules(answer) == [("no_lifecycle", "s3://data")]
    assert answer.findings[0].value == 2 * MB


@pytest.mark.near_miss
def test_what_is_in_a_cheap_class_already_is_fine(place: Place) -> None:
    place.put(StorageClass="STANDARD_IA")
    assert rules(place.ask(NOW)) == []


@pytest.mark.fault
@pytest.mark.parametrize("rule", [
    {**MOVE, "Status": "Disabled"}, {**MOVE, "Filter": {"Prefix": "other/"}},
    {**MOVE, "Filter": {"Tag": {"Key": "old", "Value": "yes"}}}, FORGET,
])  # fmt: skip
def test_a_rule_that_may_miss_them_is_none(place: Place, rule: dict[str, Any]) -> None:
    place.rule(rule)
    place.put()
    assert rules(place.ask(NOW)) == [("no_lifecycle", "s3://data")]


@pytest.mark.fault
def test_earlier_versions_are_found_though_no_listing_shows_them(place: Place) -> None:
    place.versioned()
    place.rule(MOVE)
    place.put(count=4)
    place.client.delete_object(Bucket="data", Key="logs/a")
    answer = place.ask(NOW)
    assert rules(answer) == [("previous_versions", "s3://data")]
    assert answer.findings[0].value == 8 * MB


@pytest.mark.near_miss
def test_a_rule_for_a_part_is_enough_for_that_part(place: Place) -> None:
    place.versioned()
    place.rule(MOVE, FORGET)
    place.put(count=2)
    assert rules(place.ask(NOW, "s3://data/logs/2026/")) == []
    assert rules(place.ask(NOW, "s3://data/logs/")) == []
    assert rules(place.ask(NOW, "s3://data")) == [("previous_versions", "s3://data")]


@pytest.mark.fault
def test_uploads_without_an_end_are_found_with_their_size(place: Place) -> None:
    place.upload("logs/one")
    place.upload("logs/two")
    answer = place.ask(NOW)
    assert rules(answer) == [("incomplete_uploads", "s3://data")]
    assert answer.findings[0].value == 10 * MB
    assert "AbortIncompleteMultipartUpload" in answer.findings[0].remedy


@pytest.mark.near_miss
def test_an_upload_that_has_just_begun_is_fine(place: Place) -> None:
    """Moto says that each began in 2010."""
    place.upload()
    assert rules(place.ask({**NOW, "upload_days": 100_000})) == []


def test_storage_is_told_by_class_and_age(place: Place) -> None:
    place.put("a")
    place.put("b", StorageClass="GLACIER")
    found = {m.labels["class"]: (m.value, m.n, m.labels["age"]) for m in place.ask().metrics if m.name == "stored_bytes"}
    assert found == {"STANDARD": (2 * MB, 1, "under 30 days"), "GLACIER": (2 * MB, 1, "under 30 days")}


def test_more_objects_than_are_counted_are_unknown(place: Place) -> None:
    place.put("a")
    place.put("b")
    assert place.ask({"most_objects": 2}).status == "ok"
    answer = place.ask({"most_objects": 1})
    assert (answer.status, "more than 1 objects" in answer.summary) == ("unknown", True)


@pytest.mark.parametrize(("operation", "right"), [
    ("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"), ("GetBucketVersioning", "s3:GetBucketVersioning"),
    ("ListObjectsV2", "s3:ListBucket"), ("ListMultipartUploads", "s3:ListBucketMultipartUploads"),
    ("ListParts", "s3:ListMultipartUploadParts"),
])  # fmt: skip
def test_a_missing_right_is_named_and_the_answer_is_unknown(place: Place, operation: str, right: str) -> None:
    place.upload()
    place.refuse(operation)
    answer = place.ask(NOW)
    assert (answer.status, f"s3://data refuses {right}" in answer.summary) == ("unknown", True)
    found = place.examined()
    assert (found.level, right in found.text, f'"{right}"' in found.remedy) == (Level.NO, True, True)


def test_the_right_to_versions_is_named_where_there_are_some(place: Place) -> None:
    place.versioned()
    place.refuse("ListObjectVersions")
    assert "refuses s3:ListBucketVersions" in place.ask().summary


@pytest.mark.parametrize(("code", "retry"), [("NoSuchBucket", False), ("SlowDown", True)])
def test_what_aws_says_otherwise_is_told(place: Place, code: str, *, retry: bool) -> None:
    place.refuse("GetBucketVersioning", code)
    with pytest.raises(BrokenError, match=code) as caught:
        place.ask()
    assert caught.value.retry is retry


def test_a_bucket_that_tells_all_is_fine_for_the_doctor(place: Place) -> None:
    found = place.examined()
    assert (found.level, "s3:ListBucketMultipartUploads" in found.text) == (Level.OK, True)


def test_it_is_about_the_present_only() -> None:
    assert not data_lifecycle.dated
