"""Deployments of GitLab, from a stand-in of its API."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.forge_server import ForgeServer
from upkeep.delivery.deployed import Change, Deployed, Outcome
from upkeep.delivery.kinds.gitlab import GitlabPlace
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.window import Window

DAY = Window(datetime(2026, 5, 14, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC))
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
PROJECT = "/projects/acme%2Fshop"
SHA, MERGED = "a" * 40, "b" * 40


def deployment(status: str = "success", job: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    usual = {
        "id": 41,
        "iid": 7,
        "ref": "main",
        "sha": SHA,
        "created_at": "2026-05-14T11:00:00.123+02:00",
        "updated_at": "2026-05-14T09:06:00Z",
        "status": status,
        "user": {"username": "ann"},
        "environment": {"name": "production"},
        "deployable": {"status": status, "finished_at": "2026-05-14T09:05:00Z", "web_url": "https://ci.test/7", **(job or {})},
    }
    return usual | more


def read(forge: ForgeServer, *found: dict[str, Any]) -> list[Deployed]:
    forge.answers[f"{PROJECT}/deployments"] = list(found)
    place = GitlabPlace.model_validate({"kind": "gitlab", "project": "acme/shop", "api": forge.address})
    return list(place.open(NOWHERE).deployed(DAY))


def test_one_deployment(forge: ForgeServer) -> None:
    (found,) = read(forge, deployment(job={"commit": {"created_at": "2026-05-13T20:00:00+02:00"}}))
    assert (found.deployment, found.status, found.deployed_by, found.url) == ("7", Outcome.SUCCEEDED, "ann", "https://ci.test/7")
    assert found.finished_at == datetime(2026, 5, 14, 9, 5, tzinfo=UTC)
    assert found.committed_at == datetime(2026, 5, 13, 18, tzinfo=UTC)
    assert forge.asked[0]["updated_after"] == ["2026-05-14T00:00:00Z"]


def test_a_job_that_may_fail_and_fails_is_no_success(forge: ForgeServer) -> None:
    (found,) = read(forge, deployment("success", {"status": "failed", "allow_failure": True}))
    assert found.status is Outcome.FAILED


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ("failed", Outcome.FAILED),
        ("canceled", Outcome.CANCELLED),
        ("skipped", Outcome.CANCELLED),
        ("running", Outcome.RUNNING),
        ("blocked", Outcome.RUNNING),
        ("created", Outcome.RUNNING),
    ],
)
def test_each_status(forge: ForgeServer, told: str, outcome: Outcome) -> None:
    (found,) = read(forge, deployment(told))
    assert (found.status, found.finished_at is None) == (outcome, not outcome.ended)


def test_what_ended_after_the_window_is_running_as_of_then(forge: ForgeServer) -> None:
    (found,) = read(forge, deployment(job={"finished_at": "2026-05-15T00:00:00Z"}))
    assert (found.status, found.finished_at) == (Outcome.RUNNING, None)


def test_other_environments_are_passed_over(forge: ForgeServer) -> None:
    assert read(forge, deployment(environment={"name": "staging"})) == []


def test_a_squashed_head_is_known_as_the_commit_that_it_was_merged_as(forge: ForgeServer) -> None:
    request = {"state": "merged", "sha": SHA, "squash_commit_sha": MERGED, "merge_commit_sha": "c" * 40}
    forge.answers[f"{PROJECT}/repository/commits/{SHA}/merge_requests"] = [request]
    assert read(forge, deployment())[0].on_branch == MERGED
    forge.answers[f"{PROJECT}/repository/commits/{SHA}/merge_requests"] = [request | {"state": "opened"}]
    assert read(forge, deployment())[0].on_branch == SHA


def test_commits_between_two(forge: ForgeServer) -> None:
    commits = [{"id": MERGED, "committed_date": "2026-05-13T20:00:00.000+02:00"}]
    forge.answers[f"{PROJECT}/repository/compare"] = {"commits": commits}
    place = GitlabPlace.model_validate({"kind": "gitlab", "project": "acme/shop", "api": forge.address})
    assert place.open(NOWHERE).changes(SHA, MERGED) == [Change(MERGED, datetime(2026, 5, 13, 18, tzinfo=UTC))]


def test_doctor_is_told_the_newest(forge: ForgeServer) -> None:
    forge.answers[f"{PROJECT}/deployments"] = [deployment()]
    opened = GitlabPlace.model_validate({"kind": "gitlab", "project": "acme/shop", "api": forge.address}).open(NOWHERE)
    assert opened.check() == "GitLab deployments of acme/shop can be read; the newest to production is 7 of 2026-05-14"
    assert forge.asked[0]["sort"] == ["desc"]
