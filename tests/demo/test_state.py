"""What the demo remembers: private, never torn, and clear about what is in the way."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from upkeep.demo.state import PORTS, State, locked
from upkeep.errors import UpkeepError


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    made = State.load(tmp_path).secret("airflow admin")
    assert State.load(tmp_path).secret("airflow admin") == made
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    assert len(State.load(tmp_path).secret("jwt key")) >= 64


def test_a_finished_step_is_remembered(tmp_path: Path) -> None:
    assert not State.load(tmp_path).is_done("shop built")
    State.load(tmp_path).mark("shop built")
    assert State.load(tmp_path).is_done("shop built")


def test_a_damaged_state_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(UpkeepError, match="make clean"):
        State.load(tmp_path)


def test_a_taken_port_gets_another_and_says_so(tmp_path: Path) -> None:
    state, messages = State.load(tmp_path), list[str]()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        state.ports = {"airflow": taken.getsockname()[1]}
        state.settle_ports(messages.append)
        assert state.ports["airflow"] != taken.getsockname()[1]
    assert any("is taken" in line and "airflow uses" in line for line in messages)
    assert len(set(state.ports.values())) == len(PORTS)


def test_a_port_that_another_demo_chose_is_left_to_it(tmp_path: Path) -> None:
    ours = State.load(tmp_path)
    ours.settle_port("slack", print)
    code = (
        "import sys; from pathlib import Path; from upkeep.demo.state import State;"
        "s = State.load(Path(sys.argv[1])); s.ports['slack'] = int(sys.argv[2]); s.settle_port('slack', lambda _: None);"
        "print(s.ports['slack'])"
    )
    args = [sys.executable, "-c", code, str(tmp_path), str(ours.ports["slack"])]
    theirs = subprocess.run(args, capture_output=True, text=True, check=True).stdout
    assert int(theirs) != ours.ports["slack"]


def test_two_demos_in_one_folder_do_not_meet(tmp_path: Path) -> None:
    held = locked(tmp_path)
    with pytest.raises(UpkeepError, match="already runs"):
        locked(tmp_path)
    os.close(held)
    os.close(locked(tmp_path))
