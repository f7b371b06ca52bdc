"""The documents are true: links lead somewhere, commands exist, the example check works as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from upkeep.cli import parser
from upkeep.cli.out import INTERRUPTED, PERSON_NEEDED, WELL, WRONG

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing, f"{path.name} links to what is not there"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    help_text = parser().format_help()
    for command in set(re.findall(r"(?:^|`)upkeep ([a-z]+)", text, re.MULTILINE)):
        assert re.search(rf"^ +{command}\b", help_text, re.MULTILINE), f"{path.name}: there is no `upkeep {command}`"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)):
        assert f"\n{target}:" in makefile, f"{path.name}: there is no `make {target}`"


def test_exit_codes_are_documented_for_every_command() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8").split("## Exit codes")[1].split("\n## ")[0]
    commands = re.findall(r"^    ([a-z]+)\b", parser().format_help().split("COMMAND\n")[1], re.MULTILINE)
    assert set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)) == set(commands)
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == {WELL, PERSON_NEEDED, WRONG, INTERRUPTED}


@pytest.mark.slow
def test_the_example_check_works_as_it_stands(tmp_path: Path) -> None:
    blocks = re.findall(r"```(sql|python)\n(.*?)```", (ROOT / "docs/adding-a-check.md").read_text(encoding="utf-8"), re.DOTALL)
    kept = shutil.ignore_patterns("__pycache__", "node_modules")
    shutil.copytree(ROOT / "include/upkeep", tmp_path / "include/upkeep", ignore=kept)
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=kept)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    checks, tests = tmp_path / "include/upkeep/checks/database", tmp_path / "tests/checks/database"
    places = [checks / "unlogged_tables.sql", checks / "unlogged_tables.py", tests / "test_unlogged_tables.py"]
    for place, (_, text) in zip(places, blocks, strict=True):
        place.write_text(text, encoding="utf-8")
    args = ["-m", "pytest", str(places[2]), "tests/test_every_duty.py", "-k", "unlogged_tables"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path / 'include'}{os.pathsep}{tmp_path}"}
    done = subprocess.run([sys.executable, *args], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\b(1[0-9]|[2-9][0-9]) passed", done.stdout), done.stdout[-500:]
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", *map(str, places[1:])]
    checked = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_architecture_shows_the_layers_and_names_what_exists() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    held = (ROOT / ".importlinter").read_text(encoding="utf-8").split("layers =\n")[1].split("exhaustive")[0]
    layers = [line.strip() for line in held.strip().splitlines()]
    assert "\n".join(layers) in text, "copy the layers of .importlinter into docs/architecture.md"
    parts = {
        name for row in re.findall(r"^\| ((?:`[\w/<>]+` ?)+)\|", text, re.MULTILINE) for name in re.findall(r"`([\w/<>]+)`", row)
    }
    missing = [name for name in sorted(parts) if not _exists(name)]
    assert not missing, "docs/architecture.md has rows about parts that are not there"
    unnamed = (
        {name for layer in layers for name in re.split(r" \| ", layer)}
        - {part.split("/")[0] for part in parts}
        - {"humanize", "suggestions"}
    )
    assert not unnamed, "docs/architecture.md needs a row about these parts"


def _exists(part: str) -> bool:
    path = ROOT / "include/upkeep" / part.split("/<", maxsplit=1)[0].rstrip("/")
    return path.exists() or path.with_suffix(".py").exists()
