"""Locks of a real S3 server: seen before anything is deleted, since a delete there succeeds and only hides the object."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from tests.backups.world import Rows, quiet
from tests.jobs.backups.test_retention import SHORT, World
from tests.object_store import KEY, SECRET, S3Server
from upkeep.backups.manifest import NAME
from upkeep.backups.registry import State
from upkeep.jobs.backups.retention import retention
from upkeep.sources.objects import ObjectStore
from upkeep.targets.database import Database

BUCKET = "locked-bucket"


class Remote(World):
    """Backups in a bucket."""

    server: S3Server

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """The folder at this URL in the bucket."""
        assert connection_id is None
        return self.server.at(url)


@pytest.mark.slow
def test_what_is_locked_stays_and_the_rest_goes(s3: S3Server, tmp_path: Path) -> None:
    client = boto3.client("s3", endpoint_url=s3.url, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    world = Remote(tmp_path, Rows(asked_at=World(tmp_path).rows.asked_at))
    world.server = s3
    store = s3.store(BUCKET)
    records = [world.take_in(store, days_ago) for days_ago in range(11)]
    held, kept_until, free = records[8:]
    keys = {record.id: f"backups/{record.location.split('/backups/')[1]}" for record in records}
    client.put_object_legal_hold(Bucket=BUCKET, Key=f"{keys[held.id]}/rows/1.copy.zst", LegalHold={"Status": "ON"})
    client.put_object_retention(
        Bucket=BUCKET, Key=f"{keys[kept_until.id]}/{NAME}",
        Retention={"Mode": "GOVERNANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=2)},
    )  # fmt: skip
    db = Database(name=world.target, owner="ann", connection="shop", backup={"to": store.url})
    answer = retention.ask(db, world, world.rows, quiet, **{**retention.thresholds, **SHORT})
    assert f"{held.id} kept: legal hold in the store" in answer.summary
    assert f"{kept_until.id} kept: object lock until " in answer.summary
    states = world.states()
    assert [states[record.id] for record in (held, kept_until, free)] == [State.COMPLETE, State.COMPLETE, State.DELETED]
    left = {name.split("/")[1] for name in store.sizes()}
    assert left == {record.id for record in records[:10]}
