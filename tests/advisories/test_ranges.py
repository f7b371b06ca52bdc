"""What ranges hold: OSV's events as its schema evaluates them."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from packaging.version import Version

from tests.advisories.made import advisory, document, events, hits, matched
from upkeep.advisories.advisory import Affected, BadAdvisoryError, Range, RangeKind, read_advisory
from upkeep.advisories.orders.order import order_of
from upkeep.advisories.ranges import Lookup, intervals
from upkeep.formats.package import Package

E2 = ("introduced=1.0", "fixed=1.2", "introduced=2.0", "fixed=2.3")


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.9", False), ("1.0rc1", False), ("1.0", True), ("1.1.9", True), ("1.2", False), ("1.2.post1", False), ("2.0", True),
     ("2.3rc1", True), ("2.3", False), ("1.1+local", True)],
)  # fmt: skip
def test_a_range_holds_from_introduced_up_to_fixed(version: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert hits(version, *E2) is expected
    assert hits(version, *reversed(E2)) is expected, "events count in the order of versions, not of lines"


def test_last_affected_is_affected_and_fixed_is_not() -> None:
    assert [hits(v, "introduced=0", "last_affected=1.2") for v in ("0.1", "1.2", "1.2.0", "1.2.1")] == [True, True, True, False]
    assert [hits(v, "introduced=0", "fixed=1.2") for v in ("1.2", "1.2.0", "1.1.99")] == [False, False, True]


def test_a_limit_ends_a_range_and_a_star_does_not() -> None:
    assert [hits(v, "introduced=1", "limit=2") for v in ("1.5", "2", "3")] == [True, False, False]
    assert [hits(v, "introduced=1", "limit=2", "limit=4") for v in ("3", "4")] == [True, False], "below any limit is within"
    assert hits("99", "introduced=1", "limit=*")


def test_any_of_several_ranges_holds_whichever_is_listed_first() -> None:
    newer, older = events("introduced=2.0.0", "fixed=2.1.0"), events("introduced=0", "fixed=1.2.0")
    for order in ((newer, older), (older, newer)):
        part = {"ranges": [{"type": "ECOSYSTEM", "events": part} for part in order]}
        assert hits("1.1.0", part=part)
        assert not hits("1.5.0", part=part)


def test_a_limit_beside_the_range_is_last_affected() -> None:
    part = {"database_specific": {"last_known_affected_version_range": "<= 3.5.1"}}
    assert [hits(v, "introduced=0", part=part) for v in ("3.5.1", "3.5.2")] == [True, False]
    below = {"database_specific": {"last_known_affected_version_range": "< 3.5.1"}}
    assert [hits(v, "introduced=0", part=below) for v in ("3.5.0", "3.5.1")] == [True, False]
    assert not hits("3.0", "introduced=0", "fixed=2", part=part), "a range that says its own end keeps it"


def test_a_listed_version_is_affected_in_any_spelling() -> None:
    part = {"versions": ["1.0", "2.0"]}
    assert [hits(v, part=part) for v in ("1.0", "1.0.0", "1.5", "2")] == [True, True, False, True]


def test_a_listed_version_counts_beside_ranges() -> None:
    assert hits("9.9", "introduced=0", "fixed=1", part={"versions": ["9.9"]})


@pytest.mark.parametrize(
    ("ecosystem", "version", "pairs", "expected"),
    [
        ("Packagist", "2.4.5-p1", ("introduced=0", "fixed=2.4.5-p2"), True),
        ("Alpine:v3.18", "1.9.5p2-r0", ("introduced=0", "fixed=1.9.5p3-r0"), True),
        ("Debian:12", "2:9.0.0-1", ("introduced=0", "fixed=8.4.0"), False),
        ("Go", "v3.2.0+incompatible", ("introduced=0", "fixed=3.2.0"), False),
        ("Go", "v0.0.0-20200101000000-abcdefabcdef", ("introduced=0", "fixed=0.0.0-20210101000000-abcdefabcdef"), True),
        ("npm", "2.0.0-rc.1", ("introduced=0", "fixed=2.0.0"), True),
    ],
)
def test_the_ecosystems_own_order_decides(ecosystem: str, version: str, pairs: tuple[str, ...], expected: bool) -> None:  # noqa: FBT001
    assert hits(version, *pairs, ecosystem=ecosystem) is expected


def test_an_advisory_of_the_distribution_without_its_release_counts_for_each() -> None:
    one = advisory("DSA-1", "it", "introduced=0", "fixed=2", ecosystem="Debian")
    assert matched(Package("Debian:12", "it", "1"), one).faults
    other = advisory("DSA-1", "it", "introduced=0", "fixed=2", ecosystem="Debian:11")
    assert not matched(Package("Debian:12", "it", "1"), other).faults


def test_a_version_that_cannot_be_read_is_not_clean() -> None:
    found = matched(Package("PyPI", "it", "2004d"), advisory("A", "it", "introduced=0", "fixed=1"))
    assert not found.faults
    assert "2004d" in found.unjudged[0]


def test_a_version_that_cannot_be_read_and_is_listed_is_affected() -> None:
    assert matched(Package("PyPI", "it", "2004d"), advisory("A", "it", part={"versions": ["2004d"]})).faults


def test_an_event_that_cannot_be_read_leaves_the_advisory_unjudged_and_others_judged() -> None:
    good, bad = advisory("GOOD", "it", "introduced=0", "fixed=2"), advisory("BAD", "it", "introduced=0", "fixed=nonsense")
    found = matched(Package("PyPI", "it", "1"), bad, good)
    assert [fault.title for fault in found.faults] == ["GOOD"]
    assert "BAD" in found.unjudged[0]


def test_an_ecosystem_without_an_order_is_judged_by_lists_and_said() -> None:
    one = advisory("HSEC-1", "it", "introduced=0", ecosystem="Hackage", part={"versions": ["1.0"]})
    found = matched(Package("Hackage", "it", "1.0"), one)
    assert found.faults
    assert "no order" in found.unjudged[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"id": "X", "modified": "soon"},
        {"id": "X", "modified": "2026-01-01T00:00:00Z", "affected": [{"ranges": [{"type": "ODD", "events": []}]}]},
        {"id": "X", "modified": "2026-01-01T00:00:00Z", "affected": "all"},
        {
            "id": "X",
            "modified": "2026-01-01T00:00:00Z",
            "affected": [{"ranges": [{"type": "GIT", "events": [{"sometimes": "1"}]}]}],
        },
        {
            "id": "X",
            "modified": "2026-01-01T00:00:00Z",
            "affected": [{"ranges": [{"type": "GIT", "events": [["introduced", "1"]]}]}],
        },
        ["a list"],
        None,
    ],
)
def test_what_is_no_advisory_is_refused_by_name(wrong: object) -> None:
    with pytest.raises(BadAdvisoryError, match="cannot be read"):
        read_advisory(wrong)  # type: ignore[arg-type]


def test_rpm_streams_are_told_apart() -> None:
    part = {"ecosystem_specific": {"rpm_modularity_label": "postgresql:12"}}
    one = advisory("RLSA-1", "postgresql", "introduced=0", "fixed=0:12.5-1.module+el8", ecosystem="Rocky Linux:8", part=part)
    found = [matched(Package("Rocky Linux:8", "postgresql", v), one).faults for v in
             ("9.6.10-1.module+el8.0", "12.4-1.module+el8.1", "12.5-2.module+el8.1", "12.4-1.el8")]  # fmt: skip
    assert [bool(faults) for faults in found] == [False, True, False, False]
    told = [Package("Rocky Linux:8", "postgresql", "12.4-1.el8", stream=stream) for stream in ("postgresql:12", "postgresql:9.6")]
    assert [bool(matched(package, one).faults) for package in told] == [True, False]


def _plainly(held: list[list[tuple[str, str]]], version: str) -> bool:
    """The schema's own evaluation, step by step."""
    for one in held:
        vulnerable = False
        for kind, at in sorted(one, key=lambda event: Version(event[1])):
            reached = Version(version) >= Version(at) if kind != "last_affected" else Version(version) > Version(at)
            vulnerable = (kind == "introduced") if reached else vulnerable
        if vulnerable:
            return True
    return False


