"""CycloneDX, as JSON or XML: components however deep they are nested, forks with what they are forks of."""

from collections.abc import Iterator
from typing import Any

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.sbom import Component, Sbom, joined, system_of
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.lockfiles.typed_values import Table, rows, table, tables, text_of
from upkeep.formats.package import Reading, Scope
from upkeep.formats.plain_xml import Element

_ALWAYS = frozenset(["library", "framework"])
_SCOPES = {"required": Scope.PRODUCTION, "excluded": Scope.DEVELOPMENT}
_FOR_DEVELOPMENT = frozenset(["cdx:npm:package:development", "cdx:pnpm:package:development", "cdx:poetry:group"])


def is_cyclonedx(document: Table) -> bool:
    """Whether a JSON document is one."""
    return document.get("bomFormat") == "CycloneDX"


def cyclonedx(document: Table) -> Reading:
    """What a JSON document says."""
    sbom = Sbom("CycloneDX")
    about = table(table(document.get("metadata"), "metadata").get("component"), "metadata.component")
    if ref := about.get("bom-ref"):
        sbom.roots.append(text_of(ref, "a bom-ref"))
    for component in _nested([*tables(document.get("components"), "components"), *tables(about.get("components"), "components")]):
        _take(sbom, component)
    for edge in tables(document.get("dependencies"), "dependencies"):
        needed = rows(edge.get("dependsOn"), "dependsOn")
        sbom.needs.setdefault(text_of(edge.get("ref"), "a ref"), []).extend(text_of(each, "dependsOn") for each in needed)
    return sbom.reading()


def _nested(components: list[Table]) -> Iterator[Table]:
    waiting = list(reversed(components))
    while waiting:
        component = waiting.pop()
        yield component
        waiting += reversed(tables(component.get("components"), "components"))


def _take(sbom: Sbom, component: Table) -> None:
    name, kind = text_of(component.get("name"), "the name of a component"), str(component.get("type", "library"))
    full = f"{component['group']}/{name}" if component.get("group") else name
    version = str(component["version"]) if component.get("version") else None
    if kind == "operating-system":
        sbom.system = system_of(name, version)
    purl = component.get("purl") or None
    if purl is None and kind not in _ALWAYS:
        return
    ref = str(component.get("bom-ref") or purl or full)
    licence, scope = _licence(component), _scope(component)
    sbom.components.append(Component(ref, full, purl, version, licence, scope, matters=ref not in sbom.roots))
    for ancestor in tables(table(component.get("pedigree"), "pedigree").get("ancestors"), "ancestors"):
        if ancestor.get("purl"):
            sbom.components.append(Component(ref, str(ancestor.get("name")), str(ancestor["purl"]), None, None, scope, full))


def _scope(component: Table) -> Scope:
    marks = {str(each.get("name")): str(each.get("value")) for each in tables(component.get("properties"), "properties")}
    if any(marks.get(name) in {"true", "dev"} for name in _FOR_DEVELOPMENT):
        return Scope.DEVELOPMENT
    return _SCOPES.get(str(component.get("scope")), Scope.UNKNOWN)


def _licence(component: Table) -> str | None:
    """Every licence that is named, which all hold; an expression as it stands, wherever it stands."""
    found = []
    for entry in tables(component.get("licenses"), "licenses"):
        licence = table(entry.get("license"), "license")
        found.append(str(entry.get("expression") or licence.get("id") or licence.get("name") or ""))
    return joined(found, "AND")


def cyclonedx_xml(root: Element) -> Reading:
    """What an XML document says: it is put into the form of a JSON document first."""
    if root.name != "bom":
        raise UnreadableError(f'its root is "{shown(root.name)}": this is no CycloneDX')
    about = root.first("metadata", "component")
    edges = [
        {"ref": each.attributes.get("ref"), "dependsOn": [need.attributes.get("ref") for need in each.every("dependency")]}
        for each in root.every("dependencies", "dependency")
    ]
    return cyclonedx(
        {
            "metadata": {"component": _component(about)} if about else {},
            "components": [_component(each) for each in root.every("components", "component")],
            "dependencies": edges,
        }
    )


def _component(element: Element) -> dict[str, Any]:
    texts = {name: element.text_at(name) for name in ("group", "name", "version", "purl", "scope")}
    return {
        **{name: text for name, text in texts.items() if text},
        "type": element.attributes.get("type", "library"),
        "bom-ref": element.attributes.get("bom-ref"),
        "licenses": [*_licences(element)],
        "properties": [{"name": p.attributes.get("name"), "value": p.text} for p in element.every("properties", "property")],
        "components": [_component(each) for each in element.every("components", "component")],
        "pedigree": {"ancestors": [_component(each) for each in element.every("pedigree", "ancestors", "component")]},
    }


def _licences(element: Element) -> Iterator[dict[str, Any]]:
    for block in element.every("licenses"):
        for each in block.children:
            if each.name == "expression":
                yield {"expression": each.text}
            else:
                yield {"license": {"id": each.text_at("id"), "name": each.text_at("name")}}
