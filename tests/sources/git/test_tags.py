"""Tags of a repository on a server: commits and tags alone, again and again, with a token, and of more than commits."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.sources.git.world import Work, day, made, served
from upkeep.errors import BrokenError
from upkeep.sources.git.command import git
from upkeep.sources.git.login import GitLogin
from upkeep.sources.git.tags import fetched_tags, tags


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """Three commits with files, of which two are tagged."""
    made_here = made(tmp_path / "root/shop")
    for number, tag in ((1, "v1"), (2, ""), (3, "v2")):
        made_here.commit(day(number), big_txt=os.urandom(20_000).hex())
        if tag:
            made_here.git("tag", "-a", tag, "-m", "Release", at=day(number) + timedelta(hours=1))
    return made_here


@pytest.mark.parametrize("filters", ["true", "false"])
def test_of_a_remote_its_tags_and_commits(work: Work, tmp_path: Path, filters: str) -> None:
    work.git("config", "uploadpack.allowFilter", filters)
    with served(tmp_path / "root") as server:
        copy = fetched_tags(f"{server.url}/shop/.git", GitLogin())
        found = tags(copy, "v*")
    assert [(tag.name, tag.at, tag.by) for tag in found] == [
        ("v1", day(1) + timedelta(hours=1), "ann"),
        ("v2", day(3) + timedelta(hours=1), "ann"),
    ]
    assert [tag.committed_at for tag in found] == [day(1), day(3)]
    assert git(["rev-list", "--count", f"{found[0].commit_id}..{found[1].commit_id}"], folder=copy).strip() == b"2"
    size = sum(path.stat().st_size for path in copy.rglob("*") if path.is_file())
    assert (size < 60_000) == (filters == "true")


def test_what_is_new_moved_or_gone_is_so_here(work: Work, tmp_path: Path) -> None:
    with served(tmp_path / "root") as server:
        url = f"{server.url}/shop/.git"
        fetched_tags(url, GitLogin())
        head = work.commit(day(4))
        work.git("tag", "v3", at=day(4))
        work.git("tag", "-f", "v2", head)
        work.git("tag", "-d", "v1")
        found = tags(fetched_tags(url, GitLogin()), "v*")
    assert [(tag.name, tag.commit_id, tag.at) for tag in found] == [("v2", head, day(4)), ("v3", head, day(4))]


def test_a_token_is_needed_and_given(work: Work, tmp_path: Path) -> None:
    assert work.folder.is_dir()
    with served(tmp_path / "root", token="secret") as server:
        url = f"{server.url}/shop/.git"
        with pytest.raises(BrokenError, match="git fetch failed"):
            fetched_tags(url, GitLogin())
        assert len(tags(fetched_tags(url, GitLogin(token="secret")), "v*")) == 2


def test_tags_of_other_things_than_commits_are_passed_over(work: Work) -> None:
    blob = work.git("rev-parse", "HEAD:big.txt")
    work.git("tag", "v-file", blob)
    work.git("tag", "-a", "v-tagged-file", blob, "-m", "No commit", at=day(5))
    work.git("tag", "-a", "v-tag-of-tag", "v2", "-m", "Again", at=day(5))
    found = {tag.name: tag for tag in tags(work.folder / ".git", "v*")}
    assert set(found) <= {"v1", "v2", "v-tag-of-tag"}
    assert found["v2"].commit_id == work.git("rev-parse", "HEAD")
    if "v-tag-of-tag" in found:
        assert found["v-tag-of-tag"].commit_id == found["v2"].commit_id
