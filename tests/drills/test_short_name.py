"""A server's socket is reached however deep its folder lies."""

import socket
from pathlib import Path

import pytest

from upkeep.drills.command import short_name

OPEN = Path("/proc/self/fd")


@pytest.mark.parametrize("depth", [1, 92, 93, 300])
def test_a_socket_in_a_deep_folder_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    missing = depth - len(str(tmp_path))
    folder = tmp_path.joinpath(*["d" * min(200, missing - 1)] * (missing > 1))
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server, short_name(folder) as name, socket.socket(socket.AF_UNIX) as client:
        server.bind(".s.PGSQL.65535")
        server.listen()
        client.connect(f"{name}/.s.PGSQL.65535")
        assert len(f"{name}/.s.PGSQL.65535") <= 107


def test_nothing_stays_open(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    before = len(list(OPEN.iterdir()))
    with short_name(folder) as name:
        assert Path(name).samefile(folder)
    assert len(list(OPEN.iterdir())) == before
