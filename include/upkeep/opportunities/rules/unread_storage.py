"""Objects in the dearest class that are hardly read."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from shlex import quote

from upkeep.opportunities import lifecycle_rules as lifecycle
from upkeep.opportunities.list_prices import UNREAD_GB, WATCHED
from upkeep.opportunities.rule import Outcome, Saving, rule
from upkeep.opportunities.storage import BUCKETS, GB, RULES, TAGS, buckets, lifecycle_of, not_judged, of_each_bucket, size_of
from upkeep.opportunities.storage import tags_of_bucket as tags
from upkeep.opportunities.view import View
from upkeep.sources.aws_metrics import MetricAsked, MetricSeries

SMALLEST_OBJECT = 128 * 1024
_HALF, _ONE = Decimal("0.5"), Decimal(1)


@dataclass(frozen=True, slots=True)
class Held:
    """What a bucket held on the day with the least, and how many objects there are."""

    bytes: Decimal
    objects: Decimal


@rule(effort="low", actions=(BUCKETS, RULES, TAGS, "s3:GetMetricsConfiguration", "cloudwatch:GetMetricData"))
def unread_storage(view: View) -> Iterator[Outcome]:
    """
    Objects in the dearest class that are hardly read.

    Buckets without a lifecycle rule that moves or ends all objects, by the fewest bytes that class Standard held on any day
    looked at; below 1 GB, or where objects are smaller than 128 KB on average, nothing is gained. Where request metrics of the
    whole bucket are on since the first of these days, no more than what was downloaded can have been read: the rest is saved.
    Elsewhere nothing tells what is read, half is assumed, and the interval goes from nothing to all. Saved is what
    Intelligent-Tiering takes less for what nobody read in 30 days, without its fee for watching.
    """
    every = buckets(view)
    sizes = view.metrics(one for bucket in every for one in (size_of(bucket), _objects(bucket)))
    yield from of_each_bucket(view, lambda bucket: _judged(view, bucket, sizes[size_of(bucket)], sizes[_objects(bucket)]))


def _judged(view: View, bucket: str, size: MetricSeries, objects: MetricSeries) -> Iterator[Outcome]:
    if reason := not_judged(view, bucket, size):
        yield reason
        return
    held = Held(Decimal(str(min(size.points.values(), default=0))), Decimal(str(objects.highest)))
    if held.bytes < GB or held.bytes < held.objects * SMALLEST_OBJECT:
        return
    if not lifecycle.covered(lifecycle_of(view, bucket), "", lifecycle.MOVES):
        yield from _saving(view, bucket, held, _downloaded(view, bucket))


def _saving(view: View, bucket: str, held: Held, read: Decimal | None) -> Iterator[Outcome]:
    unread = _HALF if read is None else max(Decimal(0), _ONE - read / held.bytes)
    gain = view.price(UNREAD_GB, held.bytes / GB).between(Decimal(0) if read is None else unread, unread, _ONE)
    price = gain.less(view.price(WATCHED, held.objects / 1000))
    if price.expected <= 0:
        return
    yield Saving(
        resource=bucket,
        what=f"bucket {bucket} keeps everything in the dearest class"
        + ("" if read is None else f", and little of it was read in {view.limits.days} days"),
        price=price,
        remedy=lifecycle.remedy("Tiers", "", 0),
        proof=f"aws s3api get-bucket-lifecycle-configuration --region {view.region} --bucket {quote(bucket)}",
        evidence={
            "bytes": int(held.bytes), "objects": int(held.objects), "days": view.limits.days,
            "downloaded_bytes": None if read is None else int(read), "unread": "assumed" if read is None else "at least",
        },
        confidence="low" if read is None else "high",
        claims=(f"storage:{bucket}", f"versions:{bucket}", f"uploads:{bucket}"),
        tags=tags(view, bucket),
    )  # fmt: skip


def _objects(bucket: str) -> MetricAsked:
    return MetricAsked("AWS/S3", "NumberOfObjects", (("BucketName", bucket), ("StorageType", "AllStorageTypes")), "Average")


def _downloaded(view: View, bucket: str) -> Decimal | None:
    """Bytes that were read; None where nobody counted since the first day looked at. A day without requests has no value."""
    pages = view.aws("s3").pages("list_bucket_metrics_configurations", Bucket=bucket)
    found = [each["Id"] for page in pages for each in page.get("MetricsConfigurationList", ()) if not each.get("Filter")]
    if not found:
        return None
    about = (("BucketName", bucket), ("FilterId", found[0]))
    requests, read = (MetricAsked("AWS/S3", name, about, "Sum") for name in ("AllRequests", "BytesDownloaded"))
    series = view.metrics([requests, read])
    counted = view.span[0].date() in series[requests].days() and not series[read].failed
    return Decimal(str(series[read].total)) if counted else None
