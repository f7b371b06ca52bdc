"""Orders of versions: lists that rise, pairs that are equal, and what is no version; others are asked where they are right."""

import shutil
import subprocess
from itertools import combinations, pairwise

import pytest

from upkeep.advisories.orders.order import order_of

DPKG = shutil.which("dpkg") or ""
# Each line rises. Most are the published cases of the ecosystem's own tool.
RISING = [
    ("PyPI", "1.0.dev1 1.0a1.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post1.dev2 1.0.post1 1.1.dev1 1!0.5"),
    ("npm", "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11"),
    ("npm", "1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.2.3-4 1.2.3-4-foo"),
    ("npm", "0.0.0-foo 0.0.0 0.0.1 0.9.9 0.10.0 0.99.0 1.2.3-asdf 1.2.3 2.0.0"),
    ("npm", "1.2.3-a.10 1.2.3-a.b 1.2.3-a.b.c.5.d.100 1.2.3-r100 1.2.3-r2 1.2.3"),
    ("Go", "v0.0.0-20190101000000-abcdefabcdef v0.0.0-20200101000000-abcdefabcdef v0.0.1"),
    ("Go", "v0.0.1 v1.2.4-0.20200101000000-aaaaaaaaaaaa v1.2.4"),
    ("Go", "go1.20.3 go1.21rc2 1.21.0-rc.3 1.21.0 go1.21.1 1.23.5 1.23.6"),
    ("Pub", "1.0.0-a 1.0.0 1.0.0+1 1.0.0+2 1.0.1"),
    ("NuGet", "1.0.0-alpha 1.0.0-Alpha.1 1.0.0-BETA 1.0.0 1.0.0.1 1.0.1 1.0.10"),
    ("Maven", "1-alpha2snapshot 1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc"),
    ("Maven", "1-rc 1-cr2 1-rc123 1-SNAPSHOT 1 1-sp 1-sp2 1-sp123"),
    ("Maven", "1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 1-123"),
    ("Maven", "2.0 2.0.a 2-1 2.0.2 2.0.123 2.1.0 2.1-a 2.1b 2.1-c 2.1-1 2.1.0.1"),
    ("Maven", "2.1.0.1 2.2 2.123 11.a2 11.a11 11.b2 11.b11 11.m2 11.m11 11 11.a"),
    ("Maven", "1.0.0.X1 1.0.0-X2 1.0.1"),
    ("RubyGems", "1.0.0.a.1 1.0.0.a.2 1.0.0.b1 1.0.0.rc1 1.0.0 1.0.0.1 1.0.1 1.8.2.b 1.8.2 1.9.a 1.9.3 22.1.50.0"),
    ("Packagist", "1.0.0-dev 1.0.0-alpha1 1.0.0-beta1 1.0.0-RC1 1.0.0 1.0.0-p1 1.0.0-p2 1.0.1 v1.10"),
    ("Packagist", "2.4.5 2.4.5-p1 2.4.5-p2 2.4.6-beta1 2.4.6"),
    ("Debian:12", "1.0~beta1~svn1 1.0~beta1 1.0 1.0-1~bpo1 1.0-1 1.0-1+deb9u1 1.0-1.1 1.0a 1.0+a 1.0.1 1.a 2 10 1:0.1"),
    ("Alpine:v3.18", "1.9.5_rc1-r0 1.9.5-r0 1.9.5-r1 1.9.5_p1-r0 1.9.5a-r0 1.9.5p1-r0 1.9.5p2-r0 1.9.10-r0 1.10-r0"),
    ("Alpine:v3.18", "0.1.0_alpha 0.1.0_alpha2 0.1.0_beta 0.1.0_pre 0.1.0_rc 0.1.0 0.1.0_git2020 0.1.0_p1 0.1.1"),
    ("Alpine:v3.18", "3.00 3.0 3.01 3.02 3.1 3.9 3.10"),
    ("Rocky Linux:8", "1.0~rc1 1.0~rc2 1.0 1.0^git1 1.0.a 1.0.1 1.1 2.0 10.0 1:0.1"),
    ("Red Hat", "1.2.3-4.el8 1.2.3-4.el8_1 1.2.3-10.el8 1.2.4-1.el8"),
]  # fmt: skip
EQUAL = [
    ("PyPI", "1.0", "1.0.0"), ("PyPI", "1.0-RC1", "1.0rc1"),
    ("npm", "1.2.3", "v1.2.3"), ("npm", "1.2.3", "1.2.3+build.5"), ("npm", "1.2", "1.2.0"),
    ("Go", "v3.2.0", "v3.2.0+incompatible"), ("Go", "3.2.0", "v3.2.0"), ("Go", "go1.21", "1.21.0"),
    ("NuGet", "1.0", "1.0.0.0"), ("NuGet", "1.0.0-RC", "1.0.0-rc"),
    ("Maven", "1", "1.0.0"), ("Maven", "1-ga", "1"), ("Maven", "1.Final", "1"), ("Maven", "1x", "1-x"),
    ("Maven", "1a1", "1-alpha-1"),
    ("Maven", "1cr", "1RC"), ("Maven", "1-0.ga", "1.0"), ("Maven", "1.0.RC2", "1.0-RC2"), ("Maven", "1.0.0x", "1-x"),
    ("RubyGems", "1.2", "1.2.0"), ("RubyGems", "1.2.b1", "1.2.b.1"), ("RubyGems", "1-2", "1.pre.2"),
    ("Packagist", "v1.0", "1.0.0.0"), ("Packagist", "1.0.0-RC1", "1.0.0rc1"), ("Packagist", "1.0.0-pl1", "1.0.0-patch1"),
    ("Debian", "1.0-1", "0:1.0-1"), ("Debian", "1.00", "1.0"), ("Alpine", "1.2-r0", "1.2"), ("Red Hat", "1.05", "1.5"),
]  # fmt: skip
NONE = [
    ("PyPI", "2004d"), ("npm", "latest"), ("npm", "1.2.3.4"), ("npm", "^1.2.3"), ("npm", ""), ("Go", "master"), ("Maven", ""),
    ("RubyGems", "a.b"), ("Packagist", "dev-main"), ("Packagist", "1.x-dev"), ("Debian", "1.0 beta"), ("Alpine", "1.0_what"),
    ("Red Hat", "a:1.0"), ("Red Hat", ""), ("NuGet", "1.*"), ("npm", "9" * 5000), ("Maven", "1." * 5000),
    ("Debian", "1" * 5000),
]  # fmt: skip


