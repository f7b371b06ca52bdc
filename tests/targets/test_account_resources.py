"""Accounts with an api_connection: each action that AWS refuses is named, with the least policy."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.checks.costs.cloud import Watched, client
from upkeep.opportunities.rules import every_action
from upkeep.sources.connections import Connections
from upkeep.sources.objects import open_store
from upkeep.targets.account import Account
from upkeep.targets.diagnosis import Diagnosis, Level


def examined(tmp_path: Any, refused: set[str]) -> Diagnosis:
    """What is said of resources when AWS refuses these calls."""
    denied = ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "not you"}}, "It")
    watching = SimpleNamespace(calls=[], changes={}, faults=lambda _, operation: denied if operation in refused else None)
    connections = SimpleNamespace(
        aws=lambda _, service, region: Watched(client(service, region), service, cast("Any", watching)),
        objects=lambda url, _: open_store(url),
    )
    (tmp_path / "a.csv").write_text("x")
    account = Account(
        name="bill", owner="ann", provider="aws", place=tmp_path.as_uri(), api_connection="aws_reader", regions=("eu-central-1",)
    )
    with mock_aws():
        where = {"LocationConstraint": "eu-central-1"}
        client("s3").create_bucket(Bucket="shop-files", CreateBucketConfiguration=where)
        found = list(account.examine(cast("Connections", connections), ()))
    return next(each for each in found if each.about == "opportunities")


def test_what_is_allowed_is_said_with_the_least_policy(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    found = examined(tmp_path, set())
    assert found.level is Level.OK, found.text
    assert all(action in found.text for action in every_action())


def test_each_refused_action_is_named(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    found = examined(tmp_path, {"describe_volumes", "get_metric_data"})
    assert (found.level, found.unmet) == (Level.NO, ())
    assert found.text.startswith("AWS refuses cloudwatch:GetMetricData, ec2:DescribeVolumes in eu-central-1")
    assert found.remedy.startswith("allow cloudwatch:GetMetricData, ec2:DescribeVolumes: ")


def test_what_is_about_buckets_is_tried_on_one_of_them(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    calls = {"get_bucket_lifecycle_configuration", "get_bucket_tagging", "list_object_versions", "list_multipart_uploads"}
    found = examined(tmp_path, calls)
    assert found.text.startswith(
        "AWS refuses s3:GetBucketTagging, s3:GetLifecycleConfiguration, s3:ListBucketMultipartUploads, s3:ListBucketVersions in"
    )
