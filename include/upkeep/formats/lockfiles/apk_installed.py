"""The package database of Alpine and its kin: lib/apk/db/installed. Advisories are filed under the origin of a package."""

from collections.abc import Iterator

from upkeep.formats.lockfiles.installed import release_beside, root_beside
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Package, Reading, Scope

KIND = "lib/apk/db/installed"

Entry = dict[str, str]


@reads("lib/apk/db/installed", kind=KIND)
def apk_installed(raw: bytes, open_beside: Beside) -> Reading:
    """Every package that is installed, with the origin that it was built from, and its licence."""
    ecosystem, wrong = release_beside(open_beside, root_beside(open_beside), "Alpine")
    packages = tuple(_package(ecosystem, line, entry) for line, entry in _entries(decoded(raw)))
    if not packages:
        raise UnreadableError("it names no package")
    return Reading(kind=KIND, packages=packages, incomplete=wrong)


def _entries(text: str) -> Iterator[tuple[int, Entry]]:
    """Each package with its first line. Single letters before a colon are fields; of files (F, R, …) the last one stays."""
    entry: Entry = {}
    begun = 1
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if not line.strip():
            if entry:
                yield begun, entry
            entry = {}
        elif line[1:2] == ":":
            begun = begun if entry else number
            entry[line[0]] = line[2:]
        else:
            raise UnreadableError(f'line {number}: "{shown(line)}" is no field')


def _package(ecosystem: str, line: int, entry: Entry) -> Package:
    name, version = entry.get("P"), entry.get("V")
    if not name or not version:
        raise UnreadableError(f"line {line}: a package without a name or a version")
    return Package(
        ecosystem,
        name,
        version,
        scope=Scope.PRODUCTION,
        source_name=entry.get("o") or name,
        source_version=version,
        licence=entry.get("L") or None,
        line=line,
    )
