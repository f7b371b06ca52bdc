"""Package databases of dpkg, apk and rpm: what is installed, from which source, on which release."""

import gzip
import sqlite3
from pathlib import Path

import pytest

from upkeep.formats.lockfiles.registry import Beside, read
from upkeep.formats.package import Reading, Scope

DEBIAN = b'ID=debian\nVERSION_ID="12"\n'
ALPINE = b"ID=alpine\nVERSION_ID=3.18.4\n"
ROCKY = b'ID="rocky"\nVERSION_ID="9.3"\n'

DPKG = """Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.11-1~deb12u2
Depends: libc6 (>= 2.34),
 libssl3 (>= 3.0.9)
Description: toolkit
 text: with a colon
 .

Package: libpq5
Status: install ok installed
Source: postgresql-15 (15.5-0+deb12u1)
Version: 15.5-0+deb12u1+b1

Package: libpq5
Status: install ok installed
Architecture: i386
Source: postgresql-15 (15.5-0+deb12u1)
Version: 15.5-0+deb12u1+b1

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: half
Status: install ok half-configured
Source: whole
Version: 2.0
"""

APK = """C:Q1abc=
P:libcrypto3
V:3.1.4-r1
A:x86_64
L:Apache-2.0
o:openssl
c:0123
F:lib
R:libcrypto.so.3
a:0:0:755

P:tzdata
V:2023c-r1
"""


def beside(root: str, release: bytes | None, place: str = "etc/os-release") -> Beside:
    return {root + place: release}.get


def versions(found: Reading) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(p.name, p.version, p.source_name, p.source_version) for p in found.packages]


def test_dpkg() -> None:
    found = read("image/var/lib/dpkg/status", DPKG.encode(), beside("../../../", DEBIAN))
    assert versions(found) == [
        ("openssl", "3.0.11-1~deb12u2", "openssl", "3.0.11-1~deb12u2"),
        ("libpq5", "15.5-0+deb12u1+b1", "postgresql-15", "15.5-0+deb12u1"),
        ("half", "2.0", "whole", "2.0"),
    ]
    assert {p.ecosystem for p in found.packages} == {"Debian:12"}
    assert (found.incomplete, [p.line for p in found.packages], found.packages[0].scope) == ((), [1, 11, 26], Scope.PRODUCTION)


def test_dpkg_of_an_image_without_dpkg() -> None:
    one = "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n"
    found = read("var/lib/dpkg/status.d/base", one.encode(), beside("../../../../", DEBIAN))
    assert (versions(found), found.incomplete) == ([("base-files", "12.4", "base-files", "12.4")], ())
    sums = read("var/lib/dpkg/status.d/base.md5sums", b"d41d8cd98f00b204e9800998ecf8427e  etc/x y\n", lambda _: None)
    assert (sums.packages, sums.incomplete) == ((), ())


@pytest.mark.parametrize("place", ["etc/os-release", "usr/lib/os-release"])
@pytest.mark.parametrize(("path", "root"), [("lib/apk/db/installed", "../../../"), ("usr/lib/apk/db/installed", "../../../../")])
def test_apk(path: str, root: str, place: str) -> None:
    found = read(path, APK.encode(), beside(root, ALPINE, place))
    assert versions(found) == [("libcrypto3", "3.1.4-r1", "openssl", "3.1.4-r1"), ("tzdata", "2023c-r1", "tzdata", "2023c-r1")]
    assert [(p.ecosystem, p.licence, p.line) for p in found.packages] == [
        ("Alpine:v3.18", "Apache-2.0", 1),
        ("Alpine:v3.18", None, 12),
    ]


@pytest.fixture(scope="module")
def made_by_rpm() -> bytes:
    """A database that rpm 4.18 made: the packages hello and hello-libs, epoch 1, of a module."""
    return gzip.decompress((Path(__file__).parent / "rpmdb.sqlite.gz").read_bytes())


