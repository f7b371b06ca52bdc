"""Secrets by commands: what they are given, what their exit codes mean, and that nothing of the value leaves."""

import sys
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
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", BrokenError, "ended with -9"),
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
