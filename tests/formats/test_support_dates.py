"""The shipped table of support: days that can be read; a release that it does not have is none that has ended."""

from datetime import date
from pathlib import Path

import pytest
import yaml

import upkeep.formats
from upkeep.formats.support_dates import Support, SupportTable, support_table


@pytest.fixture(scope="module")
def table() -> SupportTable:
    path = Path(str(upkeep.formats.__file__)).with_name("support_dates.yaml")
    return support_table(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("product", "version", "ends"),
    [
        ("python", "3.11.7", date(2027, 10, 31)),
        ("python", "3.1", "none"),
        ("python", "3.15.0", "none"),
        ("node", "v20.11.0", date(2026, 4, 30)),
        ("node", "2.0.0", "none"),
        ("airflow", "2.11.0", date(2026, 4, 22)),
        ("airflow", "3.3.2", None),
        ("alpine", "3.18.4", date(2025, 5, 9)),
        ("ubuntu", "22.04", date(2027, 4, 30)),
        ("ubuntu", "22.10", "none"),
        ("rocky", "9.3", date(2032, 5, 31)),
        ("gentoo", "2.15", "none"),
    ],
)
def test_the_end_of_a_version(table: SupportTable, product: str, version: str, ends: date | str | None) -> None:
    found = table.of(product, version)
    assert (found.ends if found else "none") == ends


def test_later_releases_are_supported_for_longer(table: SupportTable) -> None:
    for product, releases in table.products.items():
        days = [day or date.max for day in releases.values()]
        assert days == sorted(days), product


def test_what_is_none() -> None:
    assert support_table({"as_of": "2026-01-01", "products": {"x": {"1": "none"}}}).of("x", "1.2") == Support("x", "1", None)
    for document in ({}, {"as_of": "x", "products": {}}, {"as_of": "2026-01-01", "products": {"x": {"1": "soon"}}}):
        with pytest.raises(ValueError, match="is no table of support"):
            support_table(document)
