"""Buckets of a region as rules judge them: their lifecycle rules, their tags, and what class Standard held on each day."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from upkeep.opportunities.rule import Outcome, Unsure, Young
from upkeep.opportunities.view import View, tags_of
from upkeep.sources.aws_metrics import MetricAsked, MetricSeries
from upkeep.sources.aws_reading import ApiError, DeniedError

GB = Decimal(2**30)
BUCKETS, RULES, TAGS = "s3:ListAllMyBuckets", "s3:GetLifecycleConfiguration", "s3:GetBucketTagging"
# S3 tells of a day up to two days later.
LATE = timedelta(days=2)


def of_each_bucket(view: View, look: Callable[[str], Iterator[Outcome]]) -> Iterator[Outcome]:
    """What a rule says of each bucket; one that may not be looked at is unsure, and keeps nothing from the others."""
    for bucket in buckets(view):
        try:
            yield from look(bucket)
        except DeniedError as error:
            yield Unsure(bucket, error.reason, error.action)
        except ApiError as error:
            if error.code != "NoSuchBucket":
                yield Unsure(bucket, str(error))


def buckets(view: View) -> list[str]:
    """Names of the buckets of this region."""
    found = view.listed("s3", "list_buckets", "Buckets", BucketRegion=view.region)
    return sorted(each["Name"] for each in found if each.get("BucketRegion", view.region) == view.region)


def lifecycle_of(view: View, bucket: str) -> list[Mapping[str, Any]]:
    """Its lifecycle rules that are enabled."""
    found = _or_none(view, "get_bucket_lifecycle_configuration", bucket, "NoSuchLifecycleConfiguration")
    return [rule for rule in found.get("Rules", ()) if rule.get("Status") == "Enabled"]


def tags_of_bucket(view: View, bucket: str) -> dict[str, str]:
    """Its tags, asked only of what is found."""
    return tags_of(_or_none(view, "get_bucket_tagging", bucket, "NoSuchTagSet"), "TagSet")


def size_of(bucket: str) -> MetricAsked:
    """The bytes of class Standard, earlier versions and parts of uploads among them."""
    return MetricAsked("AWS/S3", "BucketSizeBytes", (("BucketName", bucket), ("StorageType", "StandardStorage")), "Average")


def not_judged(view: View, bucket: str, series: MetricSeries) -> Young | Unsure | None:
    """Why its size says nothing: it is there for too short a time, or a day is missing. S3 tells no size of what is empty."""
    start, end = view.span
    if series.failed or (series.points and series.gaps(start, end - LATE) and min(series.days()) <= start.date()):
        return Unsure(bucket, f"CloudWatch has no size of it for {series.gaps(start, end - LATE)} of {view.limits.days} days")
    return Young(bucket) if series.points and min(series.days()) > start.date() else None


def _or_none(view: View, operation: str, bucket: str, absent: str) -> Mapping[str, Any]:
    try:
        return view.aws("s3").call(operation, Bucket=bucket)
    except ApiError as error:
        if error.code == absent:
            return {}
        raise
