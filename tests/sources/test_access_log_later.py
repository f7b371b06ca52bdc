"""Files that begin long after a window are not read; whatever may hold a line of it is, however it is named or dated."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.access_logs import WINDOW, line, opened, write
from upkeep.sources import access_log_files

DAY = 86_400
END = (WINDOW.end - WINDOW.start).total_seconds()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read whole."""
    names: list[str] = []
    fetched: Callable[..., str] = access_log_files.fetched

    def noted(store: object, name: str, path: Path) -> str:
        names.append(name)
        return fetched(store, name, path)

    monkeypatch.setattr(access_log_files, "fetched", noted)
    return names


def requests(folder: Path) -> int:
    return opened(folder).tell(WINDOW, 0.5).minutes.total.requests


def test_a_file_that_begins_a_day_later_is_not_read(tmp_path: Path, read: list[str]) -> None:
    write(tmp_path, line(-60) + line(5) + line(END + 60), "access.log-1.gz")
    write(tmp_path, line(END + DAY + 1) * 30, "access.log-2.gz")
    assert requests(tmp_path) == 1
    assert read == ["access.log-1.gz"]


def test_it_tells_that_the_log_goes_on(tmp_path: Path, read: list[str]) -> None:
    write(tmp_path, line(-60) + line(5), "access.log-1")
    write(tmp_path, line(END + 3 * DAY), "access.log-2")
    assert opened(tmp_path).tell(WINDOW, 0.5).minutes.coverage == 1.0
    assert read == ["access.log-1"]


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "text",
    [
        line(END + DAY - 1) + line(7),
        line(END + 2 * DAY) + line(7),
        "no line at all\n" + line(END + 2 * DAY) * 200 + line(7),
    ],
    ids=["less than a day later", "one of the first lines is of the window", "a first line cannot be read"],
)
def test_what_may_hold_a_line_of_the_window_is_read(tmp_path: Path, read: list[str], text: str) -> None:
    write(tmp_path, line(-60) + line(5) + line(END + 60), "access.log-1")
    write(tmp_path, text, "access.log-2")
    assert requests(tmp_path) == 2
    assert read == ["access.log-1", "access.log-2"]


@pytest.mark.parametrize("text", ["", line(END + 2 * DAY).rstrip("\n")], ids=["empty", "one line without its end"])
def test_a_file_without_a_whole_line_is_no_fault(tmp_path: Path, read: list[str], text: str) -> None:
    write(tmp_path, line(-60) + line(5) + line(END + 60), "access.log-1")
    write(tmp_path, text, "access.log-2")
    assert requests(tmp_path) == 1
    assert read == ["access.log-1", "access.log-2"]
