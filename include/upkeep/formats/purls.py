"""
Package URLs (purl) as packages, in the ecosystems and names under which advisories are filed.

A type that no advisories are filed for keeps its own name as its ecosystem ("generic", "github"), so that it is seen to be not
covered.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from upkeep.formats.git_address import repository_of
from upkeep.formats.os_release import OsRelease
from upkeep.formats.package import Origin, Package
from upkeep.formats.rpm_header import source_of

if TYPE_CHECKING:
    from packageurl import PackageURL

_ECOSYSTEMS = {
    "bitnami": "Bitnami",
    "cargo": "crates.io",
    "composer": "Packagist",
    "conan": "ConanCenter",
    "cran": "CRAN",
    "gem": "RubyGems",
    "githubactions": "GitHub Actions",
    "golang": "Go",
    "hackage": "Hackage",
    "hex": "Hex",
    "julia": "Julia",
    "maven": "Maven",
    "npm": "npm",
    "nuget": "NuGet",
    "pub": "Pub",
    "pypi": "PyPI",
    "swift": "SwiftURL",
}
_SYSTEMS = frozenset(["apk", "deb", "rpm"])
_DISTRIBUTIONS = {"redhat": "rhel", "opensuse": "opensuse-leap", "suse": "sles", "oracle": "ol", "azure": "azurelinux"}
_CODENAMES = {
    "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14",
    "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04",
}  # fmt: skip
_JOINED = {"maven": ":"}


def package_of(purl: str, release: OsRelease | None = None) -> Package:
    """The package that a purl names; `release` is the distribution where the purl itself says none. Raises ValueError."""
    from packageurl import PackageURL

    url = PackageURL.from_string(purl)
    qualifiers = url.qualifiers if isinstance(url.qualifiers, Mapping) else {}
    commit = _commit(qualifiers.get("vcs_url", ""))
    local = qualifiers.get("download_url", "").startswith("file:")  # a part of what the document is about
    source = _source(url.type, qualifiers.get("upstream")) if url.type in _SYSTEMS else (None, None)
    return Package(
        _system(url, qualifiers, release) if url.type in _SYSTEMS else _ECOSYSTEMS.get(url.type, url.type),
        _name(url),
        _version(url, qualifiers),
        origin=Origin.PATH if local else Origin.GIT if commit else Origin.REGISTRY,
        commit=commit,
        repository=repository_of(qualifiers.get("vcs_url", "")) if commit else None,
        source_name=source[0],
        source_version=source[1],
    )


def _name(url: "PackageURL") -> str:
    full = f"{url.namespace}{_JOINED.get(url.type, '/')}{url.name}" if url.namespace else url.name
    if url.type == "pypi":
        return re.sub(r"[-_.]+", "-", full).lower()
    if url.type == "golang" and full in {"std", "stdlib"}:
        return "stdlib"
    return url.name if url.type in _SYSTEMS else full


def _version(url: "PackageURL", qualifiers: Mapping[str, str]) -> str | None:
    version = url.version
    if url.type == "golang" and version:
        return re.sub(r"^(?:v|go)(?=\d)", "", version)
    epoch = qualifiers.get("epoch")
    return f"{epoch}:{version}" if version and epoch not in {None, "", "0"} and ":" not in version else version or None


def _system(url: "PackageURL", qualifiers: Mapping[str, str], release: OsRelease | None) -> str:
    """The distribution of a system package, with its release: of the purl, else of the whole document."""
    family = (url.namespace or "").lower()
    distro = qualifiers.get("distro", "").lower()
    name, _, version = distro.rpartition("-") if re.search(r"-v?\d[^-]*$", distro) else ("", "", distro)
    version = _CODENAMES.get(version.rpartition("-")[2], version).removeprefix("v")
    if not re.match(r"\d", version):
        return release.ecosystem if release else OsRelease(_DISTRIBUTIONS.get(family, family) or url.type, "", "").ecosystem
    number = ".".join(version.split(".")[:2])
    known = _DISTRIBUTIONS.get(name or family, name or family)
    return OsRelease(known, number if known in {"ubuntu", "alpine"} else version, "", _long_term(number)).ecosystem


def _long_term(number: str) -> bool:
    """Whether a release of Ubuntu is one of long-term support: every second April."""
    year, _, month = number.partition(".")
    return month == "04" and year.isdigit() and int(year) % 2 == 0


def _source(kind: str, upstream: str | None) -> tuple[str | None, str | None]:
    if not upstream:
        return None, None
    if kind == "rpm":
        return source_of(upstream) or (upstream, None)
    name, _, version = upstream.partition("@")
    return name, version or None


def _commit(address: str) -> str | None:
    found = re.search(r"@([0-9a-f]{7,64})$", address)
    return found[1] if found else None


_TYPES = {ecosystem: kind for kind, ecosystem in _ECOSYSTEMS.items()}
_FAMILIES = {
    "Debian": ("deb", "debian", "debian"), "Ubuntu": ("deb", "ubuntu", "ubuntu"), "Alpine": ("apk", "alpine", "alpine"),
    "Wolfi": ("apk", "wolfi", "wolfi"),
    "Chainguard": ("apk", "chainguard", "chainguard"), "Red Hat": ("rpm", "redhat", "rhel"),
    "Rocky Linux": ("rpm", "rocky", "rocky"), "AlmaLinux": ("rpm", "almalinux", "almalinux"),
    "Fedora": ("rpm", "fedora", "fedora"),
    "openSUSE": ("rpm", "opensuse", "opensuse-leap"), "SUSE": ("rpm", "suse", "sles"),
}  # fmt: skip


def purl_of(package: Package) -> str:
    """The purl of a package, such as "pkg:pypi/django@4.2"; of an ecosystem without a type of its own, "generic"."""
    from packageurl import PackageURL

    base, _, release = package.ecosystem.partition(":")
    kind, family, distro = _FAMILIES.get(base, (_TYPES.get(base, "generic"), None, ""))
    if family:
        number = release.removesuffix(":LTS").removeprefix("v").removeprefix("Leap ")
        qualifiers = {"distro": f"{distro}-{number}"} if number else {}
        return PackageURL(kind, family, package.name, package.version, qualifiers).to_string()
    namespace, _, name = package.name.rpartition(_JOINED.get(kind, "/"))
    return PackageURL(kind, namespace or None, name, package.version).to_string()
