"""Where a session of tests keeps its files, and what is removed of sessions that were killed."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import folder


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that stands for memory, and afterwards the usual one for temporary files."""
    monkeypatch.setattr(folder, "MEMORY", tmp_path / "memory")
    monkeypatch.setattr(folder, "ROOM", 0)
    before = tempfile.tempdir
    monkeypatch.setenv("TMPDIR", str(before))
    folder.MEMORY.mkdir()
    yield folder.MEMORY
    tempfile.tempdir = before


def test_it_is_in_memory_with_its_temporary_files(memory: Path) -> None:
    made = folder.session_folder()
    assert made.parent == memory
    assert Path(tempfile.gettempdir()) == made / "tmp" == Path(os.environ["TMPDIR"])
    assert (made.stat().st_mode & 0o777, (made / "tmp").stat().st_mode & 0o7777) == (0o755, 0o1777), "servers run as others"


def test_without_room_it_is_where_temporary_files_are(memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "ROOM", 1 << 60)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert folder.session_folder().parent == tmp_path
    assert not list(memory.iterdir())


def test_where_there_is_no_such_place_there_is_no_room(memory: Path) -> None:
    assert folder.has_room(memory)
    assert not folder.has_room(memory / "none")


def test_what_a_killed_session_left_goes_and_a_running_one_stays(memory: Path) -> None:
    with subprocess.Popen(["true"]) as ended:  # noqa: S607 - whichever it is
        ended.wait()
        left, running = memory / f"upkeep-tests-{ended.pid}-a", memory / f"upkeep-tests-{os.getpid()}-b"
        other = memory / "upkeep-tests-of-somebody"
    for place in (left, running, other):
        place.mkdir()
    folder.sweep(memory)
    assert sorted(memory.iterdir()) == sorted([running, other])