@pytest.mark.parametrize(
    ("path", "root"), [("var/lib/rpm/rpmdb.sqlite", "../../../"), ("usr/lib/sysimage/rpm/rpmdb.sqlite", "../../../../")]
)
def test_rpm(made_by_rpm: bytes, path: str, root: str) -> None:
    found = read(path, made_by_rpm, beside(root, ROCKY))
    assert found.incomplete == ()
    assert versions(found) == [
        ("hello-libs", "1:2.10-3.el9", "hello", "2.10-3.el9"),
        ("hello", "1:2.10-3.el9", "hello", "2.10-3.el9"),
    ]
    hello = found.packages[1]
    assert (hello.ecosystem, hello.licence, hello.stream) == ("Rocky Linux:9", "GPL-3.0-or-later AND MIT", "postgresql:12")


def test_rpm_with_changes_that_are_not_in_the_file(made_by_rpm: bytes) -> None:
    files = {"../../../etc/os-release": ROCKY, "rpmdb.sqlite-wal": b"x"}
    found = read("var/lib/rpm/rpmdb.sqlite", made_by_rpm, files.get)
    assert "rpmdb.sqlite-wal" in found.incomplete[0]


@pytest.mark.parametrize(
    ("release", "message"),
    [
        (None, "etc/os-release is missing: advisories are filed by release"),
        (b"A=b\n", "it has no ID"),
        (b"ID=debian\nPRETTY_NAME='Debian sid'\n", "Debian sid is a release that is not known"),
        (b"ID=\xff=", "no text in utf-8"),
    ],
)
def test_without_a_release_nothing_can_be_matched(release: bytes | None, message: str) -> None:
    found = read("var/lib/dpkg/status", DPKG.encode(), beside("../../../", release))
    assert (len(found.packages), message in found.incomplete[0]) == (3, True)


def sqlite(*statements: str) -> bytes:
    database = sqlite3.connect(":memory:")
    for statement in statements:
        database.execute(statement)
    database.commit()
    return database.serialize()


ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select x as hnum, x as blob from n"


@pytest.mark.parametrize(
    ("path", "raw", "message"),
    [
        ("var/lib/dpkg/status", b"", "it names no package"),
        ("var/lib/dpkg/status", b"Package: a\n", "line 1: a package without a name or a version"),
        ("var/lib/dpkg/status", b"Package: a\nrubbish\n", 'line 2: "rubbish" is no field'),
        ("var/lib/dpkg/status", b"Package: a\nVersion: 1\nSource: a b c\n", 'the source "a b c" cannot be read'),
        ("lib/apk/db/installed", b"P:a\n", "line 1: a package without a name or a version"),
        ("lib/apk/db/installed", b"P:a\nrubbish\n", 'line 2: "rubbish"'),
        ("lib/apk/db/installed", b"", "it names no package"),
        ("var/lib/rpm/rpmdb.sqlite", b"", "it is no SQLite database"),
        ("var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0" + bytes(4000), "it cannot be read"),
        ("var/lib/rpm/rpmdb.sqlite", sqlite("create table x (y)"), "it has no plain table Packages"),
        ("var/lib/rpm/rpmdb.sqlite", sqlite(f"create view Packages as {ENDLESS}"), "it has no plain table Packages"),
        (
            "var/lib/rpm/rpmdb.sqlite",
            sqlite("create table Packages (hnum, x, blob as (zeroblob(x)))", "insert into Packages values (1, 999999999)"),
            "it has no plain table Packages",
        ),
        ("var/lib/rpm/rpmdb.sqlite", sqlite("create table Packages (hnum, blob)"), "it names no package"),
        (
            "var/lib/rpm/rpmdb.sqlite",
            sqlite("create table Packages (hnum, blob)", "insert into Packages values (1, x'00000001000000ff')"),
            "package 1: a header that is cut off",
        ),
        ("var/lib/rpm/Packages", b"anything", "Berkeley DB of rpm is not read"),
        ("usr/lib/sysimage/rpm/Packages.db", b"RpmP", "ndb database of rpm is not read"),
    ],
)
def test_what_cannot_be_read_is_said(path: str, raw: bytes, message: str) -> None:
    found = read(path, raw, lambda path: DEBIAN if path.endswith("etc/os-release") else None)
    assert (found.packages, message in found.incomplete[0]) == ((), True)
