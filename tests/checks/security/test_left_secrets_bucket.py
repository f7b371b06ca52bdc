"""left_secrets of buckets: prefixes, pages, packed objects, rights that were withdrawn, and the way through Airflow."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.checks.security.test_left_secrets import TOKEN, VALUE, asked_of
from tests.lab import rules
from tests.object_store import KEY, SECRET, S3Server, s3_server, weed
from upkeep.answer import Answer, Status
from upkeep.sources.connections import OneDatabase
from upkeep.sources.objects import ObjectStore
from upkeep.sources.paged_files import paged
from upkeep.sources.postgres import Endpoint
from upkeep.targets.left_files import LeftFiles
from upkeep.window import Window

NOW = datetime.now(UTC)
WEEK, BEFORE = (Window(NOW - timedelta(days=days), NOW + timedelta(days=8 - days)) for days in (7, 15))


@dataclass(frozen=True, slots=True)
class Login(OneDatabase):
    """An Airflow connection of a login of the server."""

    server: S3Server | None = None
    key: str = KEY

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """By this login."""
        assert self.server
        assert connection_id == "aws_logs"
        return self.server.at(url, self.key)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One for all."""
    if not weed():
        pytest.skip("no S3 server is installed")
    with s3_server(tmp_path_factory.mktemp("s3")) as made:
        yield made


@pytest.fixture
def bucket(server: S3Server, request: pytest.FixtureRequest) -> ObjectStore:
    """A bucket of this test, with one log that has no secret."""
    name = "ci-" + request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")[:40].strip("-")
    store = server.at(f"s3://{name}")
    store.filesystem.makedirs(name, exist_ok=True)
    store.put("logs/quiet.log", b"all is well\n")
    return store


def asked(server: S3Server, place: str, tmp_path: Path, key: str = KEY, window: Window = WEEK, **more: Any) -> Answer:
    """As a task."""
    return asked_of(place, Login(Endpoint("nowhere"), server, key), tmp_path / "shop.secret", window, **more)


@pytest.mark.baseline
def test_a_bucket_without_secrets(server: S3Server, bucket: ObjectStore, tmp_path: Path) -> None:
    answer = asked(server, bucket.url, tmp_path)
    assert (answer.status, "1 file read" in answer.summary) == (Status.OK, True)


@pytest.mark.near_miss
def test_what_is_beside_the_prefix_or_of_another_week(server: S3Server, bucket: ObjectStore, tmp_path: Path) -> None:
    bucket.put("logs-of-others/a.log", TOKEN.encode())
    bucket.put("a.log", TOKEN.encode())
    bucket.put("logs/a.txt", TOKEN.encode())
    assert rules(asked(server, f"{bucket.url}/logs", tmp_path, files="*.log")) == []
    earlier = asked(server, bucket.url, tmp_path, window=BEFORE)
    assert (earlier.status, "0 files read" in earlier.summary) == (Status.OK, True)


@pytest.mark.fault
def test_each_kind_of_object_below_the_prefix(server: S3Server, bucket: ObjectStore, tmp_path: Path) -> None:
    packings: dict[str, Any] = {"plain.log": bytes, "a.log.gz": gzip.compress, "b.log.zst": zstandard.compress}
    for name, pack in packings.items():
        bucket.put(f"logs/2026/{name}", pack(f"{'begin' * 500_000}\n{TOKEN}\n{VALUE}\n".encode()))
    answer = asked(server, f"{bucket.url}/logs/", tmp_path)
    assert rules(answer) == [
        ("secret_left", f"2026/{name}: {kind}")
        for name in ("a.log.gz", "b.log.zst", "plain.log")
        for kind in ("GitHub token", "current value of shop login")
    ]
    assert VALUE not in repr(answer)
    assert TOKEN[-20:] not in repr(answer)


@pytest.mark.fault
def test_every_page_is_read_and_no_two_are_kept(server: S3Server, bucket: ObjectStore, tmp_path: Path) -> None:
    for number in range(1050):
        bucket.filesystem.pipe_file(f"{bucket.root}/many/{number:05}.log", b"all is well\n")
    bucket.put("many/zz.log", TOKEN.encode())
    sizes = [len(page) for _, page in bucket.at("many").s3_pages()]
    assert sizes == [1000, 51]
    tracemalloc.start()
    try:
        assert sum(1 for _ in paged(bucket.at("many"), "*.log")) == 1051
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 20 * 10**6
    answer = asked(server, f"{bucket.url}/many", tmp_path)
    assert rules(answer) == [("secret_left", "zz.log: GitHub token")]
    assert "1,051 files read" in answer.summary


@pytest.mark.parametrize(
    ("key", "said"),
    [("lists", "access is denied"), ("writes", "access is denied"), ("stranger", "access is denied")],
)
def test_a_right_that_was_withdrawn_is_unknown_by_name(
    server: S3Server, bucket: ObjectStore, tmp_path: Path, key: str, said: str
) -> None:
    answer = asked(server, f"{bucket.url}/logs", tmp_path, key)
    assert answer.status is Status.UNKNOWN
    assert bucket.url in answer.summary
    assert said in answer.summary
    remedy = str(answer.evidence["remedy"])
    assert "s3:ListBucket" in remedy
    assert f"{bucket.url.removeprefix('s3://')}/logs/*" in remedy


@pytest.mark.parametrize("place", ["s3://never-made/logs", "s3://never-made"])
def test_a_bucket_that_is_not_there_is_unknown_by_name(server: S3Server, tmp_path: Path, place: str) -> None:
    answer = asked(server, place, tmp_path)
    assert (answer.status, place in answer.summary) == (Status.UNKNOWN, True)
    [told] = LeftFiles.model_validate({"name": "logs", "owner": "ann", "place": place, "connection": "aws_logs"}).examine(
        Login(Endpoint("nowhere"), server), ()
    )
    assert (told.level.value, place in told.text) == ("no", True)


def test_a_prefix_without_objects_is_unknown_by_name(server: S3Server, bucket: ObjectStore, tmp_path: Path) -> None:
    answer = asked(server, f"{bucket.url}/lost", tmp_path)
    assert (answer.status, f"there is no file * at {bucket.url}/lost" in answer.summary) == (Status.UNKNOWN, True)


@pytest.mark.airflow
def test_by_a_connection_of_airflow(
    server: S3Server, bucket: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from upkeep.airflow_bridge.connections import AirflowConnections

    about = {
        "conn_type": "aws",
        "login": KEY,
        "password": SECRET,
        "extra": {"endpoint_url": server.url, "region_name": "eu-central-1"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_AWS_LOGS", json.dumps(about))
    bucket.put("logs/a.log.gz", gzip.compress(TOKEN.encode()))
    answer = asked_of(f"{bucket.url}/logs", AirflowConnections(), tmp_path / "shop.secret", WEEK, files="*.log.gz")
    assert rules(answer) == [("secret_left", "a.log.gz: GitHub token")]