def test_random_ranges_hold_what_the_schema_says() -> None:
    pick = random.Random(7)  # noqa: S311 - the same every time
    order = order_of("PyPI")
    assert order
    versions = [f"{major}.{minor}" for major in range(4) for minor in range(5)]
    for _ in range(300):
        held = []
        for _ in range(pick.randint(1, 3)):
            points = sorted(pick.sample(versions[1:], 2 * pick.randint(1, 3)), key=Version)
            kinds = [kind for _ in points[::2] for kind in ("introduced", pick.choice(["fixed", "last_affected"]))]
            held.append(list(zip(kinds, points, strict=True)))
        part = Affected("PyPI", "it", tuple(Range(RangeKind.ECOSYSTEM, tuple(one)) for one in held), ())
        lookup = Lookup([("hit", intervals(part, order))])
        for version in versions:
            assert bool(lookup.held(lookup.place(order(version)))) is _plainly(held, version), (held, version)


def test_known_is_from_published_until_withdrawn() -> None:
    one = read_advisory(document("A", "it", "introduced=0", withdrawn="2026-05-01T00:00:00Z"))
    messages = [
        one.known(datetime(year, month, day, tzinfo=UTC)) for year, month, day in ((2024, 12, 31), (2025, 1, 1), (2026, 5, 1))
    ]
    assert messages == [False, False, True]


def test_a_withdrawal_still_to_come_changes_nothing() -> None:
    one = advisory("A", "it", "introduced=0", withdrawn="2027-01-01T00:00:00Z")
    assert matched(Package("PyPI", "it", "1"), one).faults


def test_without_a_day_of_publication_it_counts_as_known() -> None:
    one = advisory("A", "it", "introduced=0", published=None)
    assert one.known(datetime(2001, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("pairs", "more", "hit"),
    [
        (("introduced=0", "last_affected=2.0"), {}, True),
        ((), {"part": {"versions": ["2.0"]}}, True),
        (("introduced=0", "fixed=2.0"), {}, False),
        (("introduced=0", "fixed=2.0+cu117"), {}, False),
        (("introduced=0", "fixed=2.0+cu119"), {}, True),
        (("introduced=2.0", "fixed=2.0.post1"), {}, True),
        (("introduced=2.1",), {}, False),
        (("introduced=0", "last_affected=1.9"), {}, False),
    ],
)
def test_a_build_of_ones_own_has_the_faults_of_its_release(pairs: tuple[str, ...], more: dict[str, Any], hit: bool) -> None:  # noqa: FBT001 - a case
    assert hits("2.0+cu118", *pairs, **more) is hit
