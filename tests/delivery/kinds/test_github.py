"""Deployments of GitHub, from a stand-in of its API and from files with the same JSON."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.forge_server import ForgeServer
from upkeep.delivery.deployed import Change, Deployed, Outcome
from upkeep.delivery.kinds.github import GithubPlace
from upkeep.errors import BrokenError
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.window import Window

DAY = Window(datetime(2026, 5, 14, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC))
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
REPOSITORY = "/repos/acme/shop"
SHA, MERGED = "a" * 40, "b" * 40


def deployment(number: int, at: str, **more: Any) -> dict[str, Any]:
    usual = {"id": number, "sha": SHA, "ref": "main", "environment": "production", "created_at": at, "creator": {"login": "bot"}}
    return usual | more


def status(state: str, at: str) -> dict[str, Any]:
    return {"state": state, "created_at": at, "log_url": "https://ci.test/runs/7"}


def read(place: dict[str, Any], window: Window = DAY) -> list[Deployed]:
    fields = {"kind": "github", "repository": "acme/shop", **place}
    return list(GithubPlace.model_validate(fields).open(NOWHERE).deployed(window))


@pytest.fixture
def place(forge: ForgeServer) -> dict[str, Any]:
    forge.answers[f"{REPOSITORY}/deployments"] = [deployment(7, "2026-05-14T09:00:00Z")]
    forge.answers[f"{REPOSITORY}/deployments/7/statuses"] = [
        status("inactive", "2026-05-14T12:00:00Z"),
        status("success", "2026-05-14T09:04:00Z"),
        status("in_progress", "2026-05-14T09:01:00Z"),
    ]
    return {"api": forge.address}


def test_one_deployment_with_its_end(place: dict[str, Any]) -> None:
    assert read(place) == [
        Deployed(
            environment="production",
            deployment="7",
            started_at=datetime(2026, 5, 14, 9, tzinfo=UTC),
            finished_at=datetime(2026, 5, 14, 9, 4, tzinfo=UTC),
            status=Outcome.SUCCEEDED,
            source="GitHub",
            version="main",
            commit_id=SHA,
            deployed_by="bot",
            url="https://ci.test/runs/7",
        )
    ]


def test_a_failure_after_the_success_is_one_of_what_was_live(place: dict[str, Any], forge: ForgeServer) -> None:
    forge.answers[f"{REPOSITORY}/deployments/7/statuses"].append(status("failure", "2026-05-14T10:00:00Z"))
    (found,) = read(place)
    assert (found.status, found.failed_at) == (Outcome.SUCCEEDED, datetime(2026, 5, 14, 10, tzinfo=UTC))


def test_an_end_before_its_begin_is_at_its_begin(place: dict[str, Any], forge: ForgeServer) -> None:
    forge.answers[f"{REPOSITORY}/deployments/7/statuses"] = [status("success", "2026-05-14T08:59:59Z")]
    (found,) = read(place)
    assert found.finished_at == found.started_at


def test_a_past_window_sees_what_was_known_at_its_end(place: dict[str, Any], forge: ForgeServer) -> None:
    forge.answers[f"{REPOSITORY}/deployments/7/statuses"] = [status("success", "2026-05-15T00:01:00Z")]
    (found,) = read(place)
    assert (found.status, found.finished_at) == (Outcome.RUNNING, None)
    (later,) = read(place, Window(DAY.end, DAY.end + timedelta(days=1)))
    assert later.status is Outcome.SUCCEEDED


def test_other_environments_and_other_days_are_passed_over(place: dict[str, Any], forge: ForgeServer) -> None:
    forge.answers[f"{REPOSITORY}/deployments"] = [
        deployment(9, "2026-05-15T09:00:00Z"),
        deployment(8, "2026-05-14T09:00:00Z", environment="staging"),
        deployment(7, "2026-05-14T09:00:00Z"),
        deployment(1, "2026-05-01T09:00:00Z"),
    ]
    assert [each.deployment for each in read(place)] == ["7"]
    assert forge.asked[0]["environment"] == ["production"]


def test_a_squashed_head_is_known_as_the_commit_that_it_was_merged_as(place: dict[str, Any], forge: ForgeServer) -> None:
    pulls = f"{REPOSITORY}/commits/{SHA}/pulls"
    forge.answers[pulls] = [{"merged_at": "2026-05-14T08:00:00Z", "merge_commit_sha": MERGED, "head": {"sha": SHA}}]
    assert read(place)[0].on_branch == MERGED
    forge.answers[pulls] = [{"merged_at": None, "merge_commit_sha": MERGED, "head": {"sha": SHA}}]
    assert read(place)[0].on_branch == SHA
    forge.answers[pulls] = [{"merged_at": "2026-05-14T08:00:00Z", "merge_commit_sha": MERGED, "head": {"sha": MERGED}}]
    assert read(place)[0].on_branch == SHA


def test_unplanned_is_what_the_inventory_calls_so(place: dict[str, Any], forge: ForgeServer) -> None:
    assert read(place)[0].unplanned is None
    assert read(place | {"unplanned": ["hotfix/*"]})[0].unplanned is False
    forge.answers[f"{REPOSITORY}/deployments"] = [deployment(7, "2026-05-14T09:00:00Z", ref="hotfix/carts")]
    assert read(place | {"unplanned": ["hotfix/*"]})[0].unplanned is True


def test_commits_between_two_are_read_in_pages(forge: ForgeServer) -> None:
    forge.page = 1
    dates = ("2026-05-13T10:00:00Z", "2026-05-13T11:00:00+02:00")
    commits = [{"sha": str(n) * 40, "commit": {"committer": {"date": date}}} for n, date in enumerate(dates)]
    forge.answers[f"{REPOSITORY}/compare/{SHA}...{MERGED}"] = {"commits": commits}
    place = GithubPlace.model_validate({"kind": "github", "repository": "acme/shop", "api": forge.address})
    assert place.open(NOWHERE).changes(SHA, MERGED) == [
        Change("0" * 40, datetime(2026, 5, 13, 10, tzinfo=UTC)),
        Change("1" * 40, datetime(2026, 5, 13, 9, tzinfo=UTC)),
    ]


def test_the_same_json_as_files(tmp_path: Path) -> None:
    (tmp_path / "deployments/7").mkdir(parents=True)
    (tmp_path / "deployments.json").write_text(
        json.dumps([deployment(1, "2026-05-01T09:00:00Z"), deployment(7, "2026-05-14T09:00:00Z")])
    )
    (tmp_path / "deployments/7/statuses.json").write_text(json.dumps([status("error", "2026-05-14T09:04:00Z")]))
    assert [(each.deployment, each.status) for each in read({"files": f"file://{tmp_path}"})] == [("7", Outcome.FAILED)]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [({"created_at": "yesterday"}, "no time"), ({"created_at": None}, "without created_at"), ({"id": None}, "without id")],
)
def test_what_is_no_deployment_is_named(place: dict[str, Any], forge: ForgeServer, broken: dict[str, Any], reason: str) -> None:
    forge.answers[f"{REPOSITORY}/deployments"] = [deployment(7, "2026-05-14T09:00:00Z", **broken)]
    with pytest.raises(BrokenError, match=reason):
        read(place)


def test_doctor_is_told_the_newest(place: dict[str, Any], forge: ForgeServer) -> None:
    opened = GithubPlace.model_validate({"kind": "github", "repository": "acme/shop", **place}).open(NOWHERE)
    assert opened.check() == "GitHub deployments of acme/shop can be read; the newest to production is 7 of 2026-05-14"
    assert forge.asked[-1]["per_page"] == ["1"]
    forge.answers[f"{REPOSITORY}/deployments"] = []
    assert opened.check() == "GitHub deployments of acme/shop can be read; none to production yet"
