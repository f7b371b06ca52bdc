"""`upkeep scan` of a dependency by git: its history tells, where it is fetched, and else it is never clean."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.advisories.made import document, events
from tests.sources.git.world import Served, Work, day, made, served
from upkeep.cli import main
from upkeep.sources.git.cache import SETTING

NOTHING, FOUND, WRONG, UNCHECKED = range(4)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Five commits of a library on a server; the second brought a fault, the fourth mended it."""
    monkeypatch.setenv(SETTING, str(tmp_path / "cache"))
    work = made(tmp_path / "root/it")
    for number in range(5):
        work.commit(day(number + 1), a_txt=str(number))
    return work


def scanned(library: Work, here: Served, tmp_path: Path, which: int, *more: str) -> int:
    """Scan a folder that locks one of its commits."""
    commits = library.git("rev-list", "--reverse", "HEAD").split()
    address = f"{here.url}/it/.git"
    ranges = [{"type": "GIT", "repo": address, "events": events(f"introduced={commits[1]}", f"fixed={commits[3]}")}]
    place, shop = tmp_path / "osv", tmp_path / "shop"
    for folder in (place, shop):
        folder.mkdir(exist_ok=True)
    part = {"package": {}, "ranges": ranges}
    (place / "CVE-1.json").write_text(json.dumps({**document("CVE-1", ""), "affected": [part]}))
    (place / "fetched.json").write_text(json.dumps({"npm": datetime.now(UTC).isoformat()}))
    entry = {"version": "1.0.0", "resolved": f"git+{address}#{commits[which]}"}
    packages = {"": {"name": "shop", "dependencies": {"it": f"git+{address}"}}, "node_modules/it": entry}
    (shop / "package-lock.json").write_text(json.dumps({"name": "shop", "lockfileVersion": 3, "packages": packages}))
    return main(["scan", str(shop), "--advisories", str(place), *more])


@pytest.mark.parametrize(("which", "code"), [(0, NOTHING), (1, FOUND), (2, FOUND), (3, NOTHING), (4, NOTHING)])
def test_its_history_tells(library: Work, tmp_path: Path, which: int, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with served(tmp_path / "root") as here:
        assert scanned(library, here, tmp_path, which, "--histories") == code
        mended = library.git("rev-parse", "HEAD~1")
        assert (f"→ {mended} closes 1 fault" in capsys.readouterr().out) is (code == FOUND)


def test_unless_asked_nothing_is_fetched_and_it_is_not_clean(
    library: Work, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(tmp_path / "root") as here:
        assert scanned(library, here, tmp_path, 4) == UNCHECKED
        assert here.asked == []
    assert "--histories" in capsys.readouterr().out


def test_a_history_that_is_away_is_said(library: Work, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served(tmp_path / "root", token="secret") as here:
        assert scanned(library, here, tmp_path, 4, "--histories") == UNCHECKED
    assert "git fetch failed" in capsys.readouterr().out


def test_a_day_of_the_fault(library: Work, tmp_path: Path) -> None:
    with served(tmp_path / "root") as here:
        assert scanned(library, here, tmp_path, 2, "--histories", "--as-of", "2024-01-01") == NOTHING
