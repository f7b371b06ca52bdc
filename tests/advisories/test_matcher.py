"""Packages against advisories: names, aliases, origins and commits."""

from itertools import permutations

import pytest

from tests.advisories.made import advisory, document, matched
from upkeep.advisories.advisory import read_advisory
from upkeep.advisories.aliases import AliasGroups
from upkeep.advisories.names import Lookalikes, normalise
from upkeep.advisories.severity import worst
from upkeep.answer import Severity
from upkeep.formats.git_address import repository_of
from upkeep.formats.package import Origin, Package

OPEN = ("introduced=0", "fixed=2")


def test_names_are_normalised_on_both_sides() -> None:
    assert matched(Package("PyPI", "Py_YAML", "1"), advisory("A", "PyYAML", *OPEN)).faults == ()
    assert matched(Package("PyPI", "PyYAML", "1"), advisory("A", "pyyaml", *OPEN)).faults
    assert matched(Package("PyPI", "zope.interface", "1"), advisory("A", "Zope_Interface", *OPEN)).faults
    assert matched(Package("Packagist", "Symfony/Http", "1"), advisory("A", "symfony/http", *OPEN, ecosystem="Packagist")).faults
    assert matched(Package("NuGet", "Newtonsoft.Json", "1.0"), advisory("A", "newtonsoft.json", *OPEN, ecosystem="NuGet")).faults
    assert normalise("Maven", "org.Apache:It") == "org.Apache:It"


def test_a_scope_is_part_of_the_name() -> None:
    assert not matched(Package("npm", "@types/nodemailer", "1.0.0"), advisory("A", "nodemailer", *OPEN, ecosystem="npm")).faults


def test_one_ecosystem_is_not_another() -> None:
    assert not matched(Package("npm", "it", "1.0.0"), advisory("A", "it", *OPEN)).faults


@pytest.mark.parametrize("origin", [Origin.PATH, Origin.URL, Origin.GIT])
def test_what_is_no_registrys_is_not_its_namesake(origin: Origin) -> None:
    assert not matched(Package("npm", "it", "1.0.0", origin=origin), advisory("A", "it", *OPEN, ecosystem="npm")).faults


def test_a_range_is_no_pin() -> None:
    found = matched(Package("PyPI", "it", None, asked_for=">=1.0"), advisory("A", "it", *OPEN))
    assert not found.faults
    assert "not pinned (>=1.0)" in found.unjudged[0]
    assert not matched(Package("PyPI", "other", None, asked_for=">=1.0"), advisory("A", "it", *OPEN)).unjudged


def test_a_distribution_files_under_the_source_package() -> None:
    one = advisory("ALPINE-1", "openssl", "introduced=0", "fixed=3.1.2-r0", ecosystem="Alpine:v3.18")
    library = Package("Alpine:v3.18", "libcrypto3", "3.1.1-r0", source_name="openssl")
    assert matched(library, one).faults
    rebuilt = Package("Debian:12", "libx", "9.9", source_name="x", source_version="1.0-1")
    assert matched(rebuilt, advisory("DSA-1", "x", "introduced=0", "fixed=1.0-2", ecosystem="Debian:12")).faults


def test_chained_aliases_are_one_fault_in_any_order() -> None:
    chain = [
        advisory("PYSEC-1", "it", *OPEN, aliases=["CVE-1"]),
        advisory("GHSA-1", "it", *OPEN, aliases=["CVE-1", "SNYK-1"]),
        advisory("OSV-1", "it", *OPEN, aliases=["SNYK-1"]),
    ]
    for order in permutations(chain):
        faults = matched(Package("PyPI", "it", "1"), *order).faults
        assert [(f.title, set(f.names)) for f in faults] == [("CVE-1", {"PYSEC-1", "GHSA-1", "OSV-1", "CVE-1", "SNYK-1"})]


def test_a_link_between_two_may_be_about_another_package_or_withdrawn() -> None:
    ends = [advisory("A", "it", *OPEN, aliases=["X"]), advisory("C", "it", *OPEN, aliases=["Y"])]
    link = advisory("B", "other", *OPEN, aliases=["X", "Y"], withdrawn="2025-06-01T00:00:00Z")
    assert len(matched(Package("PyPI", "it", "1"), *ends).faults) == 2
    assert len(matched(Package("PyPI", "it", "1"), *ends, link).faults) == 1


def test_related_is_no_alias() -> None:
    assert AliasGroups([read_advisory(document("A", "it", related=["B"]))]).of("A") == {"A"}


def test_long_chains_of_aliases_need_no_recursion() -> None:
    chain = [advisory(f"A-{n}", "it", aliases=[f"A-{n + 1}"]) for n in range(5000)]
    assert len(AliasGroups(chain).of("A-0")) == 5001


def test_fixes_are_the_union_and_severity_the_worst() -> None:
    low = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}]
    bad = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
    one = advisory("PYSEC-1", "it", "introduced=0", "fixed=2", aliases=["CVE-1"], severity=low)
    other = advisory("GHSA-1", "it", "introduced=0", "fixed=2.1", aliases=["CVE-1"], severity=bad)
    (fault,) = matched(Package("PyPI", "it", "1"), one, other).faults
    assert fault.fixed == ("2", "2.1")
    rating = worst(fault.ratings)
    assert rating
    assert (rating.severity, rating.score, rating.source) == (Severity.CRITICAL, 9.8, "GHSA-1")


def test_a_git_dependency_is_matched_by_its_commit() -> None:
    commit, mended, other = "a" * 40, "b" * 40, "c" * 40
    part = {"ranges": [{"type": "GIT", "repo": "https://github.com/x/it.git",
                        "events": [{"introduced": commit}, {"fixed": mended}]}]}  # fmt: skip
    one = advisory("A", "it", ecosystem="npm", part=part)

    def asked(at: str, address: str = "git+ssh://git@github.com/X/it#main") -> tuple[bool, bool]:
        found = matched(Package("npm", "it", None, origin=Origin.GIT, commit=at, repository=repository_of(address)), one)
        return bool(found.faults), bool(found.unjudged)

    assert asked(commit) == (True, False)
    assert asked(mended) == (False, False)
    assert asked(other) == (False, True), "only history tells"
    assert asked(other, "https://github.com/y/it") == (False, False), "another repository"
    assert asked(commit, "") == (True, False)


def test_lookalikes_are_one_letter_away_from_a_known_name() -> None:
    known = Lookalikes(["requests", "python-dateutil", "flask", "django"])
    assert [known.of(n) for n in ("reqeusts", "request", "requestss", "python_dateutil2", "pythondateutil")] == [
        "requests", "requests", "requests", "python-dateutil", "python-dateutil"]  # fmt: skip
    assert [known.of(n) for n in ("requests", "flas", "pytest", "requests-mock", "")] == [None] * 5
    assert known.of("rqeuests-") is not None
