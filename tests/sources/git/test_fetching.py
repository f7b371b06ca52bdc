"""Fetching: as little as a day needs, by first parents, killed anywhere, by two at once, with a token that nobody else sees."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.sources.git.world import GIT, Served, Work, day, made, served, until
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.git.cache import SETTING, cache_folder, copy_of
from upkeep.sources.git.history import Remote, fetched
from upkeep.sources.git.login import GitLogin
from upkeep.sources.repository import remote_repository


def lock_text(version: str) -> str:
    return json.dumps({"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": version}}})


def long_history(folder: Path, commits: int) -> tuple[Work, list[str]]:
    work = made(folder)
    return work, work.commits([day(1) + timedelta(hours=n) for n in range(commits)])


def here(server: Served, branch: str | None = None, token: str | None = None) -> Remote:
    return Remote(f"{server.url}/shop/.git", GitLogin(token=token), branch)


@pytest.mark.baseline
def test_the_newest_needs_one_commit(tmp_path: Path) -> None:
    _, commits = long_history(tmp_path / "root/shop", 9)
    with served(tmp_path / "root") as server:
        copy, commit = fetched(here(server), until(day(20)))
        assert (commit.id, commit.at) == (commits[-1], day(1) + timedelta(hours=8))
        assert not (copy / "FETCH_HEAD").exists()
        assert (copy / "shallow").read_text().split() == [commits[-1]]
        again, same = fetched(here(server, "main"), until(day(20)))
    assert (again, same.id) == (copy, commits[-1])


def test_a_past_day_deepens_as_far_as_it_needs(tmp_path: Path) -> None:
    _, commits = long_history(tmp_path / "root/shop", 120)
    with served(tmp_path / "root") as server:
        copy, commit = fetched(here(server), until(day(1) + timedelta(hours=100, minutes=59)))
        assert commit.id == commits[100]
        assert len((copy / "shallow").read_text().split()) == 1
        assert fetched(here(server), until(day(1) + timedelta(hours=3)))[1].id == commits[3]
        assert fetched(here(server), until(day(1)))[1].id == commits[0]
        with pytest.raises(CannotAskError, match="had no commit yet at 2026-01-01 11:59 UTC"):
            fetched(here(server), until(day(1) - timedelta(minutes=1)))


def test_what_was_merged_counts_from_the_merge(tmp_path: Path) -> None:
    work = made(tmp_path / "root/shop")
    first = work.commit(day(1), a_txt="1")
    work.git("switch", "-q", "-c", "other")
    work.commit(day(2), b_txt="2")
    work.git("switch", "-q", "main")
    work.git("merge", "-q", "--no-ff", "-m", "merge", "other", at=day(9))
    with served(tmp_path / "root") as server:
        assert fetched(here(server), until(day(5)))[1].id == first
        assert fetched(here(server), until(day(9)))[1].at == day(9)


def test_a_branch_that_was_written_anew_is_followed(tmp_path: Path) -> None:
    work = made(tmp_path / "root/shop")
    work.commit(day(1), a_txt="1")
    with served(tmp_path / "root") as server:
        fetched(here(server), until(day(9)))
        work.git("commit", "-q", "--amend", "-m", "other", at=day(2))
        assert fetched(here(server), until(day(9)))[1].id == work.git("rev-parse", "HEAD")


@pytest.mark.fault
@pytest.mark.parametrize(
    ("branch", "path", "message"),
    [
        ("gone", "shop/.git", "couldn't find remote ref refs/heads/gone"),
        (None, "nothing.git", "not found"),
    ],
)
def test_what_is_not_there(tmp_path: Path, branch: str | None, path: str, message: str) -> None:
    made(tmp_path / "root/shop").commit(day(1), a_txt="1")
    with served(tmp_path / "root") as server, pytest.raises(BrokenError, match=message) as caught:
        fetched(Remote(f"{server.url}/{path}", GitLogin(), branch), until(day(9)))
    assert (caught.value.retry, bool(caught.value.remedy)) == (False, True)


@pytest.mark.fault
def test_a_server_that_is_away_may_come_back() -> None:
    with pytest.raises(BrokenError, match="Failed to connect") as caught:
        fetched(Remote("http://127.0.0.1:9/x.git", GitLogin()), until(day(9)))
    assert caught.value.retry


@pytest.mark.parametrize(
    "url", ["ext::sh -c touch% /tmp/owned", "file:///etc", "/etc", "git://127.0.0.1/x", "--upload-pack=touch"]
)
def test_no_other_protocol_is_spoken(url: str, tmp_path: Path) -> None:
    remote = Remote(url, GitLogin())
    with pytest.raises(BrokenError):
        fetched(remote, until(day(9)))
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("wrong", [None, "other"])
def test_a_token_opens(tmp_path: Path, wrong: str | None) -> None:
    made(tmp_path / "root/shop").commit(day(1), a_txt="1")
    with served(tmp_path / "root", token="s3cret") as server:
        fetched(here(server, token="s3cret"), until(day(9)))
        with pytest.raises(BrokenError) as caught:
            fetched(here(server, token=wrong), until(day(9)))
    assert not caught.value.retry
    assert "token" in caught.value.remedy
    assert str(wrong) not in str(caught.value)
    copy = copy_of(f"{server.url}/shop/.git")
    assert b"s3cret" not in b"".join(path.read_bytes() for path in copy.rglob("*") if path.is_file())


def test_a_redirect_elsewhere_gets_no_token(tmp_path: Path) -> None:
    made(tmp_path / "root/shop").commit(day(1), a_txt="1")
    with (
        served(tmp_path / "root", token="s3cret") as other,
        served(tmp_path, redirect=other.url) as server,
        pytest.raises(BrokenError),
    ):
        fetched(here(server, token="s3cret"), until(day(9)))
    assert set(other.authorizations) == {None}


def test_no_setting_of_this_user_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "root/shop").commit(day(1), a_txt="1")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.gitconfig").write_text('[url "http://127.0.0.1:9/"]\n\tinsteadOf = http://127.0.0.1\n')
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    with served(tmp_path / "root") as server:
        assert fetched(here(server), until(day(9)))[1].at == day(1)


def test_two_at_once(tmp_path: Path) -> None:
    _, commits = long_history(tmp_path / "root/shop", 60)
    found: list[str] = []
    with served(tmp_path / "root") as server:
        ends = [day(1) + timedelta(hours=hours) for hours in (59, 3, 30, 59)]
        threads = [threading.Thread(target=lambda end=end: found.append(fetched(here(server), until(end))[1].id)) for end in ends]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == sorted([commits[59], commits[3], commits[30], commits[59]])
    assert [path.name for path in cache_folder().iterdir() if path.name.startswith(("new-", "old-"))] == []


@pytest.mark.fault
def test_what_a_killed_fetch_left_is_in_nobodys_way(tmp_path: Path) -> None:
    _, commits = long_history(tmp_path / "root/shop", 60)
    with served(tmp_path / "root") as server:
        copy, _ = fetched(here(server), until(day(20)))
        for left in ("shallow.lock", "packed-refs.lock", "refs/upkeep/HEAD.lock", "objects/pack/tmp_pack_x1"):
            (copy / left).parent.mkdir(parents=True, exist_ok=True)
            (copy / left).write_text("half")
        assert fetched(here(server), until(day(1)))[1].id == commits[0]


@pytest.mark.fault
@pytest.mark.parametrize("spoil", ["HEAD", "objects", "packs", "shallow"])
def test_a_broken_copy_is_made_anew(tmp_path: Path, spoil: str) -> None:
    work, commits = long_history(tmp_path / "root/shop", 5)
    work.commit(day(3), package_lock=lock_text("1"))
    with served(tmp_path / "root") as server:
        copy, _ = fetched(here(server), until(day(20)))
        if spoil == "packs":
            for path in (copy / "objects").rglob("*"):
                if path.is_file():
                    path.chmod(0o600)
                    path.write_bytes(b"x" * 40)
        elif spoil == "objects":
            for path in (copy / "objects").rglob("*"):
                if path.is_file():
                    path.unlink()
        else:
            (copy / spoil).write_text("rubbish\n")
        assert fetched(here(server), until(day(1) + timedelta(hours=2)))[1].id == commits[2]


@pytest.mark.fault
def test_killed_anywhere_it_runs_again(tmp_path: Path) -> None:
    _, commits = long_history(tmp_path / "root/shop", 70)
    program = (
        "import sys; from datetime import datetime;"
        "from upkeep.sources.git.history import Remote, fetched; from upkeep.sources.git.login import GitLogin;"
        "fetched(Remote(sys.argv[1], GitLogin()), datetime.fromisoformat(sys.argv[2]))"
    )
    with served(tmp_path / "root") as server:
        for delay in (0.15, 0.2, 0.25, 0.3, 0.4):
            args = [sys.executable, "-c", program, f"{server.url}/shop/.git", until(day(1)).isoformat()]
            process = subprocess.Popen(args, start_new_session=True, stderr=subprocess.DEVNULL, env={**os.environ})
            time.sleep(delay)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert fetched(here(server), until(day(1) + timedelta(hours=5)))[1].id == commits[5]


@pytest.mark.fault
def test_a_copy_that_lost_an_object_is_made_anew_when_asked_again(tmp_path: Path) -> None:
    work = made(tmp_path / "root/shop")
    work.commit(day(1), a_txt="1", b_txt="2")
    blob = work.git("rev-parse", "HEAD:a.txt")
    with served(tmp_path / "root") as server:
        copy, _ = fetched(here(server), until(day(9)))
        for pack in (copy / "objects/pack").glob("*.pack"):
            pack.rename(tmp_path / pack.name)
            (copy / "objects/pack" / pack.with_suffix(".idx").name).unlink()
            subprocess.run([GIT, "unpack-objects", "-q"], cwd=copy, input=(tmp_path / pack.name).read_bytes(), check=True)
        (copy / "objects" / blob[:2] / blob[2:]).unlink()
        with (
            pytest.raises(BrokenError, match="cannot give the object"),
            remote_repository("shop", here(server), until(day(9))) as found,
        ):
            found.read("a.txt")
        with remote_repository("shop", here(server), until(day(9))) as found:
            assert found.read("a.txt") == b"1"


@pytest.mark.fault
def test_a_cache_that_others_may_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("open", "link"):
        monkeypatch.setenv(SETTING, str(tmp_path / name))
        with pytest.raises(BrokenError, match="no folder of this user alone"):
            cache_folder()


def test_what_was_fetched_is_read(tmp_path: Path) -> None:
    work = made(tmp_path / "root/shop")
    for number, version in ((1, "1.0.0"), (5, "2.0.0")):
        (work.folder / "package-lock.json").write_text(lock_text(version))
        work.commit(day(number))
    with served(tmp_path / "root") as server:
        for end, text in ((day(4), b"1.0.0"), (day(6), b"2.0.0")):
            with remote_repository("shop", here(server), until(end)) as repository:
                assert text in (repository.read("package-lock.json") or b"")
