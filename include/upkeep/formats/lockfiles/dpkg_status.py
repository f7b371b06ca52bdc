"""
The package database of Debian and Ubuntu: var/lib/dpkg/status, or one file a package where an image has no dpkg.

Advisories are filed under the source package and its version, which a binary package names where they differ from its own.
"""

import re
from collections.abc import Iterator

from upkeep.formats.lockfiles.installed import release_beside
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Package, Reading, Scope

_SOURCE = re.compile(r"(\S+)(?: \((\S+)\))?")
_CHECKSUM = re.compile(r"[0-9a-f]{32}  \S.*")
_GONE = frozenset(["not-installed", "config-files"])

Stanza = dict[str, str]


@reads("var/lib/dpkg/status")
def dpkg_status(raw: bytes, open_beside: Beside) -> Reading:
    """Every package that is installed; one that was removed and left its settings is not."""
    return _read(raw, open_beside, "../../../")


@reads("var/lib/dpkg/status.d/*", kind="dpkg status.d")
def dpkg_status_d(raw: bytes, open_beside: Beside) -> Reading:
    """One package of an image without dpkg; the lists of checksums beside them hold none."""
    text = decoded(raw)
    if all(_CHECKSUM.fullmatch(line) for line in text.split("\n") if line):
        return Reading(kind="dpkg status.d", packages=())
    return _read(raw, open_beside, "../../../../")


def _read(raw: bytes, open_beside: Beside, up: str) -> Reading:
    ecosystem, wrong = release_beside(open_beside, up, "Debian")
    found: dict[tuple[str, str], Package] = {}
    for line, stanza in stanzas(decoded(raw)):
        if not _GONE & set(stanza.get("status", "").split()[-1:]):
            package = _package(ecosystem, line, stanza)
            found.setdefault((package.name, package.version or ""), package)
    if not found:
        raise UnreadableError("it names no package that is installed")
    return Reading(kind="var/lib/dpkg/status", packages=tuple(found.values()), incomplete=wrong)


def stanzas(text: str) -> Iterator[tuple[int, Stanza]]:
    """Each paragraph of fields with its first line; names of fields are in lower case, further lines of a field are left out."""
    stanza: Stanza = {}
    begun = 1
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if not line.strip():
            if stanza:
                yield begun, stanza
            stanza = {}
        elif not line.startswith((" ", "\t")):
            key, colon, value = line.partition(":")
            if not colon:
                raise UnreadableError(f'line {number}: "{shown(line)}" is no field')
            begun = begun if stanza else number
            stanza[key.lower()] = value.strip()


def _package(ecosystem: str, line: int, stanza: Stanza) -> Package:
    name, version = stanza.get("package"), stanza.get("version")
    if not name or not version:
        raise UnreadableError(f"line {line}: a package without a name or a version")
    source = _SOURCE.fullmatch(stanza.get("source", name))
    if source is None:
        raise UnreadableError(f'line {line}: the source "{shown(stanza.get("source", name))}" cannot be read')
    return Package(
        ecosystem,
        name,
        version,
        scope=Scope.PRODUCTION,
        source_name=source[1],
        source_version=source[2] or version,
        line=line,
    )
