"""Secrets by commands: what they are given, what their exit codes mean, and that nothing of the value leaves."""

import resource
import sys
import time
from pathlib import Path

import pytest

from tests.rotation.world import tokens
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.kinds.command import CommandKind, Commands
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import RefusedError

SECRET = SecretValue({"value": "hunter2-hunter2"})


def python(text: str, **more: object) -> Commands:
    """The same program for every step."""
    args = (sys.executable, "-c", text)
    return Commands(CommandKind.model_validate({"kind": "command", "install": args, "prove": args, "retire": args, **more}))


def test_the_value_comes_on_standard_input_and_nothing_of_airflow_is_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ADMIN", "postgres://u:p@h/d")
    seen = tmp_path / "seen"
    text = f"import os, sys; open({str(seen)!r}, 'w').write(repr((sys.stdin.read(), sys.argv, dict(os.environ))))"
    python(text).install(SECRET)
    value, args, environment = eval(seen.read_text(), {})  # noqa: S307 - our own
    assert value == SECRET.text
    assert "hunter2" not in repr(args) + repr(environment)
    assert "AIRFLOW_CONN_ADMIN" not in environment


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("import sys; print(sys.stdin.read()); sys.exit(1)", RefusedError, "refuses the value"),
        ("import sys; sys.exit(sys.stdin.read())", RefusedError, "refuses the value"),
        ("import sys; print(sys.stdin.read(), file=sys.stderr); sys.exit(3)", BrokenError, "ended with 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", BrokenError, "was ended by SIGKILL"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 1)", BrokenError, "was ended by signal [0-9]+"),
        ("import os; os._exit(127)", BrokenError, "ended with 127"),
    ],
)
def test_exit_codes(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        python(text).install(SECRET)
    assert "hunter2" not in str(raised.value)


def test_one_that_hangs_ends_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"import subprocess; subprocess.run(['sh', '-c', 'while true; do date >> {mark}; sleep 0.05; done'])"
    with pytest.raises(BrokenError, match=r"did not end within 0\.5 s"):
        python(text, timeout_s=0.5).install(SECRET)
    size = mark.stat().st_size if mark.exists() else 0
    with pytest.raises(BrokenError):
        python("import time; time.sleep(9)", timeout_s=0.5).install(SECRET)
    assert (mark.stat().st_size if mark.exists() else 0) == size


def test_one_that_prints_without_end_fills_no_memory() -> None:
    endless = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BrokenError, match=r"did not end within 0\.5 s"):
        python(endless, timeout_s=0.5).install(SECRET)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "KiB"


def test_one_that_prints_much_and_ends_is_done() -> None:
    much = "import sys; sys.stdout.write('x' * 1_000_000)"
    python(much).install(SECRET)
    with pytest.raises(BrokenError, match="printed 65,536 bytes"):
        python("pass", make=(sys.executable, "-c", much)).propose(SECRET)


def test_one_that_reads_nothing_is_done() -> None:
    python("pass").install(SECRET.replaced(value="x" * 1_000_000))


def test_one_that_leaves_something_running_is_done_when_it_ends(tmp_path: Path) -> None:
    """It holds the output open; what was left is ended, too."""
    pid = tmp_path / "pid"
    text = f"import subprocess; open({str(pid)!r}, 'w').write(str(subprocess.Popen(['sleep', '60']).pid)); print('made')"
    assert python("pass", make=(sys.executable, "-c", text), timeout_s=20).propose(SECRET).get("value") == "made"
    stat = Path(f"/proc/{pid.read_text()}/stat")
    while stat.exists() and stat.read_text().split()[2] != "Z":
        time.sleep(0.05)


def test_one_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    done = tmp_path / "done"
    python(f"import os, time; os.close(1); time.sleep(0.3); open({str(done)!r}, 'w')").install(SECRET)
    assert done.exists()


@pytest.mark.parametrize("mode", [0o644, 0o755])
def test_one_that_is_no_program_is_told(tmp_path: Path, mode: int) -> None:
    program = tmp_path / "tokens"
    program.write_text("no program")
    program.chmod(mode)
    args = (str(program),)
    with pytest.raises(CannotAskError, match=r"tokens cannot be run: (Permission denied|Exec format error)") as raised:
        Commands(CommandKind(kind="command", install=args, prove=args, retire=args)).install(SECRET)
    assert "on every worker" in raised.value.remedy


def test_one_that_is_not_there() -> None:
    args = ("/not/there",)
    with pytest.raises(CannotAskError, match="/not/there cannot be run"):
        Commands(CommandKind(kind="command", install=args, prove=args, retire=args)).install(SECRET)
    with pytest.raises(ValueError, match="whole path"):
        CommandKind(kind="command", install=("tokens",), prove=args, retire=args)


def test_the_next_value_is_made_by_the_service_or_generated(tmp_path: Path) -> None:
    made = python("pass", make=(sys.executable, "-c", "import sys; print('{\"value\": \"' + sys.stdin.read()[11:14] + '\"}')"))
    assert made.propose(SECRET).fields == {"value": "hun"}
    with pytest.raises(BrokenError, match="printed 0 bytes"):
        python("pass", make=(sys.executable, "-c", "pass")).propose(SECRET)
    generated = tokens(tmp_path).propose(SECRET)
    assert len(generated.fields["value"]) == 43
    with pytest.raises(BrokenError, match='no text "value"'):
        tokens(tmp_path).propose(SecretValue({"token": "x"}))


def test_a_current_value_that_does_not_work_is_no_place_to_begin(tmp_path: Path) -> None:
    service = tokens(tmp_path)
    with pytest.raises(CannotAskError, match="refuses the current value"):
        service.check(SECRET)
    service.install(SECRET)
    service.install(SECRET)
    service.check(SECRET)
    assert not service.is_dead(SECRET)
    with pytest.raises(CannotAskError, match="is what is current"):
        service.accepts(SECRET, SECRET)
    service.retire(SECRET, end_sessions=False)
    assert service.is_dead(SECRET)
    with pytest.raises(BrokenError, match="refuses the value that was just installed"):
        service.prove(SECRET, SECRET)
