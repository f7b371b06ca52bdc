"""Units: a number is in one of a known list, or it is not made."""

from pathlib import Path

import pytest

from upkeep.answer import Finding, Metric, Severity
from upkeep.reports.lines import spelled
from upkeep.units import Unit

STYLES = Path(__file__).parents[1] / "include/upkeep/ui/static/plot.js"


def finding(**numbers: object) -> Finding:
    return Finding(rule="r", object="public.t", severity=Severity.LOW, title="t", remedy="select 1;", **numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", list(Unit))
def test_every_unit_is_made_from_its_word_in_rows_and_shown(unit: Unit) -> None:
    assert Metric(name="m", value=1, unit=Unit(unit.value)).unit is unit
    assert Metric(name="m", value=1, unit=unit.value).unit is unit  # type: ignore[arg-type] # a word read from a row
    assert finding(value=1, unit=unit.value).unit is unit
    assert f"{unit}" == unit.value
    assert "1" in spelled(1, unit)


@pytest.mark.parametrize("unit", ["sessions", "apples", "", "BYTES", "%", None, 1])
def test_a_unit_that_nobody_knows_is_refused_with_the_way_out(unit: object) -> None:
    with pytest.raises(ValueError, match=r"is no unit: use one of 1, x, count, .* add it to upkeep\.units"):
        Metric(name="m", value=1, unit=unit)  # type: ignore[arg-type]


def test_a_finding_with_a_number_says_of_what() -> None:
    assert finding().unit is None
    for numbers in ({"value": 1.0}, {"limit": 0.0}, {"value": 0, "limit": 1}):
        with pytest.raises(ValueError, match=r"the finding r of public\.t has a number without a unit"):
            finding(**numbers)
    with pytest.raises(ValueError, match='"sessions" is no unit'):
        finding(value=1, unit="sessions")


def test_the_words_that_pages_treat_apart_are_units() -> None:
    script = STYLES.read_text(encoding="utf-8")
    for unit in (Unit.SHARE, Unit.BYTES, Unit.COUNT):
        assert f'unit === "{unit}"' in script
