"""What S3 tells of a bucket's storage: its lifecycle rules, its objects, earlier versions, and uploads without an end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.aws_policy import storage_policy

CURRENT, PREVIOUS = "current", "previous"
_DENIED = frozenset(["AccessDenied", "AccessDeniedException", "AllAccessDisabled", "403"])
_WRONG = frozenset(["NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "PermanentRedirect", "InvalidBucketName"])

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """One object or one of its earlier versions. `made_at` is when it was written, not when it was replaced."""

    name: str
    kind: str
    storage_class: str
    bytes: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in parts that was neither finished nor given up; `bytes` is None where parts were not counted."""

    name: str
    begun_at: datetime
    bytes: int | None


def rules(client: Any, bucket: str) -> list[Json]:
    """Its lifecycle rules that are enabled. Raises CannotAskError with the missing right, and BrokenError."""
    from botocore.exceptions import ClientError

    with _translate_errors(bucket, "s3:GetLifecycleConfiguration"):
        try:
            found = client.get_bucket_lifecycle_configuration(Bucket=bucket)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NoSuchLifecycleConfiguration":
                return []
            raise
    return [rule for rule in found.get("Rules", ()) if rule.get("Status") == "Enabled"]


def stored(client: Any, bucket: str, prefix: str) -> Iterator[Stored]:
    """Every object, and every earlier version where the bucket keeps or kept them. Raises as `rules`."""
    with _translate_errors(bucket, "s3:GetBucketVersioning"):
        versioned = bool(client.get_bucket_versioning(Bucket=bucket).get("Status"))
    method, key, right = ("list_objects_v2", "Contents", "s3:ListBucket")
    if versioned:
        method, key, right = ("list_object_versions", "Versions", "s3:ListBucketVersions")
    with _translate_errors(bucket, right):
        for page in client.get_paginator(method).paginate(Bucket=bucket, Prefix=prefix):
            yield from map(_stored, page.get(key, ()))


def uploads(client: Any, bucket: str, prefix: str, counted: int) -> Iterator[Upload]:
    """Uploads without an end; of the first `counted` the parts are added up, a call for each. Raises as `rules`."""
    with _translate_errors(bucket, "s3:ListBucketMultipartUploads"):
        pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
        found = [upload for page in pages for upload in page.get("Uploads", ())]
    for number, upload in enumerate(found):
        size = _parts(client, bucket, upload) if number < counted else None
        yield Upload(upload["Key"], upload["Initiated"], size)


def first_look(client: Any, bucket: str, prefix: str) -> None:
    """Ask for a little of each. Raises as `rules`."""
    rules(client, bucket)
    next(stored(client, bucket, prefix), None)
    next(uploads(client, bucket, prefix, 1), None)


def _stored(each: Json) -> Stored:
    kind = CURRENT if each.get("IsLatest", True) else PREVIOUS
    return Stored(each["Key"], kind, each.get("StorageClass") or "STANDARD", int(each["Size"]), each["LastModified"])


def _parts(client: Any, bucket: str, upload: Json) -> int:
    with _translate_errors(bucket, "s3:ListMultipartUploadParts"):
        pages = client.get_paginator("list_parts").paginate(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        return sum(int(part["Size"]) for page in pages for part in page.get("Parts", ()))


@contextmanager
def _translate_errors(bucket: str, right: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        code, text = str(details.get("Code", "")), details.get("Message", str(error))
        if code in _DENIED:
            raise CannotAskError(f"s3://{bucket} refuses {right}: {text}", f"allow it: {storage_policy(bucket)}") from error
        remedy = "see the AWS connection and the place of this bucket"
        raise BrokenError(f"s3://{bucket} said {code}: {text}", remedy, retry=code not in _WRONG) from error
    except BotoCoreError as error:
        raise BrokenError(f"s3://{bucket} could not be asked: {error}", "see the AWS connection", retry=True) from error
