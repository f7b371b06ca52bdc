"""Every command that docs/backups.md shows is run, in its order, on a real backup."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from tests.test_cli_backups import House, house, run
from upkeep.sources.scratch import installed

__all__ = ["house", "run"]

TEXT = (Path(__file__).parents[1] / "docs/backups.md").read_text(encoding="utf-8")
SHOWN = [line.partition("#")[0].strip() for line in re.findall(r"^\$ (upkeep .*)$", TEXT, re.MULTILINE)]
LINES = re.findall(r"^\d+\. .*$", TEXT, re.MULTILINE)
NUMBERED = [command for line in LINES for command in re.findall(r"`(upkeep [^`]+)`", line)]
COMMANDS = list(dict.fromkeys([*NUMBERED, *SHOWN]))


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 8
    assert any("--from" in command for command in COMMANDS)
    assert any("hold" in command for command in COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_it_works_as_written(house: House, run: Any, command: str) -> None:
    args = shlex.split(command)[1:]
    meant = {"20261123T000512Z-3f9c2a": house.record.id, "new_db/shop": f"new_db/{house.copy}",
             "file:///backups": house.shelf.store.url, "18": str(max(installed()))}  # fmt: skip
    house.put(house.record)
    if "release" in args:
        run("backups", "hold", house.record.id, "--why", "a case")
    output = run(*(meant.get(word, word) for word in args))
    with house.lab.endpoint.connect("drop") as admin:
        admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(house.copy)))
    assert output.code == 0, output.err + output.out
