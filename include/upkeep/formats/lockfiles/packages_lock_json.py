"""
packages.lock.json of NuGet: packages for each framework of a project.

A package that several frameworks have in one version is one, and which they are stands in its marker unless all have it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from upkeep.formats.lockfiles.dependency_graph import chains
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.lockfiles.typed_values import Table, json_object, table, text_of
from upkeep.formats.package import Origin, Package, Reading

ECOSYSTEM = "NuGet"
_DIRECT = "direct"
_PROJECT = "project"
_TYPES = frozenset([_DIRECT, _PROJECT, "transitive", "centraltransitive"])


@dataclass(slots=True)
class _Found:
    """One package in one version, over all frameworks."""

    name: str
    version: str | None
    project: bool
    direct: bool = False
    path: tuple[str, ...] = ()
    frameworks: list[str] = field(default_factory=list)


@reads("packages.lock.json")
def packages_lock_json(raw: bytes, _open_beside: Beside) -> Reading:
    """Every package of every framework; names keep their spelling, and are one whatever their case."""
    document = json_object(raw)
    if "dependencies" not in document:
        raise UnreadableError('it has no "dependencies": this is no packages.lock.json')
    frameworks = {name: table(entries, name) for name, entries in table(document["dependencies"], "dependencies").items()}
    found: dict[tuple[str, str | None], _Found] = {}
    for framework, entries in frameworks.items():
        for each, chain in _of_framework(entries):
            known = found.setdefault((each.name.lower(), each.version), each)
            known.frameworks.append(framework)
            known.direct |= each.direct
            known.path = min((path for path in (known.path, chain) if path), key=len, default=())
    return Reading(kind="packages.lock.json", packages=tuple(_package(each, len(frameworks)) for each in found.values()))


def _of_framework(entries: Table) -> Iterator[tuple[_Found, tuple[str, ...]]]:
    found = {name.lower(): (name, table(entry, name)) for name, entry in entries.items()}
    kinds = {key: _kind(name, entry) for key, (name, entry) in found.items()}
    needs = {key: [need.lower() for need in table(entry.get("dependencies"), name)] for key, (name, entry) in found.items()}
    paths = chains([key for key, kind in kinds.items() if kind in {_DIRECT, _PROJECT}], needs)
    for key, (name, entry) in found.items():
        project = kinds[key] == _PROJECT
        version = None if project else text_of(entry.get("resolved"), f"the version of {shown(name)}")
        chain = tuple(found[each][0] if each in found else each for each in paths.get(key, ()))
        yield _Found(name, version, project, direct=kinds[key] == _DIRECT), chain


def _kind(name: str, entry: Table) -> str:
    kind = text_of(entry.get("type"), f"the type of {shown(name)}").lower()
    if kind not in _TYPES:
        raise UnreadableError(f'{shown(name)} is of a type that is not known: "{shown(kind)}"')
    return kind


def _package(found: _Found, frameworks: int) -> Package:
    return Package(
        ECOSYSTEM,
        found.name,
        found.version,
        direct=found.direct or found.project,
        path=found.path,
        origin=Origin.PATH if found.project else Origin.REGISTRY,
        marker=None if len(found.frameworks) == frameworks else ", ".join(sorted(found.frameworks)),
    )
