"""The shop's repository: two years of lockfiles, made in a moment, the same each time."""

import json
import shutil
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from upkeep.demo.repository import history, lockfiles, made
from upkeep.sources.repository import local_repository

START = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
EACH = list(history.changes(START))


def git(folder: Path, *args: str) -> str:
    program = shutil.which("git") or "git"
    return subprocess.run([program, *args], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "shop.git"
    made.make_repository(folder, START)
    return folder


def test_it_has_two_years_of_history_and_sound_objects(repository: Path) -> None:
    days = git(repository, "log", "--reverse", "--format=%cI", "main").splitlines()
    assert len(days) == len(EACH) > 15
    assert days[0].startswith("2024-11-26T06:30:00")
    assert days == sorted(days)
    assert git(repository, "fsck", "--strict") == ""


def test_made_again_after_a_kill_it_is_the_same(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop.git"
    folder.with_name("shop.git.half").mkdir()
    (folder.with_name("shop.git.half") / "HEAD").write_text("ref: refs/heads/gone\n")
    for _ in range(2):
        made.make_repository(folder, START)
        assert git(folder, "rev-parse", "main") == git(repository, "rev-parse", "main")
    assert [each.name for each in tmp_path.iterdir()] == ["shop.git"]


@pytest.mark.parametrize("language", history.LANGUAGES)
def test_every_package_is_needed_by_somebody_and_every_need_is_locked(language: str) -> None:
    for change in EACH:
        project = change.project
        if project.language == language:
            wanted = {*project.uses, *project.develops_with, *(each for some in project.needs.values() for each in some)}
            assert wanted == project.versions.keys()


def test_there_are_about_sixty_packages() -> None:
    newest = {change.project.language: change.project for change in EACH}
    assert 60 <= sum(len(project.versions) for project in newest.values()) <= 90


def test_each_change_changes_something() -> None:
    before: dict[str, history.Project] = {}
    for change in EACH:
        last = before.get(change.project.language)
        assert last is None or last.versions != change.project.versions, change.subject
        before[change.project.language] = change.project


def test_a_change_of_what_nothing_uses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    told = yaml.safe_load(Path(history.__file__).with_name("history.yaml").read_text(encoding="utf-8"))
    told["changes"].append({"day": 1, "of": "npm", "subject": "A slip", "set": {"expres": "4.0.0"}})
    monkeypatch.setattr(yaml, "safe_load", lambda _text: told)
    with pytest.raises(ValueError, match="a change of day 1 sets expres"):
        list(history.changes(START))


def test_the_lock_of_python_is_as_uv_writes_it() -> None:
    project = EACH[0].project
    document = tomllib.loads(lockfiles.written(project).decode())
    packages = {each["name"]: each for each in document["package"]}
    assert packages.keys() == {*project.versions, project.name}
    assert {each["name"] for each in packages[project.name]["dependencies"]} == set(project.uses)
    assert {each["name"] for each in packages[project.name]["dev-dependencies"]["dev"]} == set(project.develops_with)
    assert packages["pillow"]["version"] == "9.5.0"


def test_the_lock_of_npm_says_what_is_for_development_alone() -> None:
    project = EACH[1].project
    packages = json.loads(lockfiles.written(project))["packages"]
    assert packages[""]["dependencies"]["express"] == "^4.19.2"
    assert packages["node_modules/braces"]["dev"] is True
    assert "dev" not in packages["node_modules/send"]
    assert packages["node_modules/@demo/cart-widget"]["resolved"].endswith("/@demo/cart-widget/-/cart-widget-3.2.0.tgz")


def test_the_image_is_read_as_debian_with_its_source_packages(repository: Path) -> None:
    with local_repository("shop", repository, START) as found:
        read = {one.name: one for path, reading in found.readings() if "dpkg" in path for one in reading.packages}
    assert {one.ecosystem for one in read.values()} == {"Debian:12"}
    assert (read["libdemo-tls3"].source_name, read["libdemo-tls3"].source_version) == ("demo-tls", "3.0.14-1~deb12u1")
    assert read["tzdata"].version == "2025a-0+deb12u1"


def test_advisories_are_offered_as_osv_does(tmp_path: Path) -> None:
    for _ in range(2):
        made.write_advisories(tmp_path, START)
    for ecosystem, count in (("PyPI", 10), ("npm", 5), ("Debian", 1)):
        listed = (tmp_path / ecosystem / "modified_id.csv").read_text().splitlines()
        assert listed == sorted(listed, reverse=True)
        with ZipFile(tmp_path / ecosystem / "all.zip") as archive:
            documents = {name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist()}
        assert len(documents) == count
        assert {f"{each['modified']},{name}" for name, each in documents.items()} == set(listed)


def test_days_are_real_or_told_from_the_start() -> None:
    documents = {document["id"]: document for document in made.advisories(START)}
    assert documents["GHSA-j7hp-h8jx-5ppr"]["published"] == "2023-09-12T00:00:00Z"
    assert documents["DEMO-2"]["published"] == "2026-11-01T06:30:00Z"
    assert documents["DEMO-4"]["withdrawn"] == documents["DEMO-4"]["modified"] == "2026-10-07T06:30:00Z"


def test_what_is_made_up_says_so_and_speaks_of_packages_that_do_not_exist() -> None:
    for document in made.advisories(START):
        invented = document["id"].startswith("DEMO-")
        name = document["affected"][0]["package"]["name"]
        assert invented == document["summary"].startswith("Made up") == name.startswith(("demo-", "@demo/"))
