"""os-release: which distribution and release this is, and the name that advisories know it by."""

import re
from dataclasses import dataclass
from itertools import takewhile

_LINE = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")
_NAMES = {
    "alpine": "Alpine",
    "almalinux": "AlmaLinux",
    "azurelinux": "Azure Linux",
    "chainguard": "Chainguard",
    "debian": "Debian",
    "fedora": "Fedora",
    "mageia": "Mageia",
    "openeuler": "openEuler",
    "opensuse-leap": "openSUSE",
    "opensuse-tumbleweed": "openSUSE",
    "photon": "Photon OS",
    "rhel": "Red Hat",
    "rocky": "Rocky Linux",
    "sled": "SUSE",
    "sles": "SUSE",
    "ubuntu": "Ubuntu",
    "wolfi": "Wolfi",
}
_ROLLING = {"chainguard": "", "opensuse-tumbleweed": "Tumbleweed", "wolfi": ""}
_MAJOR_ONLY = frozenset(["almalinux", "azurelinux", "rocky", "debian"])


@dataclass(frozen=True, slots=True)
class OsRelease:
    """A distribution (`id` as it names itself) and its release; `version` is empty where it has none, as Debian's testing."""

    id: str
    version: str
    pretty: str
    long_term: bool = False

    @property
    def ecosystem(self) -> str:
        """The name that OSV gives its packages: "Debian:12", "Ubuntu:22.04:LTS", "Alpine:v3.18", "Rocky Linux:9", "Wolfi"."""
        name = _NAMES.get(self.id, self.id)
        suffix = _suffix(self)
        return f"{name}:{suffix}" if suffix else name

    @property
    def known(self) -> bool:
        """Whether advisories can be asked for it by release: not for one that never had a number, unless it rolls."""
        return self.id in _NAMES and bool(_suffix(self) or self.id in _ROLLING)


def os_release(text: str) -> OsRelease:
    """Read the file. Raises ValueError when it names no distribution."""
    found = {key: value.strip().strip("\"'") for key, value in _LINE.findall(text)}
    if not found.get("ID"):
        raise ValueError("it has no ID: this is no os-release")
    pretty = found.get("PRETTY_NAME") or f"{found['ID']} {found.get('VERSION_ID', '')}".strip()
    return OsRelease(found["ID"].lower(), found.get("VERSION_ID", ""), pretty, "LTS" in found.get("VERSION", pretty).split())


def _suffix(release: OsRelease) -> str:
    version = release.version
    numbers = ".".join(takewhile(str.isdigit, version.split(".")))
    if release.id == "alpine":
        found = re.fullmatch(r"v?(\d+\.\d+)(?:\.\d+)?", version)
        return f"v{found[1]}" if found else ""
    if release.id == "opensuse-leap":
        return f"Leap {version}" if version else ""
    if release.id in _ROLLING:
        return _ROLLING[release.id]
    if release.id == "ubuntu" and release.long_term:
        return f"{numbers}:LTS"
    return numbers.split(".")[0] if release.id in _MAJOR_ONLY else version
