"""Repositories that mean harm: nothing in one is run, and nothing outside it is read."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.sources.git.world import Work, day, made, until
from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.lockfiles.registry import LIMIT, UnreadableError
from upkeep.sources.repository import Repository, folder_repository, git_folder, local_repository


def read(work: Work, path: str) -> bytes | None:
    with local_repository("shop", work.folder, until(day(20))) as repository:
        return repository.read(path)


@pytest.mark.baseline
def test_files_are_read_at_a_commit(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    work.commit(day(1), a_txt="one\n", deep__b_txt="two")
    work.commit(day(3), a_txt="three")
    with local_repository("shop", work.folder, until(day(2))) as repository:
        assert repository.tree.paths() == ["a.txt", "deep/b.txt"]
        assert (repository.read("a.txt"), repository.read("deep/b.txt"), repository.read("c")) == (b"one\n", b"two", None)
        assert repository.read("deep") is None
    with local_repository("shop", work.folder, until(day(3))) as repository:
        assert repository.read("a.txt") == b"three"
        assert repository.commit
        assert repository.commit.at == day(3)


def test_a_branch_and_a_bare_repository(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    work.commit(day(1), a_txt="1")
    work.git("switch", "-q", "-c", "live/now")
    work.commit(day(2), a_txt="2")
    work.git("switch", "-q", "main")
    work.git("clone", "-q", "--bare", "--no-local", ".", str(tmp_path / "bare.git"))
    for folder in (work.folder, tmp_path / "bare.git"):
        with local_repository("shop", folder, until(day(9)), "live/now") as repository:
            assert repository.read("a.txt") == b"2"


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "name", ["-x", "a b", "ä", "a\nb", 'q"uote', "tab\t", "--output=x", "$(touch owned)", "x'; drop table y"]
)
def test_strange_names(tmp_path: Path, name: str) -> None:
    work = made(tmp_path / "shop")
    (work.folder / name).write_text("text")
    work.commit(day(1))
    assert read(work, name) == b"text"


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    with open(os.fsencode(work.folder) + b"/caf\xe9", "wb") as file:  # noqa: PTH123 - bytes
        file.write(b"text")
    work.commit(day(1))
    assert read(work, "caf\\xe9") == b"text"


@pytest.mark.fault
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("../outside", "leads out of the repository"),
        ("/etc/passwd", "leads out of the repository"),
        ("deep/../../outside", "leads out of the repository"),
        ("link", "symbolic links lead in a circle"),
    ],
)
def test_a_symbolic_link_out(tmp_path: Path, target: str, message: str) -> None:
    work = made(tmp_path / "shop")
    (tmp_path / "outside").write_text("secret")
    (work.folder / "link").symlink_to(target)
    work.commit(day(1), deep__b_txt="two")
    with pytest.raises(UnreadableError, match=message):
        read(work, "link")


def test_symbolic_links_within(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    (work.folder / "link").symlink_to("deep/again")
    (work.folder / "folder").symlink_to("deep")
    work.commit(day(1), deep__b_txt="two")
    (work.folder / "deep/again").symlink_to("../deep/b.txt")
    (work.folder / "deep/gone").symlink_to("nothing")
    work.commit(day(2))
    assert [read(work, path) for path in ("link", "folder/b.txt", "folder/again", "deep/gone", "folder")] == [
        b"two", b"two", b"two", None, None,
    ]  # fmt: skip


@pytest.mark.fault
def test_no_hook_or_setting_of_the_repository_is_run(tmp_path: Path) -> None:
    work, owned = made(tmp_path / "shop"), tmp_path / "owned"
    work.commit(day(1), a_txt="1")
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {owned}\n")
    evil.chmod(0o755)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc", "fsmonitor-watchman"):
        (work.folder / ".git/hooks").mkdir(exist_ok=True)
        (work.folder / ".git/hooks" / hook).symlink_to(evil)
    for setting in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.editor", "core.gitProxy", "diff.external",
        "core.alternateRefsCommand", "uploadpack.packObjectsHook", "credential.helper", "gpg.program", "remote.origin.uploadpack",
    ):  # fmt: skip
        work.git("config", setting, str(evil))
    work.git("config", "core.hooksPath", str(work.folder / ".git/hooks"))
    work.git("config", "alias.ls-tree", f"!{evil}")
    assert read(work, "a.txt") == b"1"
    assert not owned.exists()


@pytest.mark.fault
@pytest.mark.parametrize("url", ["ext::{evil}", "{folder}", "file://{folder}", "ssh://x/y"])
def test_a_missing_object_is_not_fetched_from_where_the_repository_says(tmp_path: Path, url: str) -> None:
    work, owned = made(tmp_path / "shop"), tmp_path / "owned"
    work.commit(day(1), a_txt="unheard of")
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {owned}\n")
    evil.chmod(0o755)
    blob = work.git("rev-parse", "HEAD:a.txt")
    (work.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for setting, value in (
        ("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"), ("remote.origin.promisor", "true"),
        ("remote.origin.uploadpack", str(evil)), ("core.sshCommand", str(evil)), ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"), ("remote.origin.url", url.format(evil=evil, folder=work.folder)),
    ):  # fmt: skip
        work.git("config", setting, value)
    with pytest.raises(BrokenError):
        read(work, "a.txt")
    assert not owned.exists()


@pytest.mark.fault
def test_borrowed_objects_are_refused(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    work.commit(day(1), a_txt="1")
    work.git("clone", "-q", "--shared", ".", str(tmp_path / "borrower"))
    with pytest.raises(CannotAskError, match="borrows what it holds from another repository") as caught:
        read(Work(tmp_path / "borrower"), "a.txt")
    assert "git repack -a -d" in caught.value.remedy


def test_submodules_are_named_and_not_read(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    first = work.commit(day(1), a_txt="1")
    work.git("update-index", "--add", "--cacheinfo", f"160000,{first},vendor/lib")
    work.git("commit", "-q", "-m", "submodule", at=day(2))
    with local_repository("shop", work.folder, until(day(3))) as repository:
        assert repository.tree.submodules() == ["vendor/lib"]
        assert repository.tree.paths() == ["a.txt"]
        assert repository.read("vendor/lib") is None


@pytest.mark.fault
def test_a_file_over_the_limit_is_not_read_but_said(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    (work.folder / "poetry.lock").write_bytes(b" " * (LIMIT + 1))
    work.commit(day(1))
    for repository in (folder_repository("shop", work.folder),):
        assert repository.reading("poetry.lock").incomplete == ("32 MB, and files of up to 32 MB are read",)
    with local_repository("shop", work.folder, until(day(2))) as repository:
        assert repository.reading("poetry.lock").incomplete == ("32 MB, and files of up to 32 MB are read",)


@pytest.mark.fault
def test_a_ref_that_looks_like_an_option(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    work.commit(day(1), a_txt="1")
    with pytest.raises(BrokenError), local_repository("shop", work.folder, until(day(2)), "--output=x"):
        pass
    assert not (tmp_path / "x").exists()


@pytest.mark.fault
def test_before_the_first_commit_and_without_any(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    with pytest.raises(BrokenError), local_repository("shop", work.folder, until(day(2))):
        pass
    work.commit(day(5), a_txt="1")
    with pytest.raises(CannotAskError, match="had no commit yet"), local_repository("shop", work.folder, until(day(2))):
        pass


def test_a_clock_that_was_wrong_once(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    commits = [work.commit(at, a_txt=str(at)) for at in (day(1), day(25), day(3))]
    with local_repository("shop", work.folder, until(day(4))) as repository:
        assert repository.commit
        assert repository.commit.id == commits[2]
    with local_repository("shop", work.folder, until(day(2))) as repository:
        assert repository.commit
        assert repository.commit.id == commits[0]


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = made(tmp_path / "shop")
    work.commit(day(1), a_txt="1")
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(CannotAskError, match="git is not installed"):
        read(work, "a.txt")


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "shop/deep").mkdir(parents=True)
    (tmp_path / "shop/node_modules/a").mkdir(parents=True)
    (tmp_path / "outside").write_text("secret")
    for path in ("a.txt", "deep/poetry.lock", "node_modules/a/poetry.lock"):
        (tmp_path / "shop" / path).write_text("text")
    (tmp_path / "shop/out").symlink_to("../outside")
    (tmp_path / "shop/up").symlink_to("..")
    os.mkfifo(tmp_path / "shop/pipe")
    repository: Repository = folder_repository("shop", tmp_path / "shop", ignore=("test/*",))
    assert git_folder(tmp_path / "shop") is None
    assert repository.tree.paths() == ["a.txt", "deep/poetry.lock", "out", "pipe"]
    assert repository.lockfiles() == ("deep/poetry.lock",)
    assert (repository.read("a.txt"), repository.read("none"), repository.read("deep")) == (b"text", None, None)
    for path, message in (("out", "leads out"), ("up/outside", "leads out"), ("../outside", "leads out"), ("pipe", "no plain")):
        with pytest.raises(UnreadableError, match=message):
            repository.read(path)


def test_a_folder_has_no_past(tmp_path: Path) -> None:
    with pytest.raises(CannotAskError, match="a folder has no past"), local_repository("shop", tmp_path, until(day(2))):
        pass
    with pytest.raises(BrokenError, match="is no folder"):
        folder_repository("shop", tmp_path / "none").lockfiles()


def test_includes_are_read_from_beside_and_never_from_outside(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    lock = '[[package]]\nname = "a"\nversion = "1"\n[metadata]\n'
    project = '[project]\ndependencies = ["a"]\n'
    work.commit(day(1), app__poetry_lock=lock, app__pyproject_toml=project, test__poetry_lock="{")
    with local_repository("shop", work.folder, until(day(1) + timedelta(days=1)), ignore=("test/*",)) as repository:
        [(path, reading)] = repository.readings()
    assert (path, reading.packages[0].direct, reading.incomplete) == ("app/poetry.lock", True, ())
