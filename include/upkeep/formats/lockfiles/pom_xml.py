"""
pom.xml: what a Maven project asks for itself. What that needs in turn stands in no pom.xml, so a reading is always incomplete.

Versions come from the file's own properties and dependencyManagement; one that a parent or an imported list manages is unknown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.package import Origin, Package, Reading, Scope
from upkeep.formats.plain_xml import Element, XmlError, xml_tree

ECOSYSTEM = "Maven"
ALWAYS = (
    "a pom.xml names direct dependencies only: what they need in turn is not known (a lockfile or an SBOM of the build says it)"
)
_PROPERTY = re.compile(r"\$\{\s*([^{}\s]+)\s*\}")
_EXACT = re.compile(r"\[\s*([^\[\](),\s]+)\s*\]")
_SCOPES = {"test": Scope.DEVELOPMENT}
_ROUNDS = 20
_LONGEST = 1000


@reads("pom.xml", "*.pom", kind="pom.xml")
def pom_xml(raw: bytes, _open_beside: Beside) -> Reading:
    """Direct dependencies, those of profiles with the profile as their marker."""
    try:
        project = xml_tree(raw)
    except XmlError as error:
        raise UnreadableError(str(error)) from None
    if project.name != "project":
        raise UnreadableError(f'its root is "{shown(project.name)}" and no project: this is no pom.xml')
    packages, wrong = [], []
    for part, known, profile in _parts(project):
        managed = _managed(project, known)
        for dependency in part.every("dependencies", "dependency"):
            found = _package(dependency, known, managed)
            if found is None:
                wrong.append(f"line {dependency.line}: a dependency without a group and an artifact that can be read")
            else:
                packages.append(replace(found, marker=profile))
    return Reading(kind="pom.xml", packages=tuple(packages), incomplete=(ALWAYS, *wrong))


def _parts(project: Element) -> Iterator[tuple[Element, Mapping[str, str], str | None]]:
    """The project and each of its profiles, with the properties that hold there."""
    own = _properties(project)
    yield project, own, None
    for profile in project.every("profiles", "profile"):
        known = own | {each.name: each.text for block in profile.every("properties") for each in block.children}
        yield profile, known, f"profile {profile.text_at('id') or 'default'}"


def _properties(project: Element) -> dict[str, str]:
    """What `${…}` may stand for in this file; what only Maven or a parent knows is not among it."""
    found = {each.name: each.text for block in project.every("properties") for each in block.children}
    for name in ("groupId", "artifactId", "version"):
        inherited = project.text_at(name) or (project.text_at("parent", name) if name != "artifactId" else None)
        if inherited:
            found |= {f"project.{name}": inherited, f"pom.{name}": inherited}
        if parent := project.text_at("parent", name):
            found[f"project.parent.{name}"] = parent
    return found


def _managed(project: Element, known: Mapping[str, str]) -> dict[tuple[str, str], Element]:
    every = project.every("dependencyManagement", "dependencies", "dependency")
    return {(_resolved(each.text_at("groupId"), known), _resolved(each.text_at("artifactId"), known)): each for each in every}


def _package(dependency: Element, known: Mapping[str, str], managed: Mapping[tuple[str, str], Element]) -> Package | None:
    group, artifact = (_resolved(dependency.text_at(name), known) for name in ("groupId", "artifactId"))
    if not group or not artifact or "${" in group + artifact:
        return None
    manager = managed.get((group, artifact))
    text = _declared("version", dependency, manager, known)
    scope = _declared("scope", dependency, manager, known) or "compile"
    exact = _EXACT.fullmatch(text)
    version = (
        exact[1] if exact else text if text and not set(text) & set("[](),$") and text not in {"LATEST", "RELEASE"} else None
    )
    return Package(
        ECOSYSTEM,
        f"{group}:{artifact}",
        version,
        direct=True,
        path=(f"{group}:{artifact}",),
        scope=_SCOPES.get(scope, Scope.PRODUCTION),
        origin=Origin.PATH if scope == "system" else Origin.REGISTRY,
        asked_for=None if version else text or "managed by the parent or an imported list",
        line=dependency.line,
    )


def _declared(name: str, dependency: Element, manager: Element | None, known: Mapping[str, str]) -> str:
    return _resolved(dependency.text_at(name) or (manager.text_at(name) if manager else None), known)


def _resolved(text: str | None, known: Mapping[str, str]) -> str:
    """The text with its properties put in; one that is not known, or stands for itself, stays as it is written."""
    found = text or ""
    for _ in range(_ROUNDS):
        filled = _PROPERTY.sub(lambda name: known.get(name[1], name[0]), found)
        if filled == found or len(filled) > _LONGEST:
            break
        found = filled
    return found
