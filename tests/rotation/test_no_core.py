"""A process that has read a secret leaves no core file, however it ends; nor do the programs that it starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BEFORE = "import os, resource, subprocess; hard = resource.getrlimit(resource.RLIMIT_CORE)[1]; "
RAISED = "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)); "
WITHOUT = "from upkeep.rotation.no_core import without_core; without_core(); "


def ended(text: str, folder: Path) -> int:
    """Its status as the kernel tells it."""
    process = subprocess.Popen([sys.executable, "-c", text], cwd=folder, stderr=subprocess.DEVNULL)
    return os.waitpid(process.pid, 0)[1]


@pytest.mark.parametrize("times", [1, 2])
def test_one_that_crashes_leaves_none(tmp_path: Path, times: int) -> None:
    status = ended(BEFORE + RAISED + WITHOUT * times + "os.abort()", tmp_path)
    assert os.WIFSIGNALED(status)
    assert not os.WCOREDUMP(status)
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_it_starts_has_its_limit() -> None:
    text = BEFORE + RAISED + WITHOUT + "subprocess.run(['sh', '-c', 'ulimit -c'])"
    printed = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.strip()
    assert printed in {"0", "1"}


def test_a_limit_that_is_lower_stays() -> None:
    text = (
        BEFORE
        + "resource.setrlimit(resource.RLIMIT_CORE, (0, hard)); "
        + WITHOUT
        + "print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    assert subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.strip() == "0"
