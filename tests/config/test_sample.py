"""The sample inventory loads as it is, and with every section that it shows as a comment."""

import re
from pathlib import Path

import pytest

from upkeep.config.inventory import load
from upkeep.targets import kinds

SAMPLE = Path(__file__).parents[2] / "include" / "inventory.yaml"
SHOWN = re.compile(r"^# (\w+):$(?:\n#   .*)+", re.MULTILINE)


def sections() -> list[str]:
    return [section for section in SHOWN.findall(SAMPLE.read_text(encoding="utf-8")) if section in kinds()]


def test_there_are_some() -> None:
    assert {"services", "secrets", "accounts", "repositories", "hosts", "left_files"} <= set(sections())


@pytest.mark.parametrize("section", sections())
def test_a_section_loads_when_its_signs_of_a_comment_are_taken_away(tmp_path: Path, section: str) -> None:
    def plain(found: re.Match[str]) -> str:
        return re.sub(r"^# ", "", found[0], flags=re.MULTILINE) if found[1] == section else found[0]

    written = tmp_path / "inventory.yaml"
    written.write_text(SHOWN.sub(plain, SAMPLE.read_text(encoding="utf-8")), encoding="utf-8")
    assert len(load(written).targets) == len(load(SAMPLE).targets) + 1