@pytest.mark.parametrize(("ecosystem", "line"), RISING)
def test_each_comes_before_the_next(ecosystem: str, line: str) -> None:
    order = order_of(ecosystem)
    assert order
    for one, other in combinations(line.split(), 2):
        assert order(one) < order(other), (one, other)
        assert not order(other) < order(one), (other, one)
        assert order(one) != order(other), (one, other)


@pytest.mark.parametrize(("ecosystem", "one", "other"), EQUAL)
def test_spellings_of_one_version_are_equal(ecosystem: str, one: str, other: str) -> None:
    order = order_of(ecosystem)
    assert order
    assert order(one) == order(other)
    assert not order(one) < order(other)
    assert not order(other) < order(one)


@pytest.mark.parametrize(("ecosystem", "text"), NONE)
def test_what_is_no_version_is_refused(ecosystem: str, text: str) -> None:
    order = order_of(ecosystem)
    assert order
    with pytest.raises(ValueError, match=r"[vV]ersion|value"):
        order(text)


def test_an_ecosystem_without_a_known_order_has_none() -> None:
    assert order_of("Hackage") is None
    assert order_of("Debian:12") is order_of("Debian")


@pytest.mark.skipif(not DPKG, reason="no dpkg here")
def test_dpkg_agrees() -> None:
    for line in (line for ecosystem, line in RISING if ecosystem.startswith("Debian")):
        for one, other in pairwise(line.split()):
            assert subprocess.run([DPKG, "--compare-versions", one, "lt", other], check=False).returncode == 0, (one, other)


def test_univers_agrees_where_it_is_right() -> None:
    from univers import versions

    theirs = {
        "RubyGems": versions.RubygemsVersion,
        "Debian:12": versions.DebianVersion,
        "NuGet": versions.NugetVersion,
        "npm": versions.SemverVersion,
    }
    for ecosystem, line in RISING:
        if ecosystem in theirs and "Alpha.1" not in line:
            for one, other in pairwise(line.split()):
                assert theirs[ecosystem](one) < theirs[ecosystem](other), (ecosystem, one, other)
