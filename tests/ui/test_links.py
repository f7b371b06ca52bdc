"""Names that somebody probably meant, or none."""

import pytest

from upkeep.ui.links import near

NAMES = ["sequences", "settings", "secret_age", "table_bloat", "index_bloat", "slo"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sequence", ["sequences"]),
        ("Setings", ["settings"]),
        ("bloat", ["index_bloat", "table_bloat"]),
        ("slow", ["slo"]),
        ("nothing", []),
        ("backup", []),
        ("s", []),
        ("", []),
    ],
)
def test_a_likely_name_or_none(typed: str, meant: list[str]) -> None:
    assert sorted(name for name, _ in near(typed, NAMES, "duty")) == meant
    assert all(address == f"duty?name={name}" for name, address in near(typed, NAMES, "duty"))
