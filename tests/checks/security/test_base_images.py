"""base_images: pinned or not, whether a tag has moved on and since when, and what nobody could tell."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.image_registry import Images, images
from tests.lab import Lab, Past, asking, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security.base_images import base_images
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Settings
from upkeep.duty import History
from upkeep.given import inventory as given
from upkeep.given.asked import Asked
from upkeep.runner import ask, ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.store.migrate import migrate
from upkeep.targets.repository import CodeRepository

NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
OLD = "sha256:" + "a" * 64
TODAY = datetime.now(UTC).date()


@pytest.fixture
def here() -> Iterator[Images]:
    """A registry with the image team/app:1."""
    with images() as server:
        server.put("team/app:1", "amd64", "arm64")
        yield server


def asking_about(tmp_path: Path, text: str, *named: str, connection: str | None = None) -> tuple[Asked, Inventory]:
    """A repository with this Dockerfile, and an inventory that names these registries."""
    (tmp_path / "code").mkdir(exist_ok=True)
    (tmp_path / "code/Dockerfile").write_text(text)
    registries = [{"host": host, "connection": connection} for host in named]
    settings = Settings.model_validate({"people": [{"name": "ann", "role": "dba"}], "registries": registries})
    target = CodeRepository(name="code", owner="ann", path=str(tmp_path / "code"))
    return asking(base_images, target, NOWHERE), Inventory(settings=settings, targets=(target,))


def asked(tmp_path: Path, text: str, *named: str, past: Past | None = None, connection: str | None = None) -> Answer:
    asking, inventory = asking_about(tmp_path, text, *named, connection=connection)
    return ask(asking, {Inventory: inventory, History: past or Past()})


def since(days: int, digest: str, image: str) -> Past:
    return Past(remembered={"first_seen": {f"behind {image} {digest}": (TODAY - timedelta(days=days)).isoformat()}})


@pytest.mark.baseline
def test_what_its_tag_still_has_is_fine(tmp_path: Path, here: Images) -> None:
    now = here.put("team/app:1", "amd64", "arm64")
    answer = asked(tmp_path, f"FROM {here.host}/team/app:1@{now}\nFROM scratch\n", here.host)
    assert (answer.status, answer.summary) == (Status.OK, "1 base image, 1 pinned by a digest, 0 behind their tag")
    assert [(m.numerator, m.denominator, m.n) for m in answer.metrics[:1]] == [(1, 1, 1)]


def test_without_any_there_is_nothing(tmp_path: Path) -> None:
    answer = asked(tmp_path, "FROM scratch\n")
    assert (answer.status, answer.summary) == (Status.OK, "0 base images, 0 pinned by a digest, 0 behind their tag")


@pytest.mark.near_miss
def test_one_platform_of_the_tag_is_as_good_and_a_digest_alone_is_pinned(tmp_path: Path, here: Images) -> None:
    arm = here.manifests["team/app:1"]["manifests"][1]["digest"]
    answer = asked(tmp_path, f"FROM {here.host}/team/app:1@{arm}\nFROM elsewhere.example/x@{OLD}\n", here.host)
    assert (answer.status, answer.findings) == (Status.OK, ())


@pytest.mark.fault
@pytest.mark.parametrize(("tag", "severity"), [(":1", Severity.LOW), ("", Severity.MEDIUM), (":latest", Severity.MEDIUM)])
def test_without_a_digest(tmp_path: Path, here: Images, tag: str, severity: Severity) -> None:
    now = here.put(f"team/app:{tag.lstrip(':') or 'latest'}", "amd64")
    (finding,) = asked(tmp_path, f"FROM {here.host}/team/app{tag}\n", here.host).findings
    assert (finding.rule, finding.severity) == ("unpinned_image", severity)
    assert finding.remedy.endswith(f"@{now}")


def test_without_a_digest_nobody_needs_to_be_asked(tmp_path: Path) -> None:
    answer = asked(tmp_path, "FROM python:3.11\nFROM python:3.11\n")
    assert rules(answer) == [("unpinned_image", "docker.io/library/python:3.11")]
    assert "could not tell" not in answer.summary
    assert "Dockerfile:1 and 1 more" in answer.findings[0].title


@pytest.mark.fault
@pytest.mark.parametrize(("days", "severity"), [(0, Severity.LOW), (30, Severity.LOW), (31, Severity.MEDIUM)])
def test_a_tag_that_moved_on(tmp_path: Path, here: Images, days: int, severity: Severity) -> None:
    image = f"{here.host}/team/app:1"
    answer = asked(tmp_path, f"FROM {image}@{OLD}\n", here.host, past=since(days, OLD, image))
    (finding,) = answer.findings
    assert (finding.rule, finding.severity, finding.value) == ("image_behind", severity, days)
    assert finding.remedy == f"write {image}@{here.put('team/app:1', 'amd64', 'arm64')}, build and test"
    other = since(99, "sha256:" + "b" * 64, image)
    assert asked(tmp_path, f"FROM {image}@{OLD}\n", here.host, past=other).findings[0].value == 0, "another pin, another clock"


@pytest.mark.fault
def test_a_tag_that_is_gone(tmp_path: Path, here: Images) -> None:
    answer = asked(tmp_path, f"FROM {here.host}/team/app:9@{OLD}\n", here.host)
    assert rules(answer) == [("image_gone", f"{here.host}/team/app:9")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"FROM python:3.11@{OLD}\n", "docker.io/library/python:3.11: the inventory does not name docker.io under registries"),
        ("ARG BASE\nFROM $BASE\n", "Dockerfile:2: $BASE is only known when it is built"),
        ("FROM {{ base }}\n", "Dockerfile:1: {{ is no name of an image"),
        ("FROM scratch\nRUN <<EOF\n", "Dockerfile: line 2: the here-document EOF never ends"),
        (f"FROM 127.0.0.1:9/x:1@{OLD}\n", "did not answer in 3 tries"),
    ],
)
def test_what_nobody_can_tell_is_unknown(tmp_path: Path, text: str, message: str) -> None:
    answer = asked(tmp_path, text, "127.0.0.1:9")
    assert (answer.status, message in answer.summary) == (Status.UNKNOWN, True), answer.summary


def test_what_nobody_can_tell_hides_no_finding(tmp_path: Path) -> None:
    answer = asked(tmp_path, "ARG BASE\nFROM $BASE\nFROM python:latest\n")
    assert rules(answer) == [("unpinned_image", "docker.io/library/python:latest")]
    assert "could not tell: Dockerfile:2" in answer.summary


def test_a_connection_that_is_missing_is_said(tmp_path: Path, here: Images) -> None:
    answer = asked(tmp_path, f"FROM {here.host}/team/app:1@{OLD}\n", here.host, connection="images")
    assert (answer.status, "there is no connection images" in answer.summary) == (Status.UNKNOWN, True)


def test_each_place_is_a_row(lab: Lab, tmp_path: Path, here: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(lab.endpoint)
    image = f"{here.host}/team/app:1"
    asking, inventory = asking_about(tmp_path, f"FROM {image}@{OLD}\nFROM {image}@{OLD}\nFROM python\n", here.host)
    monkeypatch.setattr(given, "current", lambda: inventory)
    for _ in range(2):
        ask_and_store(asking, lab.endpoint)
    row = "concat_ws(' ', place, pin, tag_digest is null, first_seen)"
    assert (
        lab.value(f"select string_agg({row}, '; ' order by place) from upkeep.base_image")
        == f"Dockerfile:1 behind f {TODAY}; Dockerfile:2 behind f {TODAY}; Dockerfile:3 open t {TODAY}"
    )
