"""The order of each ecosystem's versions."""

from collections.abc import Callable
from typing import Any

from upkeep.advisories.orders import alpine, composer, debian, gem, maven, rpm, semver

# Of a version's text, something that sorts as the version does. Raises ValueError for what is no version there.
Order = Callable[[str], Any]


def _pep_440(text: str) -> Any:
    from packaging.version import Version

    return Version(text)


_ORDERS: dict[str, Order] = {
    "PyPI": _pep_440,
    "npm": semver.semver,
    "crates.io": semver.semver,
    "Hex": semver.semver,
    "SwiftURL": semver.semver,
    "GitHub Actions": semver.semver,
    "Bitnami": semver.semver,
    "Pub": semver.pub,
    "Go": semver.go,
    "NuGet": semver.nuget,
    "Maven": maven.maven,
    "RubyGems": gem.gem,
    "Packagist": composer.composer,
    "Debian": debian.debian,
    "Ubuntu": debian.debian,
    "Alpine": alpine.alpine,
    "Chainguard": alpine.alpine,
    "Wolfi": alpine.alpine,
    **dict.fromkeys(
        ("Red Hat", "Rocky Linux", "AlmaLinux", "openSUSE", "SUSE", "Azure Linux", "Mageia", "openEuler", "Photon OS"), rpm.rpm
    ),
}


def base(ecosystem: str) -> str:
    """An ecosystem without its release: "Debian" of "Debian:12"."""
    return ecosystem.partition(":")[0]


def order_of(ecosystem: str) -> Order | None:
    """The order of an ecosystem, with or without its release; None where none is known."""
    return _ORDERS.get(base(ecosystem))
