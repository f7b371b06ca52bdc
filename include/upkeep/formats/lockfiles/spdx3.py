"""SPDX 3 as JSON-LD: a graph of elements that point to each other by name."""

from collections.abc import Iterator, Mapping

from upkeep.formats.lockfiles.sbom import Component, Sbom, licence_text, system_of
from upkeep.formats.lockfiles.typed_values import Table, rows, tables, text_of
from upkeep.formats.package import Reading, Scope

_FOR_DEVELOPMENT = frozenset(["development", "test", "build"])
_LICENCES = ("hasConcludedLicense", "hasDeclaredLicense")
_NO_PACKAGES = frozenset(["file", "operatingSystem", "container", "source", "archive", "device"])


def is_spdx3(document: Table) -> bool:
    """Whether a JSON document is one."""
    return "@graph" in document and "spdx" in str(document.get("@context", "")).lower()


def spdx3(document: Table) -> Reading:
    """What a document says."""
    graph = tables(document["@graph"], "@graph")
    elements = {str(each.get("spdxId") or each.get("@id") or number): each for number, each in enumerate(graph)}
    sbom, scopes, licences = Sbom("SPDX"), dict[str, Scope](), dict[str, str]()
    for each in elements.values():
        if str(each.get("type")).endswith("Relationship"):
            _relate(sbom, scopes, licences, elements, each)
        elif each.get("type") in ("software_Sbom", "SpdxDocument"):
            sbom.roots += [text_of(root, "rootElement") for root in rows(each.get("rootElement"), "rootElement")]
    for ref, each in elements.items():
        if each.get("type") == "software_Package":
            _take(sbom, ref, each, licences.get(ref), scopes.get(ref, Scope.UNKNOWN))
    return sbom.reading()


def _relate(
    sbom: Sbom, scopes: dict[str, Scope], licences: dict[str, str], elements: Mapping[str, Table], relation: Table
) -> None:
    one, kind = text_of(relation.get("from"), "from"), str(relation.get("relationshipType"))
    for other in (text_of(each, "to") for each in rows(relation.get("to"), "to")):
        if kind == "dependsOn":
            sbom.needs.setdefault(one, []).append(other)
            development = str(relation.get("scope")) in _FOR_DEVELOPMENT
            scopes[other] = scopes.get(other, Scope.DEVELOPMENT) if development else Scope.PRODUCTION
        elif kind == "describes":
            sbom.roots.append(other)
        elif kind in _LICENCES and (told := _expression(elements.get(other, {}), other)):
            licences[one] = told if kind == _LICENCES[0] else licences.get(one, told)


def _expression(element: Table, ref: str) -> str | None:
    return licence_text(element.get("simplelicensing_licenseExpression") or element.get("name") or ref.rpartition("/")[2])


def _take(sbom: Sbom, ref: str, package: Table, licence: str | None, scope: Scope) -> None:
    name, version = text_of(package.get("name"), "the name of a package"), licence_text(package.get("software_packageVersion"))
    purpose = str(package.get("software_primaryPurpose"))
    if purpose == "operatingSystem":
        sbom.system = system_of(name, version)
    matters = purpose not in _NO_PACKAGES and ref not in sbom.roots
    for purl in [*dict.fromkeys(_purls(package))] or (None,):
        sbom.components.append(Component(ref, name, purl, version, licence, scope, matters=matters))


def _purls(package: Table) -> Iterator[str]:
    if package.get("software_packageUrl"):
        yield text_of(package["software_packageUrl"], "a purl")
    for each in tables(package.get("externalIdentifier"), "externalIdentifier"):
        if str(each.get("externalIdentifierType")).lower() == "packageurl":
            yield text_of(each.get("identifier"), "a purl")
