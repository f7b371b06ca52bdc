"""Which commit comes after which: of a server, commits alone, once; and what is not there is not known."""

import os
from pathlib import Path

import pytest

from tests.sources.git.world import Served, Work, day, made, served
from upkeep.advisories.histories import GitHistories
from upkeep.errors import BrokenError
from upkeep.sources.git.ancestry import Ancestry
from upkeep.sources.git.cache import cache_folder
from upkeep.sources.git.history import Remote
from upkeep.sources.git.login import GitLogin


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository on a server, with the large file of each commit."""
    return made(tmp_path / "root/shop")


def line(work: Work, count: int = 3) -> list[str]:
    """So many commits in a row."""
    return [work.commit(day(number + 1), big_txt=os.urandom(20_000).hex()) for number in range(count)]


def asked(here: Served, token: str | None = None) -> Ancestry:
    return Ancestry(Remote(f"{here.url}/shop/.git", GitLogin(token=token)))


@pytest.mark.parametrize("filters", ["true", "false"])
def test_what_comes_after_what_also_on_branches(work: Work, tmp_path: Path, filters: str) -> None:
    work.git("config", "uploadpack.allowFilter", filters)
    first, second, third = line(work)
    work.git("switch", "-q", "-c", "side", first)
    side = work.commit(day(9), other_txt="x")
    work.git("merge", "-q", "--no-edit", third)
    merged = work.git("rev-parse", "HEAD")
    with served(tmp_path / "root") as here:
        found = asked(here)
        assert [found.reaches(third, other) for other in (first, second, third, side)] == [True, True, True, False]
        assert [found.reaches(merged, other) for other in (first, second, third, side)] == [True] * 4
        assert [found.reaches(first, other) for other in (second, third, side, merged)] == [False] * 4
        assert found.reaches(third[:12], second[:9]) is True, "short names"
        before = len(here.asked)
        assert asked(here).reaches(third, first) is True
        assert len(here.asked) == before, "commits that are there are not fetched again"
    size = sum(path.stat().st_size for path in cache_folder().rglob("*") if path.is_file())
    assert (size < 60_000) is (filters == "true"), "only commits"


def test_what_comes_later_is_fetched_then(work: Work, tmp_path: Path) -> None:
    (first,) = line(work, 1)
    with served(tmp_path / "root") as here:
        assert asked(here).reaches(first, first) is True
        later = work.commit(day(5), a_txt="2")
        assert asked(here).reaches(later, first) is True


@pytest.mark.parametrize("name", ["f" * 40, "", "HEAD", "main", "--output=x", "v1.0", "../x", "F" * 40])
def test_what_is_no_commit_of_it_is_not_known(work: Work, tmp_path: Path, name: str) -> None:
    (first,) = line(work, 1)
    with served(tmp_path / "root") as here:
        assert (asked(here).reaches(name, first), asked(here).reaches(first, name)) == (None, None)


def test_a_branch_called_like_a_commit_is_none(work: Work, tmp_path: Path) -> None:
    first, second = line(work, 2)
    other = "abcdef0" if not first.startswith("abcdef0") else "abcdef1"
    work.git("branch", other, second)
    with served(tmp_path / "root") as here:
        assert asked(here).reaches(other, first) is None


def test_a_commit_of_no_branch_where_the_server_gives_it(work: Work, tmp_path: Path) -> None:
    first, lost = line(work, 2)
    work.git("reset", "-q", "--hard", first)
    work.git("config", "uploadpack.allowAnySHA1InWant", "true")
    with served(tmp_path / "root") as here:
        assert asked(here).reaches(lost, first) is True


@pytest.mark.fault
def test_a_server_without_the_beginning_is_not_believed(work: Work, tmp_path: Path) -> None:
    first, _, third = line(work)
    work.git("clone", "-q", "--bare", "--depth=1", f"file://{work.folder}", str(tmp_path / "root/cut.git"))
    with served(tmp_path / "root") as here:
        histories = GitHistories(public=True)
        assert histories.reaches(f"{here.url}/cut.git", third, first) is None


@pytest.mark.fault
def test_a_server_that_is_away_or_wants_a_token(work: Work, tmp_path: Path) -> None:
    first, second = line(work, 2)
    with served(tmp_path / "root", token="secret") as here:
        with pytest.raises(BrokenError):
            asked(here).reaches(second, first)
        assert asked(here, "secret").reaches(second, first) is True
        address = f"{here.url}/gone.git"
        histories = GitHistories(public=True)
        assert histories.reaches(address, second, first) is None
        before = len(here.asked)
        assert histories.reaches(address, first, second) is None
        assert len(here.asked) == before, "asked once"
        assert "git fetch failed" in histories.why(address)


def test_public_histories_only_where_they_are_asked_for(work: Work, tmp_path: Path) -> None:
    first, second = line(work, 2)
    with served(tmp_path / "root") as here:
        address = f"{here.url}/shop/.git"
        assert GitHistories().reaches(address, second, first) is None
        assert here.asked == []
        assert GitHistories(public=True).reaches(address, second, first) is True


def test_an_own_repository_is_fetched_with_its_login_and_no_other_gets_it(work: Work, tmp_path: Path) -> None:
    first, second = line(work, 2)
    with served(tmp_path / "root", token="secret") as here:
        address = f"{here.url}/shop/.git"
        own = {"127.0.0.1/shop": lambda: Remote(address, GitLogin(token="secret"))}
        assert GitHistories(own).reaches(f"{here.url}/shop", second, first) is True
        assert GitHistories(own, public=True).reaches(f"{here.url}/other", second, first) is None
        assert [given for path, given in zip(here.asked, here.authorizations, strict=True) if "other" in path] == [None]


@pytest.mark.fault
@pytest.mark.parametrize(
    "address", ["ext::sh -c touch% owned", "file:///etc", "git://git.example/u/it", "/srv/it", "ssh://x/y/z"]
)
def test_only_https_is_spoken(address: str) -> None:
    histories = GitHistories(public=True)
    assert histories.reaches(address, "a" * 40, "b" * 40) is None
    assert "does not begin with https://" in histories.why(address)
