"""What the demo prints, leaves and tells other programs."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.demo.test_planted import finding
from upkeep.demo import __main__ as demo
from upkeep.demo import airflow, show
from upkeep.demo.begin import Demo
from upkeep.demo.found import Done
from upkeep.demo.planted import PLANTED, Found
from upkeep.demo.runs import Progress, Rest, last_ended
from upkeep.demo.state import PORTS, ROOT, State
from upkeep.demo.supervise import Program, Supervisor
from upkeep.demo.temporary import own_temporary_folder
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What was printed, as one text."""
    from rich.console import Console

    console = Console(width=200, highlight=False, record=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    monkeypatch.setattr(show, "console", console)
    return console.export_text


@pytest.mark.parametrize("number", ["-2685913013647044335", "8765223079565569854", "90c194025684b2b6"])
def test_no_number_of_a_statement_is_printed(printed: Any, number: str) -> None:
    show.table([Found("high", "shop", "query_performance", "slow", number, "select 1 takes 3 s")], [], "Found")
    text = printed()
    assert number not in text
    assert "a statement" in text


@pytest.mark.parametrize("name", ["public.orders", "shop: supplier-import-7", "slot_20261126", "shop_app@checkout"])
def test_other_objects_are_printed_as_they_are(printed: Any, name: str) -> None:
    show.table([Found("high", "shop", "sequences", "near_end", name, "title")], [], "Found")
    assert name in printed()


@pytest.mark.parametrize(("state", "message"), [("success", "green"), ("failed", "red")])
def test_a_run_that_found_what_was_planted_has_not_failed(printed: Any, state: str, message: str) -> None:
    show.follow("The daily run", lambda: Progress(state, 30, 30), lambda: None)
    text = printed()
    assert message in text
    assert "failed" not in text


def ended(*runs: str) -> Any:
    """An Airflow whose newest ended run is the first of these."""
    return lambda *_: {"dag_runs": [{"dag_run_id": run} for run in runs]}


def test_the_newest_ended_run_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = Rest("http://127.0.0.1:1", "admin", "secret")
    for answer, wanted in ((ended("b", "a"), "b"), (ended(), None), (lambda *_: None, None)):
        monkeypatch.setattr(rest, "call", answer)
        assert last_ended(rest, "daily") == wanted


def a_demo(folder: Path) -> Demo:
    state = State.load(folder)
    state.ports = {name: free_port() for name in PORTS}
    where: Any = Endpoint(host="127.0.0.1", port=1, user="u", password="p", database="d")
    return Demo(folder, state, Supervisor(print), where, where, where)


def test_a_later_start_shows_what_is_known_and_accuses_nobody(
    printed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended_and_new = [finding(p.duty, p.rule, p.about) for p in PLANTED[1:]] + [finding("sequences", "other", "theirs")]
    monkeypatch.setattr(demo, "last_ended", lambda _, dag: f"{dag}-run")
    monkeypatch.setattr(demo, "findings", lambda _, runs: mended_and_new if len(runs) == len(demo.CADENCES) else [])
    monkeypatch.setattr(demo, "unknowns", lambda *_: [])
    monkeypatch.setattr(demo, "done", lambda *_: [Done("vacuum", "shop", "ok", "3 of 40 tables vacuumed")])
    monkeypatch.setattr(demo, "_places", lambda _: [("Airflow", "here")])
    monkeypatch.setattr(demo, "begin_rest", lambda _: show.say("the rest begins"))
    assert demo._show_again(a_demo(tmp_path))  # noqa: SLF001 - the part of a start that needs no Airflow
    text = printed()
    assert text.index("theirs") < text.index("here") < text.index("the rest begins"), "nobody waits for what runs DAGs"
    assert "3 of 40 tables vacuumed" in text
    assert not [word for word in ("✗", "not found", "nobody planted", "failed") if word in text]


def test_a_first_start_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "last_ended", lambda _, dag: None if dag == "weekly" else "done")
    assert not demo._show_again(a_demo(tmp_path))  # noqa: SLF001 - see above


@pytest.mark.parametrize(("once", "code"), [(True, 130), (False, 0)])
def test_ctrl_c_is_how_it_ends(monkeypatch: pytest.MonkeyPatch, once: bool, code: int) -> None:  # noqa: FBT001 - a parameter of the test
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_run", interrupted)
    monkeypatch.setattr("sys.argv", ["demo", *(["--once"] if once else [])])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert demo.main() == code, "make calls every code but 0 an error"


def test_temporary_files_go_with_the_demo(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "left by a killed one").touch()
    before = tempfile.gettempdir()
    with own_temporary_folder(tmp_path) as folder:
        assert list(folder.iterdir()) == []
        assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(folder)
        assert folder.stat().st_mode & 0o777 == 0o711, "servers of another user pass through"
        (folder / "made").touch()
    assert not folder.exists()
    assert tempfile.gettempdir() == before


def test_ports_are_claimed_without_a_file(tmp_path: Path) -> None:
    before = {*Path(tempfile.gettempdir()).glob("upkeep-demo-port-*")}
    state = State.load(tmp_path)
    state.ports = {"slack": free_port()}
    state.settle_port("slack", print)
    assert {*Path(tempfile.gettempdir()).glob("upkeep-demo-port-*")} == before
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", state.ports["slack"]))  # the claim is no listener


def test_no_component_serves_logs_to_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Program] = []
    supervisor = Supervisor(print)
    monkeypatch.setattr(supervisor, "start", started.append)
    airflow.start(supervisor, a_demo(tmp_path).state, {}, airflow.COMPONENTS)
    serving = [p for p in started if p.args[3] in {"scheduler", "triggerer"} and "--skip-serve-logs" not in p.args]
    assert len(started) == 4
    assert serving == []


