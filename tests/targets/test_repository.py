"""Repositories of the inventory: addresses, branches, and what the doctor says of each."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.lab import NOW, UTC_ZONE, asking
from tests.sources.git.world import day, made, served
from upkeep.answer import Answer, Status
from upkeep.duty import check
from upkeep.errors import BrokenError
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.git.cache import SETTING
from upkeep.sources.git.login import GitLogin
from upkeep.sources.postgres import Endpoint
from upkeep.sources.repository import Repository
from upkeep.targets.diagnosis import Level
from upkeep.targets.repository import CodeRepository
from upkeep.window import Cadence, Window

NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
LOCK = '[[package]]\nname = "a"\nversion = "{}"\n[metadata]\n'


class WithGit(OneDatabase):
    """Connections of which each is a token for a git server."""

    def git(self, connection_id: str) -> GitLogin:
        """That token."""
        return GitLogin(token=f"token of {connection_id}")


@check(Cadence.WEEKLY, owner="tests")
def locked(target: CodeRepository, window: Window, repository: Repository) -> Answer:  # noqa: ARG001 - it is dated
    """What is locked."""
    found = [f"{p.name} {p.version}" for _, reading in repository.readings() for p in reading.packages]
    return Answer.judged(", ".join(found))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path / "cache"))


def repository(**fields: Any) -> CodeRepository:
    return CodeRepository(name="shop", owner="ann", **fields)


def week(number: int) -> Window:
    return Window(datetime(2026, 1, number, tzinfo=UTC), datetime(2026, 1, number + 7, tzinfo=UTC))


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop.git",
        "https://git.example:8443/shop",
        "ssh://git@host/x.git",
        "ssh://git@host:22/~ann/x",
        "git@github.com:acme/shop.git",
        "http://127.0.0.1:8080/x",
    ],
)
def test_addresses(url: str) -> None:
    assert repository(url=url).url == url


@pytest.mark.fault
@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/acme/shop.git",
        "git://host/x",
        "file:///etc",
        "/srv/x",
        "ext::sh -c id",
        "ssh://-oProxyCommand=id/x",
        "-oProxyCommand=id@host:x",
        "git@-oProxyCommand=id:x",
        "ssh://-x@host/y",
        "git@host:-x",
        "https://ann:secret@host/x",
        "https://ann@host/x",
        "https://",
        "https://host/a b",
        "https://host/a\nb",
        "fd::7",
        "https::https://host/x",
        "",
    ],
)
def test_no_addresses(url: str) -> None:
    with pytest.raises(ValidationError):
        repository(url=url)


@pytest.mark.parametrize("branch", ["main", "release/2026.1", "ä", "a-b_c"])
def test_branches(branch: str) -> None:
    assert repository(path="/x", branch=branch).branch == branch


@pytest.mark.fault
@pytest.mark.parametrize(
    "branch", ["-x", "", "a..b", "a b", "a:b", "a~1", "a^", "@", "a@{1}", "a.lock", "a/", "/a", "a//b", ".a", "a\\b", "*"]
)
def test_no_branches(branch: str) -> None:
    with pytest.raises(ValidationError):
        repository(path="/x", branch=branch)


@pytest.mark.fault
@pytest.mark.parametrize("fields", [{}, {"url": "https://h/x", "path": "/x"}, {"path": "/x", "connection": "c"}])
def test_one_place(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        repository(**fields)


@pytest.mark.baseline
def test_the_doctor_of_a_good_one(tmp_path: Path) -> None:
    work = made(tmp_path / "root/shop")
    work.commit(day(1), poetry_lock=LOCK.format(1))
    with served(tmp_path / "root") as server:
        target = repository(url=f"{server.url}/shop/.git")
        found = list(target.examine(NOWHERE, ()))
    assert [(d.about, d.level) for d in found] == [("reachable", Level.OK), ("lockfiles", Level.OK)]
    assert "of 2026-01-01" in found[0].text
    assert found[1].text == "1 file to read: poetry.lock"


@pytest.mark.near_miss
def test_the_doctor_names_submodules(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    first = work.commit(day(1), poetry_lock=LOCK.format(1))
    work.git("update-index", "--add", "--cacheinfo", f"160000,{first},vendor/lib")
    work.git("commit", "-q", "-m", "submodule", at=day(2))
    found = list(repository(path=str(work.folder)).examine(NOWHERE, ()))
    assert [(d.about, d.level) for d in found][2:] == [("submodules", Level.NOTE)]
    assert found[2].text == "1 submodule not read: vendor/lib"


@pytest.mark.fault
def test_the_doctor_of_those_that_cannot_be_asked(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for fields, about, text in (
        ({"path": str(tmp_path / "empty")}, "lockfiles", "no lockfile, SBOM or package database was found"),
        ({"path": str(tmp_path / "none")}, "reachable", "is no folder"),
        ({"url": "http://127.0.0.1:9/x"}, "reachable", "Failed to connect"),
        ({"url": "http://127.0.0.1:9/x", "connection": "c"}, "reachable", "there is no connection c to a git server here"),
    ):
        found = list(repository(**fields).examine(NOWHERE, ()))[-1]
        assert (found.about, found.level, found.unmet) == (about, Level.NO, None)
        assert text in found.text


def test_a_connection_gives_the_login() -> None:
    found = repository(url="https://h/x", connection="c").remote(WithGit(NOWHERE.endpoint))
    assert found.login.token == "token of c"
    assert "token" not in repr(found).replace("token=", "")


@pytest.mark.baseline
def test_a_duty_sees_the_windows_end(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    for number in (2, 9, 16):
        work.commit(day(number), poetry_lock=LOCK.format(number))
    target = repository(path=str(work.folder))
    messages = [ask(asking(locked, target, NOWHERE, window=week(number)), {}).summary for number in (1, 8, 15)]
    assert messages == ["a 2", "a 9", "a 16"]


@pytest.mark.fault
def test_a_folder_is_not_asked_about_the_past(tmp_path: Path) -> None:
    (tmp_path / "poetry.lock").write_text(LOCK.format(1))
    target = repository(path=str(tmp_path))
    assert ask(asking(locked, target, NOWHERE), {}).summary == "a 1"
    past = ask(asking(locked, target, NOWHERE, window=week(1)), {})
    assert past.status is Status.UNKNOWN
    assert "present only" in past.summary


@pytest.mark.parametrize(("late_s", "version"), [(-1, 2), (0, 1), (1, 1)])
def test_a_commit_at_the_very_end_belongs_to_the_next_window(tmp_path: Path, late_s: int, version: int) -> None:
    work, window = made(tmp_path / "shop"), week(1)
    work.commit(window.start, poetry_lock=LOCK.format(1))
    work.commit(window.end + timedelta(seconds=late_s), poetry_lock=LOCK.format(2))
    assert ask(asking(locked, repository(path=str(work.folder)), NOWHERE, window=window), {}).summary == f"a {version}"


@pytest.mark.fault
def test_a_window_before_the_first_commit_is_unknown(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    work.commit(day(20), poetry_lock=LOCK.format(1))
    answer = ask(asking(locked, repository(path=str(work.folder)), NOWHERE, window=week(1)), {})
    assert (answer.status, "had no commit yet" in answer.summary) == (Status.UNKNOWN, True)


def test_the_newest_window(tmp_path: Path) -> None:
    assert locked.cadence.last_full(NOW, UTC_ZONE).end <= NOW
    with pytest.raises(BrokenError, match="is no folder"), repository(path=str(tmp_path / "none")).at(NOW, NOWHERE) as found:
        found.lockfiles()


BY_TAG = {"internet": {"critical": 3, "high": 14}, "internal": {"critical": 14, "low": 200}}


@pytest.mark.parametrize(
    ("tags", "days"),
    [
        (["internet"], {"critical_days": 3, "high_days": 14}),
        (["internal", "internet", "other"], {"critical_days": 3, "high_days": 14, "low_days": 200}),
    ],
)
def test_the_fewest_days_of_its_tags_are_its_thresholds(tags: list[str], days: dict[str, float]) -> None:
    target = repository(path="/srv/code", tags=tags).with_defaults({"vulnerability_days": BY_TAG})
    assert target.thresholds == {"vulnerabilities": days}


def test_its_own_thresholds_hold_before_its_tags() -> None:
    own = {"vulnerabilities": {"critical_days": 5, "most_source_files": 9}, "licences": {"x": 1}}
    target = repository(path="/srv/code", tags=["internet"], thresholds=own).with_defaults({"vulnerability_days": BY_TAG})
    expected = {"critical_days": 5, "most_source_files": 9, "high_days": 14}
    assert target.thresholds == {"vulnerabilities": expected, "licences": {"x": 1}}


@pytest.mark.parametrize("tags", [[], ["other"], ["Internet"]])
def test_without_such_a_tag_it_stays_as_it_is(tags: list[str]) -> None:
    target = repository(path="/srv/code", tags=tags)
    assert target.with_defaults({"vulnerability_days": BY_TAG}) is target
