"""Days of releases: years behind as of a day, and what was withdrawn."""

from datetime import date
from typing import Any

import pytest

from upkeep.formats.release_index import Released, release_index, years_behind

INDEX = release_index(
    {
        "PyPI/a": {
            "1.0": "2020-01-01",
            "1.1": {"day": "2021-01-01T12:00:00Z"},
            "2.0rc1": "2022-01-01",
            "2.0": {"day": "2022-06-01", "yanked": "broken"},
            "2.0.1": date(2023, 1, 1),
        }
    }
)


@pytest.mark.parametrize(
    ("version", "today", "years"),
    [
        ("1.0", date(2024, 1, 1), 3.0),
        ("1.0", date(2022, 7, 1), 1.0),
        ("1.0", date(2020, 6, 1), 0.0),
        ("2.0.1", date(2024, 1, 1), 0.0),
        ("2.0", date(2024, 1, 1), 0.586),
        ("3.0", date(2024, 1, 1), None),
    ],
)
def test_years_behind(version: str, today: date, years: float | None) -> None:
    found = years_behind(INDEX, "PyPI/a", version, today)
    assert found == (pytest.approx(years, abs=0.01) if years is not None else None)
    assert years_behind(INDEX, "PyPI/b", version, today) is None


def test_what_was_withdrawn() -> None:
    assert INDEX["PyPI/a"]["2.0"] == Released(date(2022, 6, 1), "broken")


@pytest.mark.parametrize("document", [{"a": ["1"]}, {"a": {"1": "soon"}}, {"a": {"1": {"yanked": "x"}}}, {"a": None}])
def test_what_is_no_index(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no index of releases"):
        release_index(document)
