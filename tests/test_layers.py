"""Who may import whom, as .importlinter says; and that a wrong import is really caught."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package in `folder`."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", str(ROOT / ".importlinter"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_layers_are_kept() -> None:
    done = lint(ROOT / "include")
    assert done.returncode == 0, (
        f"an import goes the wrong way, or a new module has no layer yet in .importlinter:\n{done.stdout}"
    )


def test_a_wrong_import_is_caught(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "include/upkeep", tmp_path / "upkeep", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "upkeep/duty.py").open("a") as file:
        file.write("\nfrom upkeep.store import answers\nfrom airflow.sdk import DAG\n")
    (tmp_path / "upkeep/nowhere.py").touch()
    done = lint(tmp_path)
    assert done.returncode == 1
    text = "".join(done.stdout.split())
    assert "upkeep.duty->upkeep.store.answers" in text
    assert "upkeep.duty->airflow" in text
    (tmp_path / "upkeep/duty.py").write_text((ROOT / "include/upkeep/duty.py").read_text())
    assert "nowhere" in lint(tmp_path).stdout
