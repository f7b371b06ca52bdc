"""Uploads in parts that never ended."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from shlex import quote
from typing import Any

from upkeep.humanize import plural
from upkeep.opportunities import lifecycle_rules as lifecycle
from upkeep.opportunities.list_prices import storage
from upkeep.opportunities.rule import Outcome, Saving, rule
from upkeep.opportunities.storage import BUCKETS, GB, RULES, TAGS, lifecycle_of, of_each_bucket, tags_of_bucket
from upkeep.opportunities.view import View
from upkeep.sources.aws_reading import ApiError

KEPT_DAYS, COUNTED = 7, 100
_ACTIONS = (BUCKETS, RULES, TAGS, "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts")


@rule(effort="low", actions=_ACTIONS)
def incomplete_uploads(view: View) -> Iterator[Outcome]:
    """
    Uploads in parts that never ended.

    Buckets without a lifecycle rule that gives them up, and their first thousand uploads that were begun more than 7 days
    before: what came of them costs like an object and stands in no listing. Parts of a hundred are added up; the others are
    expected to be as large on average, and at most as the largest of these.
    """
    yield from of_each_bucket(view, lambda bucket: _judged(view, bucket))


def _judged(view: View, bucket: str) -> Iterator[Outcome]:
    if lifecycle.covered(lifecycle_of(view, bucket), "", lifecycle.GIVES_UP):
        return
    page = view.aws("s3").call("list_multipart_uploads", Bucket=bucket)
    old = [each for each in page.get("Uploads", ()) if view.now - each["Initiated"] >= timedelta(days=KEPT_DAYS)]
    sizes = [_bytes(view, bucket, each) for each in old[:COUNTED]]
    if sum(sizes):
        yield _saving(view, bucket, old, sizes)


def _bytes(view: View, bucket: str, upload: Mapping[str, Any]) -> int:
    """Of all its parts; 0 for one that has ended meanwhile."""
    total, asked = 0, {"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
    try:
        while True:
            page = view.aws("s3").call("list_parts", **asked)
            total += sum(int(part["Size"]) for part in page.get("Parts", ()))
            if not page.get("IsTruncated"):
                return total
            asked["PartNumberMarker"] = page["NextPartNumberMarker"]
    except ApiError as error:
        if error.code == "NoSuchUpload":
            return 0
        raise


def _saving(view: View, bucket: str, old: list[Mapping[str, Any]], sizes: list[int]) -> Saving:
    known, more = Decimal(sum(sizes)), len(old) - len(sizes)
    first = min(each["Initiated"] for each in old)
    return Saving(
        resource=bucket,
        what=f"bucket {bucket} has {plural(len(old), 'upload')} begun over {KEPT_DAYS} days ago that never ended",
        price=view.price(storage("STANDARD"), known / GB).between(
            Decimal(1), Decimal(len(old)) / len(sizes), (known + more * max(sizes)) / known
        ),
        remedy=lifecycle.remedy("AbortIncompleteMultipartUpload", "", KEPT_DAYS),
        proof=f"aws s3api list-multipart-uploads --region {view.region} --bucket {quote(bucket)}",
        evidence={"uploads": len(old), "counted": len(sizes), "counted_bytes": int(known), "first": f"{first:%Y-%m-%d}"},
        confidence="high" if not more else "medium",
        claims=(f"uploads:{bucket}",),
        tags=tags_of_bucket(view, bucket),
    )
