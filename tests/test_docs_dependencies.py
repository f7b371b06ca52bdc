"""Every command that docs/dependencies.md shows is run, and its table of exit codes is the command's."""

import re
import shlex
from pathlib import Path

import pytest

from tests.test_cli_scan import FOUND, place, shop
from upkeep.cli import main

__all__ = ["place", "shop"]

TEXT = (Path(__file__).parents[1] / "docs/dependencies.md").read_text(encoding="utf-8")
COMMANDS = [line.partition("#")[0].strip() for line in re.findall(r"^\$ (upkeep .*)$", TEXT, re.MULTILINE)]


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 5
    assert re.findall(r"^\| (\d) \|", TEXT, re.MULTILINE) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("command", COMMANDS)
def test_it_works_as_written(command: str, shop: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.rename(shop / "advisories")
    monkeypatch.chdir(shop)
    assert main(shlex.split(command)[1:]) == FOUND
