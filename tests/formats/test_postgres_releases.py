"""The shipped table of PostgreSQL's releases holds together; what a server misses is read from it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import upkeep.checks.security
from upkeep.formats.postgres_releases import ReleaseTable, release_table, version_of

SHIPPED = Path(str(upkeep.checks.security.__file__)).with_name("postgres_releases.yaml")


@pytest.fixture(scope="module")
def table() -> ReleaseTable:
    return release_table(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))


def test_every_minor_release_is_there_and_in_the_order_of_days(table: ReleaseTable) -> None:
    assert sorted(table.releases) == sorted(table.end_of_life) == [13, 14, 15, 16, 17, 18]
    for major, releases in table.releases.items():
        minors = [release.version[1] for release in releases]
        never_released = {18: {5}}.get(major, set())
        assert sorted({*minors, *never_released}) == list(range(max(minors) + 1)), major
        assert [release.day for release in releases] == sorted(release.day for release in releases)


def test_days_are_those_of_the_roadmap(table: ReleaseTable) -> None:
    days = {release.day for releases in table.releases.values() for release in releases} | set(table.scheduled)
    assert {day.strftime("%A") for day in days} == {"Thursday"}
    for major, end in table.end_of_life.items():
        assert end.strftime("%A") == "Thursday"
        assert timedelta(days=5 * 365) < end - table.releases[major][0].day < timedelta(days=5 * 365 + 60)


@pytest.mark.parametrize(
    ("number", "today", "missed", "security"),
    [
        (170010, date(2026, 9, 1), ["17.11"], ["17.11"]),
        (170010, date(2026, 8, 12), [], []),
        (170011, date(2026, 9, 1), [], []),
        (180004, date(2026, 9, 1), ["18.6"], ["18.6"]),
        (160001, date(2024, 6, 1), ["16.2", "16.3"], ["16.2", "16.3"]),
        (130014, date(2024, 6, 1), ["13.15"], []),
        (140003, date(2022, 7, 1), ["14.4"], []),
        (190000, date(2026, 11, 1), [], []),
    ],
)
def test_what_a_server_misses(table: ReleaseTable, number: int, today: date, missed: list[str], security: list[str]) -> None:
    found = table.missed(version_of(number), today)
    assert ([r.text for r in found], [r.text for r in found if r.security]) == (missed, security)


def test_what_the_table_cannot_know(table: ReleaseTable) -> None:
    assert [table.knows(version) for version in ((17, 12), (17, 13), (18, 5), (19, 0), (12, 22))] == [True] + [False] * 4
    assert table.behind_since(table.scheduled[0] - timedelta(days=1)) is None
    assert table.behind_since(table.scheduled[0]) == table.scheduled[0]


def small(**more: Any) -> dict[str, Any]:
    return {
        "as_of": "2026-01-01",
        "end_of_life": {"17": "2029-11-08"},
        "releases": [{"date": "2025-01-01", "versions": "17.1"}],
    } | more


def test_days_may_be_texts() -> None:
    assert release_table(small()).releases[17][0].day == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"as_of": "soon"}, "is no table of releases"),
        ({"releases": [{"date": "2025-01-01", "versions": "17"}]}, "is no table of releases"),
        ({"releases": [{"versions": "17.1"}]}, "is no table of releases"),
        ({"releases": None}, "is no table of releases"),
        ({"end_of_life": []}, "is no table of releases"),
        ({"releases": [{"date": "2026-01-02", "versions": "17.1"}]}, "as_of is 2026-01-01, and 17.1 came later"),
    ],
)
def test_what_is_no_table(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        release_table(small(**more))
