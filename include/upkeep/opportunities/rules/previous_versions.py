"""Earlier versions of objects that nothing ends."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from shlex import quote
from typing import Any

from upkeep.opportunities import lifecycle_rules as lifecycle
from upkeep.opportunities.list_prices import storage
from upkeep.opportunities.prices import Price
from upkeep.opportunities.rule import Outcome, Saving, Unsure, rule
from upkeep.opportunities.storage import BUCKETS, GB, RULES, TAGS, lifecycle_of, of_each_bucket, size_of, tags_of_bucket
from upkeep.opportunities.view import View

MOST_PAGES = 10
_ACTIONS = (BUCKETS, RULES, TAGS, "s3:GetBucketVersioning", "s3:ListBucketVersions", "cloudwatch:GetMetricData")


@dataclass
class Seen:
    """Bytes that were listed: of all versions, and of earlier ones that are old, by class. `whole` when all were listed."""

    bytes: Decimal = Decimal(0)
    previous: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    versions: int = 0
    whole: bool = False


@rule(effort="low", actions=_ACTIONS)
def previous_versions(view: View) -> Iterator[Outcome]:
    """
    Earlier versions of objects that nothing ends.

    Buckets with versioning, on or suspended, without a lifecycle rule that ends or moves earlier versions. Counted are versions
    that are not the newest and were written before the days looked at. 10,000 versions are listed; of a bucket that has more,
    what CloudWatch says that class Standard holds is expected to be as they are, and is at least what was listed.
    """
    yield from of_each_bucket(view, lambda bucket: _judged(view, bucket))


def _judged(view: View, bucket: str) -> Iterator[Outcome]:
    if not view.aws("s3").call("get_bucket_versioning", Bucket=bucket).get("Status"):
        return
    if lifecycle.covered(lifecycle_of(view, bucket), "", lifecycle.FORGETS):
        return
    seen = _listed(view, bucket)
    if not sum(seen.previous.values()):
        return
    if (factor := Decimal(1) if seen.whole else _factor(view, bucket, seen)) is None:
        yield Unsure(bucket, f"it has more than {seen.versions:,} versions, and CloudWatch tells no size of it")
        return
    yield _saving(view, bucket, seen, max(factor, Decimal(1)))


def _listed(view: View, bucket: str) -> Seen:
    seen, s3 = Seen(), view.aws("s3")
    after: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = s3.call("list_object_versions", Bucket=bucket, **after)
        for each in page.get("Versions", ()):
            _count(view, seen, each)
        if not page.get("IsTruncated"):
            seen.whole = True
            break
        after = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    return seen


def _count(view: View, seen: Seen, each: Mapping[str, Any]) -> None:
    seen.versions += 1
    seen.bytes += each["Size"]
    if not each["IsLatest"] and not view.is_young(each["LastModified"]):
        seen.previous[each.get("StorageClass") or "STANDARD"] += each["Size"]


def _factor(view: View, bucket: str, seen: Seen) -> Decimal | None:
    """How many times more there is than was listed; None where nobody knows."""
    (size,) = view.metrics([size_of(bucket)]).values()
    return Decimal(str(size.points[max(size.points)])) / seen.bytes if size.points else None


def _saving(view: View, bucket: str, seen: Seen, factor: Decimal) -> Saving:
    old = sum(seen.previous.values(), Decimal(0))
    listed = reduce(Price.and_, (view.price(storage(kind), size / GB) for kind, size in sorted(seen.previous.items())))
    return Saving(
        resource=bucket,
        what=f"bucket {bucket} keeps every earlier version of its objects",
        price=listed.between(Decimal(1), factor, factor * seen.bytes / old if factor > 1 else Decimal(1)),
        remedy=lifecycle.remedy("NoncurrentVersionExpiration", "", view.limits.days),
        proof=f"aws s3api list-object-versions --region {view.region} --bucket {quote(bucket)} --query 'Versions[?!IsLatest]'",
        evidence={"versions": seen.versions, "bytes": int(seen.bytes), "previous_bytes": int(old), "all_listed": seen.whole},
        confidence="high" if seen.whole else "low",
        claims=(f"versions:{bucket}",),
        tags=tags_of_bucket(view, bucket),
    )
