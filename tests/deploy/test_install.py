"""The documented way to install it, in a fresh virtual environment: locked versions, and the command `upkeep`."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.machines.compose import ROOT
from tests.machines.installation import environment, run

DOCUMENT = (ROOT / "docs/run-for-real.md").read_text(encoding="utf-8")
BLOCK = re.search(r"### An Airflow of your own\n.*?```sh\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.slow
def test_the_documented_commands_give_the_locked_versions_and_the_command(tmp_path: Path) -> None:
    assert BLOCK, "docs/run-for-real.md says how to install it"
    made = tmp_path / "venv"
    # The tests' own environment is left alone; compiling is for speed later.
    script = BLOCK[1].replace(".venv", str(made)).replace(" --compile-bytecode", "")
    told = {**environment(), "UV_LINK_MODE": "hardlink", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(["/bin/sh", "-ec", script], cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert re.search(r"^ +doctor\b", done.stdout, re.MULTILINE), "upkeep --help lists its commands"
    lines = run([str(made / "bin/uv"), "pip", "freeze", "--python", str(made / "bin/python")], told).splitlines()
    installed = {line for line in lines if re.match(r"[\w.-]+==", line)} - {
        f"pip=={_version(lines, 'pip')}",
        f"uv=={_version(lines, 'uv')}",
    }
    locked = set(re.findall(r"^([\w.-]+==[^\s;]+)", (ROOT / "requirements.run.lock").read_text(encoding="utf-8"), re.MULTILINE))
    extra = {line for line in installed if not line.startswith("setuptools==")} - locked
    assert not extra, "something was installed that the lock does not name"
    assert len(installed) > 150


def _version(lines: list[str], name: str) -> str:
    return next((line.partition("==")[2] for line in lines if line.startswith(f"{name}==")), "")


def test_nobody_is_sent_to_the_way_that_takes_ten_minutes() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    found = [
        path.name for path in documents if re.search(r"(?<!uv )pip install -r requirements", path.read_text(encoding="utf-8"))
    ]
    assert not found, "pip's search for versions takes many minutes: name uv and the lock"
