"""Deployments by tags of a real repository, on this machine and over the network."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from upkeep.delivery.deployed import Deployed, Outcome
from upkeep.delivery.kinds.git_tags import GitTagsPlace, TagDeployments
from upkeep.errors import CannotAskError
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.window import Window

DAY = Window(datetime(2026, 5, 14, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC))
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


def run(folder: Path, at: str, *words: str) -> str:
    names = {f"GIT_{who}_{what}": "ann" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        [str(shutil.which("git")), "-C", str(folder), *words],
        env=os.environ | names | dates,
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two releases."""
    return tagged(tmp_path)


def tagged(parent: Path) -> Path:
    """Two releases: v1 a plain tag, v2 one with a time of its own; two commits between them."""
    folder = parent / "shop"
    folder.mkdir()
    run(folder, "2026-05-13T08:00:00Z", "init", "-q", "-b", "main")
    run(folder, "2026-05-13T09:00:00Z", "commit", "-q", "--allow-empty", "-m", "one")
    run(folder, "2026-05-13T10:00:00Z", "tag", "v1")
    run(folder, "2026-05-14T06:00:00Z", "commit", "-q", "--allow-empty", "-m", "two")
    run(folder, "2026-05-14T07:00:00Z", "commit", "-q", "--allow-empty", "-m", "three")
    run(folder, "2026-05-14T09:00:00Z", "tag", "-a", "v2", "-m", "Release")
    run(folder, "2026-05-14T09:00:00Z", "tag", "-a", "draft", "-m", "No release")
    return folder


def opened(**fields: object) -> TagDeployments:
    return GitTagsPlace.model_validate({"kind": "git_tags", **fields}).open(NOWHERE)


def test_a_tag_of_the_day_is_a_deployment(repository: Path) -> None:
    head = run(repository, "2026-05-14T09:00:00Z", "rev-parse", "HEAD")
    nine = datetime(2026, 5, 14, 9, tzinfo=UTC)
    assert list(opened(path=str(repository)).deployed(DAY)) == [
        Deployed(
            environment="production", deployment="v2", version="v2", started_at=nine, finished_at=nine, status=Outcome.SUCCEEDED,
            source="git tags", commit_id=head, committed_at=datetime(2026, 5, 14, 7, tzinfo=UTC), deployed_by="ann",
        )
    ]  # fmt: skip


def test_the_commits_between_two_tags(repository: Path) -> None:
    first, last = (run(repository, "2026-05-14T09:00:00Z", "rev-parse", f"{name}^{{commit}}") for name in ("v1", "v2"))
    found = opened(path=str(repository)).changes(first, last)
    assert sorted(each.committed_at.hour for each in found) == [6, 7]


def test_a_commit_that_is_not_there_cannot_be_asked(repository: Path) -> None:
    with pytest.raises(CannotAskError, match="has no"):
        opened(path=str(repository)).changes("f" * 40, "e" * 40)
    with pytest.raises(CannotAskError, match="is no commit"):
        opened(path=str(repository)).changes("--all", "e" * 40)


def test_a_folder_without_history_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(CannotAskError, match="is no git repository"):
        list(opened(path=str(tmp_path)).deployed(DAY))


def test_tags_of_other_things_and_strange_names_are_no_fault(repository: Path) -> None:
    nine = "2026-05-14T09:00:00Z"
    run(repository, nine, "tag", "v-tree", run(repository, nine, "write-tree"))
    run(repository, nine, "update-ref", "refs/tags/v3", _tag_by("a\x1fb", repository))
    assert [(each.deployment, each.deployed_by) for each in opened(path=str(repository)).deployed(DAY)] == [
        ("v2", "ann"), ("v3", "a\x1fb"),
    ]  # fmt: skip


def _tag_by(who: str, folder: Path) -> str:
    head = run(folder, "2026-05-14T09:00:00Z", "rev-parse", "HEAD")
    written = folder / "written"
    written.write_text(f"object {head}\ntype commit\ntag v3\ntagger {who} <a@b> 1778749300 +0000\n\nx\n")
    return run(folder, "2026-05-14T09:00:00Z", "hash-object", "-t", "tag", "-w", "--literally", "written")


def test_a_worktree_is_told_from_a_folder_without_history(repository: Path) -> None:
    run(repository, "2026-05-14T09:00:00Z", "worktree", "add", "-q", "../beside")
    with pytest.raises(CannotAskError, match="is a worktree or submodule of another repository"):
        list(opened(path=str(repository.with_name("beside"))).deployed(DAY))


def test_it_is_said_where_it_is_once() -> None:
    for fields in ({}, {"path": "/srv/shop", "url": "https://git.test/shop"}, {"url": "ext::sh -c id"}):
        with pytest.raises(ValidationError):
            opened(**fields)


def test_doctor_is_told_how_many(repository: Path) -> None:
    assert opened(path=str(repository)).check() == "2 tags v*; the newest is v2 of 2026-05-14"
    assert opened(path=str(repository), pattern="x*").check() == "0 tags x*"
