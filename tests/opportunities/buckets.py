"""Buckets in moto's cloud, with sizes that nobody has to store."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.checks.costs.cloud import REGION, Cloud, client, days

GB = 2**30


def make_bucket(name: str = "shop-files", *, versions: bool = False, rule: Mapping[str, Any] | None = None) -> str:
    """An empty bucket, with one lifecycle rule about all of it where one is given."""
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if rule:
        whole = {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, **rule}
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [whole]})
    return name


def holds(cloud: Cloud, bucket: str, size: float, objects: float = 1000, newest: int = 0, oldest: int = 0) -> None:
    """What CloudWatch says that it held on each day looked at, without the `newest` and `oldest` of these."""
    told = days()[newest : len(days()) - oldest]
    for name, kind, value in (
        ("BucketSizeBytes", "StandardStorage", size),
        ("NumberOfObjects", "AllStorageTypes", objects),
    ):
        cloud.measure("AWS/S3", name, {"BucketName": bucket, "StorageType": kind}, value, told)


def sized(key: str, size: int, more: Mapping[str, Any] | None = None) -> Any:
    """Makes each entry of a listing as large as AWS might have it."""
    return lambda found: {**found, key: [{**each, "Size": size, **(more or {})} for each in found.get(key, ())]}


def refused(*operations: str) -> Any:
    """Refuses these calls, as a policy that lacks them does."""
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "It")
    return lambda _, operation: error if operation in operations else None
