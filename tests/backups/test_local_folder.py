"""The small folder for definitions: what killed processes left is removed under whatever name, what is in use is not."""

import multiprocessing
import os
import signal
import tempfile
from pathlib import Path

import pytest

from upkeep.backups.local_folder import local_folder


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temp folder of its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def _killed_inside(owner: str) -> None:
    with local_folder(owner) as folder:
        (folder / "definitions").write_text("x")
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.fault
def test_what_a_killed_one_left_is_removed_by_the_next_of_another_owner(tmp_path: Path) -> None:
    child = multiprocessing.get_context("fork").Process(target=_killed_inside, args=("restore into 127.0.0.1:1/shop",))
    child.start()
    child.join(20)
    assert len(list(tmp_path.iterdir())) == 1
    with local_folder("restore into 127.0.0.1:2/shop") as folder:
        assert list(tmp_path.iterdir()) == [folder]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.near_miss
def test_one_in_use_and_one_that_is_not_ours_by_name_stay(tmp_path: Path) -> None:
    (tmp_path / "somebody's").mkdir()
    with local_folder("a") as mine:
        (mine / "definitions").write_text("x")
        with local_folder("b") as other:
            assert other != mine
        assert (mine / "definitions").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["somebody's"]
