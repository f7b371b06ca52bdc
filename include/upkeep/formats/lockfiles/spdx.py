"""SPDX 2, as JSON, tag-value or RDF/XML: each becomes the form of the JSON document, which is read here."""

from collections.abc import Iterator

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.sbom import Component, Sbom, licence_text, system_of
from upkeep.formats.lockfiles.typed_values import Table, rows, tables, text_of
from upkeep.formats.package import Reading, Scope

_ON = frozenset(["DEPENDS_ON"])
_OF = frozenset(
    ["DEPENDENCY_OF", "RUNTIME_DEPENDENCY_OF", "OPTIONAL_DEPENDENCY_OF", "PROVIDED_DEPENDENCY_OF", "PREREQUISITE_FOR"]
)
_FOR_DEVELOPMENT = frozenset(
    ["DEV_DEPENDENCY_OF", "BUILD_DEPENDENCY_OF", "TEST_DEPENDENCY_OF", "DEV_TOOL_OF", "BUILD_TOOL_OF", "TEST_TOOL_OF"]
)
_NO_PACKAGES = frozenset(["FILE", "OPERATING-SYSTEM", "OPERATING_SYSTEM", "CONTAINER", "SOURCE", "ARCHIVE", "DEVICE", "INSTALL"])


def is_spdx(document: Table) -> bool:
    """Whether a JSON document is SPDX of version 2."""
    return str(document.get("spdxVersion", "")).startswith("SPDX-2.")


def spdx(document: Table) -> Reading:
    """What a JSON document says."""
    sbom, scopes = Sbom("SPDX"), dict[str, Scope]()
    sbom.roots += [text_of(each, "documentDescribes") for each in rows(document.get("documentDescribes"), "documentDescribes")]
    for edge in tables(document.get("relationships"), "relationships"):
        _relate(
            sbom, scopes, *(text_of(edge.get(key), key) for key in ("spdxElementId", "relationshipType", "relatedSpdxElement"))
        )
    for package in tables(document.get("packages"), "packages"):
        _take(sbom, scopes, package)
    if not document.get("packages") and not sbom.roots:
        raise UnreadableError("it describes nothing and has no packages")
    return sbom.reading()


def _relate(sbom: Sbom, scopes: dict[str, Scope], one: str, kind: str, other: str) -> None:
    if kind == "DESCRIBES":
        sbom.roots.append(other)
    elif kind == "DESCRIBED_BY":
        sbom.roots.append(one)
    elif kind in _ON:
        sbom.needs.setdefault(one, []).append(other)
        scopes[other] = Scope.PRODUCTION
    elif kind in _OF:
        sbom.needs.setdefault(other, []).append(one)
        scopes[one] = Scope.PRODUCTION
    elif kind in _FOR_DEVELOPMENT:
        sbom.needs.setdefault(other, []).append(one)
        scopes.setdefault(one, Scope.DEVELOPMENT)


def _take(sbom: Sbom, scopes: dict[str, Scope], package: Table) -> None:
    name, ref = text_of(package.get("name"), "the name of a package"), str(package.get("SPDXID", ""))
    version = licence_text(package.get("versionInfo"))
    purpose = str(package.get("primaryPackagePurpose", ""))
    if purpose.startswith("OPERATING"):
        sbom.system = system_of(name, version)
    licence = licence_text(package.get("licenseConcluded")) or licence_text(package.get("licenseDeclared"))
    matters = purpose not in _NO_PACKAGES and ref not in sbom.roots
    scope = scopes.get(ref, Scope.UNKNOWN)
    for purl in [*_purls(package)] or (None,):
        sbom.components.append(Component(ref, name, purl, version, licence, scope, matters=matters))


def _purls(package: Table) -> Iterator[str]:
    for reference in tables(package.get("externalRefs"), "externalRefs"):
        if reference.get("referenceType") == "purl":
            yield text_of(reference.get("referenceLocator"), "a purl")
