"""Storage that only grows: by class and age, without rules, earlier versions, uploads without an end."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, size
from upkeep.opportunities import lifecycle_rules as lifecycle
from upkeep.sources.bucket import CURRENT, PREVIOUS, Stored, Upload, rules, stored, uploads
from upkeep.sources.connections import Connections
from upkeep.targets.bucket import Bucket
from upkeep.units import Unit
from upkeep.window import Cadence

GB = 10**9
_AGES = (30, 90, 365)
_COUNTED_UPLOADS = 100
_USUAL = frozenset(["STANDARD", "REDUCED_REDUNDANCY"])


@dataclass
class Sums:
    """Objects and bytes by kind, class and age band; `old` and `previous` are bytes beyond the age that was asked for."""

    found: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=lambda: defaultdict(lambda: (0, 0)))
    objects: int = 0
    old: int = 0
    previous: int = 0

    def add(self, each: Stored, now: datetime, old_days: float) -> None:
        """Count one object or version."""
        age = (now - each.made_at) / timedelta(days=1)
        count, total = self.found[key := (each.kind, each.storage_class, _band(age))]
        self.found[key] = (count + 1, total + each.bytes)
        self.objects += 1
        if age >= old_days and each.kind == PREVIOUS:
            self.previous += each.bytes
        elif age >= old_days and each.storage_class in _USUAL:
            self.old += each.bytes


@check(Cadence.MONTHLY, owner="costs")
def data_lifecycle(
    bucket: Bucket,
    connections: Connections,
    *,
    old_days: float = 90,
    upload_days: float = 7,
    min_gb: float = 10,
    most_objects: int = 1_000_000,
) -> Answer:
    """
    Storage that only grows: by class and age, without rules, earlier versions, uploads without an end.

    Told are objects of the dearest class older than `old_days` that no lifecycle rule moves or ends; earlier versions as old
    that no rule ends; and uploads in parts begun more than `upload_days` ago, which cost and are seen in no listing. Less than
    `min_gb` of objects or versions is passed over. A rule that looks at tags or sizes counts for none, since it may miss
    what there is. Only names, sizes and dates are listed; beyond `most_objects` it stays unknown: an inventory of S3 tells more.
    """
    client, now = connections.aws(bucket.connection, "s3", bucket.region), datetime.now(UTC)
    known, sums = rules(client, bucket.bucket), Sums()
    for each in stored(client, bucket.bucket, bucket.prefix):
        if sums.objects >= most_objects:
            reason = f"{bucket.place} has more than {most_objects:,} objects and versions (most_objects)"
            return Answer.unknown(reason, "raise most_objects for this bucket, or declare its parts (s3://bucket/prefix)")
        sums.add(each, now, old_days)
    left = [each for each in uploads(client, bucket.bucket, bucket.prefix, _COUNTED_UPLOADS) if _is_old(each, now, upload_days)]
    findings = [
        *_old(bucket, sums, known, old_days, min_gb * GB),
        *_previous(bucket, sums, known, old_days, min_gb * GB),
        *_uploads(bucket, left, upload_days),
    ]
    total = sum(taken for _, taken in sums.found.values())
    message = f"{plural(sums.objects, 'object or version', 'objects and versions')} with {size(total)} in {bucket.place}"
    rules_said = f"{plural(len(known), 'lifecycle rule')} enabled"
    return Answer.judged(f"{message}, {rules_said}", findings=findings, metrics=_metrics(sums, left))


def _band(age: float) -> str:
    return next((f"under {limit} days" for limit in _AGES if age < limit), f"{_AGES[-1]} days and more")


def _is_old(upload: Upload, now: datetime, days: float) -> bool:
    return now - upload.begun_at >= timedelta(days=days)


def _old(bucket: Bucket, sums: Sums, known: Sequence[lifecycle.Rule], days: float, least: float) -> Iterator[Finding]:
    if sums.old >= least and not lifecycle.covered(known, bucket.prefix, lifecycle.MOVES):
        yield Finding(
            rule="no_lifecycle", object=bucket.place, severity=Severity.LOW,
            title=f"{size(sums.old)} of {bucket.place} are over {days:g} days old in the dearest class; no rule ends that",
            remedy=lifecycle.remedy("Transitions", bucket.prefix, max(30, int(days))),
            value=sums.old, limit=least, unit=Unit.BYTES,
        )  # fmt: skip


def _previous(bucket: Bucket, sums: Sums, known: Sequence[lifecycle.Rule], days: float, least: float) -> Iterator[Finding]:
    if sums.previous >= least and not lifecycle.covered(known, bucket.prefix, lifecycle.FORGETS):
        yield Finding(
            rule="previous_versions", object=bucket.place, severity=Severity.MEDIUM,
            title=f"{size(sums.previous)} of {bucket.place} are earlier versions older than {days:g} days; no rule ends them",
            remedy=lifecycle.remedy("NoncurrentVersionExpiration", bucket.prefix, max(1, int(days))),
            value=sums.previous, limit=least, unit=Unit.BYTES,
        )  # fmt: skip


def _uploads(bucket: Bucket, left: Sequence[Upload], days: float) -> Iterator[Finding]:
    if left:
        known = sum(each.bytes or 0 for each in left)
        first = min(left, key=lambda each: (each.begun_at, each.name))
        more = " or more" if any(each.bytes is None for each in left) else ""
        yield Finding(
            rule="incomplete_uploads", object=bucket.place, severity=Severity.LOW,
            title=f"{plural(len(left), 'upload')} to {bucket.place} begun over {days:g} days ago, without an end: "
            f"{size(known)}{more}, the first {first.name} on {first.begun_at:%Y-%m-%d}",
            remedy=lifecycle.remedy("AbortIncompleteMultipartUpload", bucket.prefix, max(1, int(days))),
            value=known, unit=Unit.BYTES,
        )  # fmt: skip


def _metrics(sums: Sums, left: Sequence[Upload]) -> Iterator[Metric]:
    for (kind, storage_class, age), (count, total) in sorted(sums.found.items()):
        labels = {"kind": kind, "class": storage_class, "age": age}
        yield Metric(name="stored_bytes", value=total, unit=Unit.BYTES, labels=labels, n=count)
    current = sum(total for (kind, _, _), (_, total) in sums.found.items() if kind == CURRENT)
    yield Metric(name="stored_current", value=current, unit=Unit.BYTES)
    yield Metric(name="incomplete_uploads", value=len(left), unit=Unit.COUNT)
