"""The least IAM policies that let costs be read, as JSON to paste."""

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

COSTS = (
    "ce:GetCostAndUsage", "ce:GetSavingsPlansUtilization", "ce:GetSavingsPlansCoverage", "ce:GetReservationUtilization",
    "ce:GetReservationCoverage",
)  # fmt: skip
STORAGE = (
    "s3:GetLifecycleConfiguration", "s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
)  # fmt: skip


def policy(*statements: tuple[Sequence[str], str]) -> str:
    """Actions, each with the resource that they are allowed on."""
    allowed = [{"Effect": "Allow", "Action": list(actions), "Resource": resource} for actions, resource in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


def costs_policy() -> str:
    """What Cost Explorer needs; it knows no resources."""
    return policy((COSTS, "*"))


def reading_policy(actions: Sequence[str]) -> str:
    """What calls need that only describe, on every resource."""
    return policy((actions, "*"))


def bucket_policy(url: str) -> str | None:
    """What reading a bucket of exports needs; None for a place that is none of S3's."""
    parts = urlsplit(url)
    if parts.scheme not in {"s3", "s3a"}:
        return None
    bucket, prefix = f"arn:aws:s3:::{parts.netloc}", parts.path.strip("/")
    return policy((("s3:ListBucket",), bucket), (("s3:GetObject",), f"{bucket}/{prefix}/*" if prefix else f"{bucket}/*"))


def storage_policy(bucket: str) -> str:
    """What looking at a bucket's storage needs; no object is read."""
    arn = f"arn:aws:s3:::{bucket}"
    return policy((STORAGE, arn), (("s3:ListMultipartUploadParts",), f"{arn}/*"))
