"""purls: the ecosystem and the name under which advisories are filed."""

import pytest

from upkeep.formats.os_release import OsRelease
from upkeep.formats.package import Origin, Package
from upkeep.formats.purls import package_of, purl_of


@pytest.mark.parametrize(
    ("purl", "ecosystem", "name", "version"),
    [
        ("pkg:pypi/Zope.Interface@6.0", "PyPI", "zope-interface", "6.0"),
        ("pkg:npm/%40types/nodemailer@6.4.14", "npm", "@types/nodemailer", "6.4.14"),
        ("pkg:golang/github.com/gorilla/mux@v1.8.1", "Go", "github.com/gorilla/mux", "1.8.1"),
        ("pkg:golang/stdlib@1.22.1", "Go", "stdlib", "1.22.1"),
        ("pkg:golang/std@go1.22.1", "Go", "stdlib", "1.22.1"),
        (
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar",
            "Maven",
            "org.apache.logging.log4j:log4j-core",
            "2.14.1",
        ),
        ("pkg:cargo/time@0.1.43", "crates.io", "time", "0.1.43"),
        ("pkg:gem/rack@3.0.0?platform=ruby", "RubyGems", "rack", "3.0.0"),
        ("pkg:composer/symfony/http-kernel@v5.4.0", "Packagist", "symfony/http-kernel", "v5.4.0"),
        ("pkg:nuget/Newtonsoft.Json@13.0.1", "NuGet", "Newtonsoft.Json", "13.0.1"),
        ("pkg:hex/phoenix@1.7.10", "Hex", "phoenix", "1.7.10"),
        ("pkg:pub/http@1.1.0", "Pub", "http", "1.1.0"),
        ("pkg:githubactions/actions/checkout@v3", "GitHub Actions", "actions/checkout", "v3"),
        ("pkg:generic/openssl@1.1.1", "generic", "openssl", "1.1.1"),
        ("pkg:npm/left-pad", "npm", "left-pad", None),
        ("pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.4", "Debian:12", "openssl", "3.0.11-1~deb12u2"),
        ("pkg:deb/debian/openssl@3.0.11?distro=bookworm", "Debian:12", "openssl", "3.0.11"),
        ("pkg:deb/debian/vim@2%3A9.0.0?distro=debian-12", "Debian:12", "vim", "2:9.0.0"),
        ("pkg:deb/ubuntu/curl@7.81.0-1?distro=ubuntu-22.04", "Ubuntu:22.04:LTS", "curl", "7.81.0-1"),
        ("pkg:deb/ubuntu/curl@7.81.0-1?distro=jammy", "Ubuntu:22.04:LTS", "curl", "7.81.0-1"),
        ("pkg:deb/ubuntu/curl@7.81.0-1?distro=ubuntu-22.04.3", "Ubuntu:22.04:LTS", "curl", "7.81.0-1"),
        ("pkg:deb/ubuntu/curl@8?distro=ubuntu-23.10", "Ubuntu:23.10", "curl", "8"),
        ("pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.18.4", "Alpine:v3.18", "musl", "1.2.4-r2"),
        ("pkg:apk/alpine/musl@1.2.4-r2?distro=3.18.4", "Alpine:v3.18", "musl", "1.2.4-r2"),
        ("pkg:apk/wolfi/git@2.40?distro=wolfi-20230201", "Wolfi", "git", "2.40"),
        ("pkg:rpm/rocky/bash@5.1.8-6.el9?distro=rocky-9.3&epoch=0", "Rocky Linux:9", "bash", "5.1.8-6.el9"),
        ("pkg:rpm/redhat/openssl@3.0.7?epoch=1&distro=rhel-9.4", "Red Hat:9.4", "openssl", "1:3.0.7"),
        ("pkg:rpm/opensuse/zlib@1.2?distro=opensuse-leap-15.5", "openSUSE:Leap 15.5", "zlib", "1.2"),
        ("pkg:deb/debian/openssl@3", "Debian", "openssl", "3"),
    ],
)
def test_names(purl: str, ecosystem: str, name: str, version: str | None) -> None:
    found = package_of(purl)
    assert (found.ecosystem, found.name, found.version) == (ecosystem, name, version)


def test_the_release_of_the_whole_document_stands_in() -> None:
    assert package_of("pkg:deb/debian/a@1", OsRelease("debian", "12.4", "")).ecosystem == "Debian:12"
    assert package_of("pkg:npm/a@1", OsRelease("debian", "12.4", "")).ecosystem == "npm"


@pytest.mark.parametrize(
    ("purl", "source"),
    [
        ("pkg:deb/debian/libssl3@3.0.11?upstream=openssl", ("openssl", None)),
        ("pkg:deb/debian/libpq5@15%2Bb1?upstream=postgresql-15%4015", ("postgresql-15", "15")),
        ("pkg:rpm/rocky/bash@5?upstream=bash-5.1.8-6.el9.src.rpm", ("bash", "5.1.8-6.el9")),
        ("pkg:apk/alpine/libcrypto3@3", (None, None)),
    ],
)
def test_source_packages(purl: str, source: tuple[str | None, str | None]) -> None:
    found = package_of(purl)
    assert (found.source_name, found.source_version) == source


def test_a_commit() -> None:
    found = package_of("pkg:npm/fork@1.0.0?vcs_url=git%2Bhttps://github.com/a/b.git%400123456789abcdef0123456789abcdef01234567")
    assert (found.origin, found.commit) == (Origin.GIT, "0123456789abcdef0123456789abcdef01234567")


def test_a_part_of_the_repository_itself() -> None:
    assert package_of("pkg:cargo/time@0.1.0?download_url=file://.").origin is Origin.PATH
    assert package_of("pkg:cargo/time@0.1.0?download_url=https://x.example/time.crate").origin is Origin.REGISTRY


@pytest.mark.parametrize("purl", ["", "npm/a@1", "pkg:", "pkg:npm", "https://example.com"])
def test_what_is_none(purl: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        package_of(purl)


@pytest.mark.parametrize(
    ("ecosystem", "name", "version"),
    [
        ("PyPI", "zope-interface", "6.0"),
        ("npm", "@types/nodemailer", "6.4.14"),
        ("npm", "left-pad", None),
        ("Go", "github.com/gorilla/mux", "1.8.1"),
        ("Maven", "org.a:b", "1.0"),
        ("Packagist", "symfony/http-kernel", "5.4.0"),
        ("crates.io", "time", "0.1.43"),
        ("Debian:12", "vim", "2:9.0.0"),
        ("Ubuntu:22.04:LTS", "curl", "7.81.0-1"),
        ("Alpine:v3.18", "musl", "1.2.4-r2"),
        ("Rocky Linux:9", "bash", "5.1.8-6.el9"),
        ("openSUSE:Leap 15.5", "zlib", "1.2"),
        ("generic", "thing", "1"),
    ],
)
def test_there_and_back(ecosystem: str, name: str, version: str | None) -> None:
    found = package_of(purl_of(Package(ecosystem, name, version)))
    assert (found.ecosystem, found.name, found.version) == (ecosystem, name, version)