def test_the_environment_file_leads_a_shell_to_the_demo(tmp_path: Path) -> None:
    state = a_demo(tmp_path).state
    told = airflow.environment(state, Endpoint("127.0.0.1", 1, "u", "it's", "d"), {"shop_db": {"password": "it's $HOME"}})
    airflow.write_environment(state, told)
    file = airflow.environment_file(state)
    assert file.stat().st_mode & 0o777 == 0o600
    script = f'. {file}; printf "%s\n%s\n%s" "$AIRFLOW_CONN_SHOP_DB" "$UPKEEP_INVENTORY" "$AIRFLOW_HOME"'
    shown = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines() == ['{"password": "it\'s $HOME"}', str(tmp_path / "inventory.yaml"), str(tmp_path / "airflow")]
    assert "TMPDIR" not in file.read_text(), "its folder for temporary files goes with the demo"


def made(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """`make` with a command that says which inventory it was told, where a demo's home is `home`."""
    command = home / "bin" / "upkeep"
    command.parent.mkdir(exist_ok=True)
    command.write_text('#!/bin/sh\necho "$1 of ${UPKEEP_INVENTORY:-nothing}"\n')
    command.chmod(0o755)
    told = {**os.environ, "UPKEEP_DEMO_HOME": str(home)}
    told.pop("UPKEEP_INVENTORY", None)
    make = ["make", "-s", "-o", ".venv/.ready", f"BIN={home / 'bin'}", *args]
    return subprocess.run(make, cwd=ROOT, env=told, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("make"), reason="no make here")
def test_make_doctor_reaches_the_demo_when_told_so(tmp_path: Path) -> None:
    assert made(tmp_path, "doctor").stdout == "doctor of nothing\n"
    without = made(tmp_path, "doctor", "DEMO=1")
    assert (without.returncode, without.stdout) == (2, "no demo was started here yet: make demo\n")
    (tmp_path / "environment").write_text("export UPKEEP_INVENTORY='the demo'\n")
    assert made(tmp_path, "doctor", "DEMO=1").stdout == "doctor of the demo\n"
