"""Duties are found without being listed, and a broken module is only its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from upkeep import checks
from upkeep.config.thresholds import threshold_problems
from upkeep.discovery import BrokenModule, _found, broken_modules, discover, find
from upkeep.window import Cadence


@pytest.fixture
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of checks of its own, found with the others."""
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/__init__.py").touch()
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    _found.cache_clear()
    yield tmp_path / "odd"
    monkeypatch.undo()
    for module in [name for name in sys.modules if name.startswith("upkeep.checks.odd")]:
        del sys.modules[module]
    _found.cache_clear()


def test_in_order_and_by_name() -> None:
    found = [(duty.area, duty.name) for duty in discover()]
    assert found == sorted(found)
    assert ("database", "sequences") in found
    assert find("sequences").title == "Sequences that are close to their last value"
    with pytest.raises(KeyError):
        find("sequenses")
    assert broken_modules() == (), "every module of duties must be importable"


@pytest.mark.parametrize(
    ("text", "cadence", "message"),
    [
        ("import nowhere\n", Cadence.DAILY, "No module named 'nowhere'"),
        ("x = Cadence.WEEKLY\ndef (:\n", Cadence.WEEKLY, "SyntaxError"),
        ("raise SystemError('boom')  # Cadence.MONTHLY", Cadence.MONTHLY, "SystemError: boom"),
        ("1 / 0  # Cadence.NEVER", Cadence.DAILY, "ZeroDivisionError"),
    ],
)
def test_a_broken_module_leaves_the_others_alone(area: Path, text: str, cadence: Cadence, message: str) -> None:
    usual = [duty.name for duty in discover()]
    (area / "broken.py").write_text(text)
    _found.cache_clear()
    assert [duty.name for duty in discover()] == usual
    (found,) = broken_modules()
    assert (found.module, found.area, found.name, found.cadence) == ("upkeep.checks.odd.broken", "odd", "broken", cadence)
    assert message in found.traceback


def test_a_broken_area_breaks_its_modules_only(area: Path) -> None:
    (area / "__init__.py").write_text("raise OSError('no')")
    (area / "one.py").write_text("x = 1")
    _found.cache_clear()
    assert [found.name for found in broken_modules()] == ["one"]
    assert len(discover()) > 30


def test_thresholds_of_a_broken_duty_are_not_refused(area: Path, tmp_path: Path) -> None:
    (area / "broken.py").write_text("1 / 0")
    _found.cache_clear()
    path = tmp_path / "inventory.yaml"
    path.write_text(
        "people: [{name: ann, role: dba, slack: U0ANN}]\ndatabases:\n  - name: shop\n    owner: ann\n    connection: shop_db\n"
        "    thresholds: {broken: {limit: 1}, brokn: {limit: 1}}\n"
    )
    (message,) = threshold_problems(path, discover())
    assert "brokn: no duty is called that" in message


def test_a_broken_module_knows_its_place() -> None:
    found = BrokenModule("upkeep.checks.database.odd", Cadence.DAILY, "x")
    assert (found.area, found.name) == ("database", "odd")
