"""SPDX 2 as RDF/XML, as SPDX's own tools write it: packages and relations, wherever they stand in the tree."""

from collections.abc import Iterator
from typing import Any

from upkeep.formats.lockfiles.sbom import joined
from upkeep.formats.plain_xml import Element

_SETS = {"DisjunctiveLicenseSet": "OR", "ConjunctiveLicenseSet": "AND"}


def rdf_document(root: Element) -> dict[str, Any]:
    """The document in the form of the JSON one."""
    packages: dict[str, dict[str, Any]] = {}
    relationships: list[dict[str, str]] = []
    for element in _every(root):
        if element.name == "Package":
            package = _package(element)
            packages[package["SPDXID"] or str(len(packages))] = package
        relationships += [_relation(_about(element), each) for each in element.every("relationship", "Relationship")]
    return {"spdxVersion": "SPDX-2.3", "packages": list(packages.values()), "relationships": relationships}


def _every(root: Element) -> Iterator[Element]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += reversed(element.children)


def _package(element: Element) -> dict[str, Any]:
    return {
        "name": element.text_at("name"),
        "SPDXID": _about(element),
        "versionInfo": element.text_at("versionInfo"),
        "licenseConcluded": _licence(element, "licenseConcluded"),
        "licenseDeclared": _licence(element, "licenseDeclared"),
        "primaryPackagePurpose": _last(_resource(element, "primaryPackagePurpose"), "_").upper(),
        "externalRefs": [
            {"referenceType": _last(_resource(each, "referenceType"), "/"), "referenceLocator": each.text_at("referenceLocator")}
            for each in element.every("externalRef", "ExternalRef")
        ],
    }


def _relation(one: str, relation: Element) -> dict[str, str]:
    kind = _last(_resource(relation, "relationshipType"), "relationshipType_")
    name = "".join(f"_{letter}" if letter.isupper() else letter for letter in kind)
    related = relation.first("relatedSpdxElement")
    inside = related.children[0] if related and related.children else None
    other = _about(inside) if inside else _resource(relation, "relatedSpdxElement")
    return {"spdxElementId": one, "relationshipType": name.upper(), "relatedSpdxElement": other}


def _licence(element: Element, name: str) -> str | None:
    found = element.first(name)
    if found is None:
        return None
    return _expression(found.children[0]) if found.children else _identifier(found.attributes.get("resource") or found.text)


def _expression(element: Element) -> str | None:
    if element.name in _SETS:
        members = [
            _expression(m.children[0]) if m.children else _identifier(m.attributes.get("resource", ""))
            for m in element.every("member")
        ]
        return joined([member for member in members if member], _SETS[element.name])
    return element.text_at("licenseId") or _identifier(_about(element))


def _identifier(address: str) -> str | None:
    """The end of an address of a licence; "noassertion" and "none" are the words of SPDX."""
    word = _last(_last(address, "#"), "/")
    return None if word in {"noassertion", "none", ""} else word


def _about(element: Element) -> str:
    return element.attributes.get("about") or element.attributes.get("ID") or element.attributes.get("nodeID") or ""


def _resource(element: Element, name: str) -> str:
    found = element.first(name)
    return (found.attributes.get("resource") or found.text) if found else ""


def _last(text: str, separator: str) -> str:
    return text.rpartition(separator)[2]
