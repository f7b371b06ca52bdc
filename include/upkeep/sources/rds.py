"""Backups that Amazon RDS keeps: automated and manual snapshots, and the window of point-in-time recovery."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.backup_listing import COMPLETE, INCOMPLETE, RUNNING, Fault, Listing, Taken

TOOL = "RDS"
_STATES = {"available": COMPLETE, "creating": RUNNING}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_WRONG_KEYS = {"InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException", "AuthFailure"}

Json = Mapping[str, Any]


def listing(client: Any, instance: str) -> Listing:
    """
    Every snapshot of an instance, and how far back and forth it can be restored to any moment. `client` is boto3's for "rds".

    Sizes are not given: RDS says the room that is allocated, not what is used. Raises CannotAskError for a missing right or
    instance, BrokenError when AWS does not answer.
    """
    with _translate_errors(instance):
        found: Json = client.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"][0]
        pages = client.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=instance)
        snapshots = [_taken(each) for page in pages for each in page["DBSnapshots"]]
    days = int(found.get("BackupRetentionPeriod") or 0)
    latest = found.get("LatestRestorableTime")
    return Listing(
        tool=TOOL,
        backups=tuple(snapshots),
        faults=() if days else (_off(instance),),
        point_in_time=_any_moment(found) if days and latest else None,
        missing=f"RDS has no snapshot of {instance}" + ("" if days else " and automated backups are off"),
        remedy=_enable(instance),
        details={"retention_days": days, "latest_restorable_time": latest.isoformat() if latest else None},
    )


def _any_moment(instance: Json) -> tuple[datetime, datetime]:
    latest: datetime = instance["LatestRestorableTime"].astimezone(UTC)
    earliest = latest - timedelta(days=int(instance["BackupRetentionPeriod"]))
    return max(earliest, instance.get("InstanceCreateTime", earliest).astimezone(UTC)), latest


def _taken(snapshot: Json) -> Taken:
    status = str(snapshot.get("Status", "")).lower()
    at = snapshot.get("OriginalSnapshotCreateTime") or snapshot.get("SnapshotCreateTime") or snapshot["InstanceCreateTime"]
    return Taken(
        id=str(snapshot["DBSnapshotIdentifier"]),
        at=at.astimezone(UTC),
        state=_STATES.get(status, INCOMPLETE),
        kind=f"{snapshot.get('SnapshotType', 'manual')} snapshot",
        says="" if status in _STATES else f"RDS says that it is {status}",
    )


def _off(instance: str) -> Fault:
    return Fault(
        rule="automated_backups_off",
        object=instance,
        title="automated backups are off (BackupRetentionPeriod is 0): no daily snapshot and no point-in-time recovery",
        remedy=_enable(instance),
    )


def _enable(instance: str) -> str:
    return f"aws rds modify-db-instance --db-instance-identifier {instance} --backup-retention-period 7 --apply-immediately"


@contextmanager
def _translate_errors(instance: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code in ("DBInstanceNotFound", "DBInstanceNotFoundFault"):
            remedy = "write the DB instance identifier as backup.name; the connection's region and account must be its own"
            raise CannotAskError(f"RDS knows no instance {instance} there: {text}", remedy) from error
        if code in _DENIED:
            remedy = "allow rds:DescribeDBInstances and rds:DescribeDBSnapshots to the connection's role"
            raise CannotAskError(f"RDS refuses to say what backups of {instance} there are: {text}", remedy) from error
        hint = "renew the keys of the AWS connection" if code in _WRONG_KEYS else ""
        raise BrokenError(f"RDS answers {code}: {text}", hint, retry=not hint) from error
    except BotoCoreError as error:
        raise BrokenError(f"RDS cannot be asked about {instance}: {error}", "see the AWS connection", retry=True) from error
