"""Faults of a repository: each once, with its fix, its severity and who brings it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.advisories.made import DAY, advisory
from upkeep.advisories.advisory import Advisory
from upkeep.advisories.dump import Refused
from upkeep.advisories.exploited import Exploited
from upkeep.advisories.found import Located, Looked, look
from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.patches import patches
from upkeep.answer import Severity
from upkeep.formats.package import Package, Scope

BAD = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
MILD = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}]
FRESH = {"PyPI": DAY, "npm": DAY}


def knowing(*advisories: Advisory, **more: Any) -> Knowledge:
    return Knowledge(advisories, more.pop("dated", FRESH), **more)


def locked(version: str = "1.0", file: str = "poetry.lock", **more: Any) -> Located:
    return Located(file, Package("PyPI", "it", version, **more))


def looked(knowledge: Knowledge, *located: Located) -> Looked:
    return look(located, knowledge, DAY)


def test_nothing_wrong_is_nothing_found() -> None:
    found = looked(knowing(advisory("A", "it", "introduced=0", "fixed=1.0")), locked())
    assert (found.found, found.unjudged, found.packages, found.covered) == ((), (), 1, ("PyPI",))


def test_one_fault_in_two_files_is_one_finding_with_both_places() -> None:
    known = knowing(advisory("A", "it", "introduced=0", "fixed=2"))
    (found,) = looked(known, locked("1.0", line=3), locked("1.5", "old/requirements.txt")).found
    assert found.versions == ("1.0", "1.5")
    assert [place.text for place in found.places] == ["poetry.lock:3", "old/requirements.txt"]
    assert found.subject == "it (PyPI)"


def test_unrated_is_high_and_malware_critical() -> None:
    (found,) = looked(knowing(advisory("A", "it", "introduced=0")), locked()).found
    assert (found.severity, found.rated) == (Severity.HIGH, False)
    (found,) = looked(knowing(advisory("MAL-2026-1", "it", "introduced=0")), locked()).found
    assert found.severity is Severity.CRITICAL


def test_sources_that_disagree_are_named() -> None:
    two = [
        advisory("PYSEC-1", "it", "introduced=0", aliases=["CVE-1"], severity=MILD),
        advisory("GHSA-1", "it", "introduced=0", aliases=["CVE-1"], severity=BAD),
    ]
    (found,) = looked(knowing(*two), locked()).found
    assert found.severity is Severity.CRITICAL
    assert found.disagreement == "GHSA-1: critical (9.8), PYSEC-1: low (1.8)"
    assert looked(knowing(two[0]), locked()).found[0].disagreement == ""


def test_production_wins_over_development() -> None:
    known = knowing(advisory("A", "it", "introduced=0"))
    places = [locked(scope=Scope.DEVELOPMENT), locked(file="b.lock", scope=Scope.PRODUCTION, direct=True)]
    (found,) = looked(known, *places).found
    assert (found.scope, found.package.scope, found.direct) == (Scope.PRODUCTION, Scope.PRODUCTION, True)
    assert looked(known, places[0]).found[0].scope is Scope.DEVELOPMENT


def test_the_smallest_fix_is_above_every_locked_version_and_really_mended() -> None:
    one = advisory("PYSEC-1", "it", "introduced=0", "fixed=1.2", "introduced=2", "fixed=2.3", aliases=["CVE-1"])
    assert [looked(knowing(one), locked(v)).found[0].fix for v in ("1.0", "2.1")] == ["1.2", "2.3"]
    assert looked(knowing(one), locked("1.0"), locked("2.1", "b.lock")).found[0].fix == "2.3"
    other = advisory("GHSA-1", "it", "introduced=0", "fixed=1.4", aliases=["CVE-1"])
    assert looked(knowing(one, other), locked("1.0")).found[0].fix == "1.4", "the other source says that 1.2 still has it"
    never = advisory("B", "it", "introduced=0")
    assert looked(knowing(never), locked()).found[0].fix is None


def test_the_catalogue_counts_by_any_name_and_from_its_day() -> None:
    one = advisory("PYSEC-1", "it", "introduced=0", aliases=["CVE-1"])
    entry = Exploited("CVE-1", date(2026, 5, 31), date(2026, 6, 22), in_ransomware=False)
    (found,) = looked(knowing(one, exploited={"CVE-1": entry}, epss={"CVE-1": 0.5}), locked()).found
    assert (found.exploited, found.chance) == (entry, 0.5)
    later = replace(entry, added=date(2026, 6, 1))
    assert looked(knowing(one, exploited={"CVE-1": later}), locked()).found[0].exploited is None
    distribution = advisory("DSA-1", "it", "introduced=0", upstream=["CVE-1"])
    assert looked(knowing(distribution, exploited={"CVE-1": entry}), locked()).found[0].exploited == entry


def test_what_was_not_covered_is_said_and_not_clean() -> None:
    found = looked(knowing(advisory("A", "other", "introduced=0")), Located("go.mod", Package("Go", "x", "v1.0.0")))
    assert found.unjudged == ("there are no advisories of Go",)
    assert found.covered == ()


def test_old_advisories_are_unknown_and_middling_ones_said() -> None:
    for days, unjudged, notes in ((2, 0, 0), (10, 0, 1), (20, 1, 0)):
        known = knowing(advisory("A", "other", "introduced=0"), dated={"PyPI": DAY.replace(month=5, day=31 - days + 1)})
        found = looked(known, locked())
        assert (len(found.unjudged), len(found.notes)) == (unjudged, notes), days


def test_advisories_that_could_not_be_read_are_said() -> None:
    found = looked(knowing(advisory("A", "other", "introduced=0"), refused=(Refused("B.json", "no JSON"),)), locked())
    assert "B.json" in found.unjudged[0]


def test_the_worst_comes_first_and_exploited_ones_before_their_like() -> None:
    known = knowing(
        advisory("A-LOW", "it", "introduced=0", severity=MILD),
        advisory("B-BAD", "it", "introduced=0", severity=BAD),
        advisory("C-USED", "it", "introduced=0", severity=BAD),
        exploited={"C-USED": Exploited("C-USED", date(2026, 1, 1), date(2026, 1, 2), in_ransomware=True)},
    )
    assert [one.fault.title for one in looked(known, locked()).found] == ["C-USED", "B-BAD", "A-LOW"]


@pytest.mark.parametrize("name", ["'; drop table upkeep.finding; --", "<script>alert(1)</script>", "\u202egnp.exe", "a" * 5000])
def test_names_are_data(name: str) -> None:
    found = looked(knowing(advisory("A", name, "introduced=0")), Located("x", Package("npm", name, "1.0.0")))
    assert not found.unjudged
    json.dumps(found.notes)


def patched(*advisories: Advisory, **more: Any) -> list[tuple[str | None, list[str], list[str], tuple[str, ...]]]:
    known = knowing(*advisories)
    made = patches(looked(known, locked(**more)).found, known.matcher(DAY))
    return [(p.to, [f.fault.title for f in p.closes], [f.fault.title for f in p.leaves], p.parents) for p in made]


def test_one_version_closes_all_that_can_be_closed() -> None:
    one, two = advisory("A", "it", "introduced=0", "fixed=1.2"), advisory("B", "it", "introduced=0", "fixed=1.5")
    assert patched(one, two) == [("1.5", ["A", "B"], [], ())]
    assert patched(one, two, version="1.3") == [("1.5", ["B"], [], ())]


def test_what_has_no_fix_is_left_and_said() -> None:
    assert patched(advisory("A", "it", "introduced=0", "fixed=1.2"), advisory("B", "it", "introduced=0")) == [
        ("1.2", ["A"], ["B"], ())
    ]
    assert patched(advisory("B", "it", "introduced=0")) == [(None, [], ["B"], ())]


def test_a_version_with_faults_of_its_own_is_no_better() -> None:
    one = advisory("A", "it", "introduced=0", "fixed=1.2", "introduced=1.2.1", "fixed=1.2.2")
    fresh = advisory("NEW", "it", "introduced=1.2", "fixed=1.4")
    also = advisory("B", "it", "introduced=0", "fixed=1.4")
    assert patched(one, fresh, also) == [("1.4", ["A", "B"], [], ())]


def test_a_transitive_one_is_changed_through_its_parents() -> None:
    one = advisory("A", "it", "introduced=0", "fixed=2")
    assert patched(one, direct=False, path=("web", "mid", "it")) == [("2", ["A"], [], ("web",))]
    assert patched(one, direct=True, path=("it",)) == [("2", ["A"], [], ())]


def test_the_worst_is_patched_first() -> None:
    known = knowing(
        advisory("A", "it", "introduced=0", "fixed=2", severity=MILD),
        advisory("B", "that", "introduced=0", "fixed=2", severity=BAD),
        advisory("C", "lost", "introduced=0", severity=BAD),
    )
    places = [Located("x", Package("PyPI", name, "1")) for name in ("it", "that", "lost")]
    made = patches(look(places, known, DAY).found, known.matcher(DAY))
    assert [patch.package.name for patch in made] == ["that", "it", "lost"]
    assert made[2].text == "lost 1: no version without these faults is known: replace it"
    assert made[0].text == "that 1 → 2"


def test_a_day_before_publication_finds_nothing() -> None:
    known = knowing(advisory("A", "it", "introduced=0"))
    assert not look([locked()], known, datetime(2024, 1, 1, tzinfo=UTC)).found
