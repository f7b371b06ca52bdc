"""SBOMs: CycloneDX and SPDX in each of their forms give the same packages."""

import json
from typing import Any

import pytest

from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Package, Reading, Scope


def reading(path: str, document: object) -> Reading:
    raw = (
        document
        if isinstance(document, bytes)
        else document.encode()
        if isinstance(document, str)
        else json.dumps(document).encode()
    )
    return read(path, raw, lambda _: None)


def components(*found: Any, **more: Any) -> Reading:
    return reading("app.cdx.json", {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(found), **more})


def only(**component: Any) -> Package:
    found = components({"type": "library", "name": "a", "purl": "pkg:npm/a@1.0.0"} | component)
    assert (found.incomplete, len(found.packages)) == ((), 1)
    return found.packages[0]


def test_nested_components_are_read() -> None:
    deep = {"type": "library", "name": "c", "purl": "pkg:npm/c@1"}
    inner = {"type": "file", "name": "b", "components": [deep]}
    found = components({"type": "library", "name": "a", "purl": "pkg:npm/a@1", "components": [inner]})
    assert [p.name for p in found.packages] == ["a", "c"]
    about = {"metadata": {"component": {"name": "app", "type": "application", "components": [deep]}}}
    assert [p.name for p in components(**about).packages] == ["c"]


def test_direct_ones_and_through_whom() -> None:
    found = components(
        {"type": "library", "name": "a", "bom-ref": "1", "purl": "pkg:npm/a@1"},
        {"type": "library", "name": "b", "bom-ref": "2", "purl": "pkg:npm/b@1"},
        {"type": "application", "name": "package-lock.json", "bom-ref": "lock"},
        metadata={"component": {"type": "application", "name": "app", "bom-ref": "root"}},
        dependencies=[
            {"ref": "root", "dependsOn": ["lock"]},
            {"ref": "lock", "dependsOn": ["1", "lock"]},
            {"ref": "1", "dependsOn": ["2"]},
            {"ref": "2"},
        ],
    )
    assert [(p.name, p.direct, p.path) for p in found.packages] == [("a", True, ("a",)), ("b", False, ("a", "b"))]
    assert only().direct is None


@pytest.mark.parametrize(
    ("component", "scope"),
    [
        ({"scope": "required"}, Scope.PRODUCTION),
        ({"scope": "optional"}, Scope.UNKNOWN),
        ({"scope": "excluded"}, Scope.DEVELOPMENT),
        ({"scope": "optional", "properties": [{"name": "cdx:npm:package:development", "value": "true"}]}, Scope.DEVELOPMENT),
        ({}, Scope.UNKNOWN),
    ],
)
def test_scopes(component: dict[str, Any], scope: Scope) -> None:
    assert only(**component).scope is scope


@pytest.mark.parametrize(
    ("licences", "licence"),
    [
        ([{"license": {"id": "MIT"}}], "MIT"),
        ([{"expression": "MIT OR Apache-2.0"}], "MIT OR Apache-2.0"),
        ([{"license": {"name": "MIT OR GPL-2.0-only"}}], "MIT OR GPL-2.0-only"),
        ([{"license": {"id": "MIT"}}, {"license": {"name": "BSD OR ISC"}}], "MIT AND (BSD OR ISC)"),
        ([], None),
        ([{"license": {"name": "NOASSERTION"}}], None),
    ],
)
def test_licences(licences: list[Any], licence: str | None) -> None:
    assert only(licenses=licences).licence == licence


def test_a_fork_is_looked_at_as_what_it_was_forked_of() -> None:
    ancestor = {"type": "library", "name": "lodash", "purl": "pkg:npm/lodash@4.17.20"}
    found = components(
        {"type": "library", "name": "our-lodash", "purl": "pkg:npm/our-lodash@1", "pedigree": {"ancestors": [ancestor]}}
    )
    assert [(p.name, p.version, p.alias) for p in found.packages] == [
        ("our-lodash", "1", None),
        ("lodash", "4.17.20", "our-lodash"),
    ]


def test_the_release_of_an_image() -> None:
    found = components(
        {"type": "library", "name": "openssl", "purl": "pkg:deb/debian/openssl@3.0.11"},
        {"type": "operating-system", "name": "debian", "version": "12.4"},
    )
    assert ([p.ecosystem for p in found.packages], found.incomplete) == (["Debian:12"], ())
    without = components({"type": "library", "name": "openssl", "purl": "pkg:deb/debian/openssl@3.0.11"})
    assert "1 of Debian do not say of which release they are" in without.incomplete[0]


def test_one_that_stands_twice_is_production_when_one_is() -> None:
    entry = {"type": "library", "name": "a", "purl": "pkg:npm/a@1"}
    found = components({**entry, "scope": "excluded"}, {**entry, "scope": "required"})
    assert [p.scope for p in found.packages] == [Scope.PRODUCTION]


def test_a_library_without_a_purl_is_a_gap_and_a_file_is_none() -> None:
    found = components(
        {"type": "library", "name": "zlib", "version": "1.2"}, {"type": "file", "name": "x"}, {"type": "container", "name": "y"}
    )
    assert (found.packages, found.incomplete) == ((), ("zlib 1.2 has no purl: of which ecosystem it is cannot be known",))
    assert '"nonsense" of a is no purl' in components({"type": "library", "name": "a", "purl": "nonsense"}).incomplete[0]


def test_what_it_is_about_needs_no_purl_where_it_is_listed_too() -> None:
    about = {"type": "library", "name": "pip", "bom-ref": "pip"}
    assert components(about, metadata={"component": about}).incomplete == ()


XML = """<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
 <metadata><component type="application" bom-ref="root"><name>app</name></component></metadata>
 <components>
  <component type="library" bom-ref="1"><group>@acme</group><name>a</name><version>1.0.0</version><scope>required</scope>
   <licenses><license><id>MIT</id></license></licenses><purl>pkg:npm/%40acme/a@1.0.0</purl>
   <components><component type="library" bom-ref="2"><name>b</name><version>2.0.0</version>
    <licenses><expression>GPL-2.0-only WITH Classpath-exception-2.0</expression></licenses>
    <purl>pkg:npm/b@2.0.0</purl></component>
   </components>
  </component>
 </components>
 <dependencies><dependency ref="root"><dependency ref="1"/></dependency>
  <dependency ref="1"><dependency ref="2"/></dependency></dependencies>
</bom>
"""


def test_cyclonedx_as_xml() -> None:
    found = reading("bom.xml", XML)
    assert found.incomplete == ()
    assert [(p.name, p.version, p.direct, p.path, p.licence) for p in found.packages] == [
        ("@acme/a", "1.0.0", True, ("@acme/a",), "MIT"),
        ("b", "2.0.0", False, ("@acme/a", "b"), "GPL-2.0-only WITH Classpath-exception-2.0"),
    ]


SPDX = {
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {"name": "app", "SPDXID": "SPDXRef-app"},
        {
            "name": "a",
            "SPDXID": "SPDXRef-a",
            "versionInfo": "1.0.0",
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "MIT",
            "externalRefs": [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/a@1.0.0"}
            ],
        },
        {
            "name": "b",
            "SPDXID": "SPDXRef-b",
            "licenseConcluded": "MIT OR Apache-2.0",
            "externalRefs": [
                {"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/b@2"}
            ],
        },
    ],
    "relationships": [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
        {"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-a"},
        {"spdxElementId": "SPDXRef-b", "relationshipType": "DEV_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-a"},
    ],
}

TAGS = """SPDXVersion: SPDX-2.3
# a comment
DocumentName: app
DocumentComment: <text>of
two lines</text>

PackageName: app
SPDXID: SPDXRef-app
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
PackageName: a
SPDXID: SPDXRef-a
PackageVersion: 1.0.0
PackageLicenseConcluded: NOASSERTION
PackageLicenseDeclared: <text>MIT</text>
ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1.0.0
PackageName: b
SPDXID: SPDXRef-b
PackageLicenseConcluded: MIT OR Apache-2.0
ExternalRef: PACKAGE-MANAGER purl pkg:npm/b@2
FileName: ./x.js
SPDXID: SPDXRef-file
Relationship: SPDXRef-app DEPENDS_ON SPDXRef-a
Relationship: SPDXRef-b DEV_DEPENDENCY_OF SPDXRef-a
"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:spdx="http://spdx.org/rdf/terms#">
<spdx:SpdxDocument rdf:about="http://x#SPDXRef-DOCUMENT"><spdx:relationship><spdx:Relationship>
 <spdx:relationshipType rdf:resource="http://spdx.org/rdf/terms#relationshipType_describes"/>
 <spdx:relatedSpdxElement><spdx:Package rdf:about="http://x#SPDXRef-app"><spdx:name>app</spdx:name>
  <spdx:relationship><spdx:Relationship>
   <spdx:relationshipType rdf:resource="http://spdx.org/rdf/terms#relationshipType_dependsOn"/>
   <spdx:relatedSpdxElement rdf:resource="http://x#SPDXRef-a"/></spdx:Relationship></spdx:relationship>
 </spdx:Package></spdx:relatedSpdxElement></spdx:Relationship></spdx:relationship></spdx:SpdxDocument>
<spdx:Package rdf:about="http://x#SPDXRef-a"><spdx:name>a</spdx:name><spdx:versionInfo>1.0.0</spdx:versionInfo>
 <spdx:licenseConcluded rdf:resource="http://spdx.org/rdf/terms#noassertion"/>
 <spdx:licenseDeclared rdf:resource="http://spdx.org/licenses/MIT"/>
 <spdx:externalRef><spdx:ExternalRef><spdx:referenceType rdf:resource="http://spdx.org/rdf/references/purl"/>
  <spdx:referenceLocator>pkg:npm/a@1.0.0</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef></spdx:Package>
<spdx:Package rdf:about="http://x#SPDXRef-b"><spdx:name>b</spdx:name>
 <spdx:licenseConcluded><spdx:DisjunctiveLicenseSet><spdx:member rdf:resource="http://spdx.org/licenses/MIT"/>
  <spdx:member><spdx:ListedLicense rdf:about="http://spdx.org/licenses/Apache-2.0"/></spdx:member></spdx:DisjunctiveLicenseSet>
 </spdx:licenseConcluded>
 <spdx:externalRef><spdx:ExternalRef><spdx:referenceType rdf:resource="http://spdx.org/rdf/references/purl"/>
  <spdx:referenceLocator>pkg:npm/b@2</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef>
 <spdx:relationship><spdx:Relationship>
  <spdx:relationshipType rdf:resource="http://spdx.org/rdf/terms#relationshipType_devDependencyOf"/>
  <spdx:relatedSpdxElement rdf:resource="http://x#SPDXRef-a"/></spdx:Relationship></spdx:relationship></spdx:Package>
</rdf:RDF>
"""

SPDX3 = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        {"type": "software_Sbom", "spdxId": "urn:sbom", "rootElement": ["urn:app"]},
        {"type": "software_Package", "spdxId": "urn:app", "name": "app"},
        {"type": "software_Package", "spdxId": "urn:a", "name": "a",
         "software_packageVersion": "1.0.0", "software_packageUrl": "pkg:npm/a@1.0.0"},
        {
            "type": "software_Package",
            "spdxId": "urn:b",
            "name": "b",
            "externalIdentifier": [{"externalIdentifierType": "packageUrl", "identifier": "pkg:npm/b@2"}],
        },
        {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:mit", "simplelicensing_licenseExpression": "MIT"},
        {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:or",
         "simplelicensing_licenseExpression": "MIT OR Apache-2.0"},
        {"type": "Relationship", "from": "urn:a", "to": ["urn:mit"], "relationshipType": "hasDeclaredLicense"},
        {"type": "Relationship", "from": "urn:b", "to": ["urn:or"], "relationshipType": "hasConcludedLicense"},
        {"type": "LifecycleScopedRelationship", "from": "urn:app", "to": ["urn:a"],
         "relationshipType": "dependsOn", "scope": "runtime"},
        {"type": "LifecycleScopedRelationship", "from": "urn:a", "to": ["urn:b"],
         "relationshipType": "dependsOn", "scope": "test"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "document"),
    [("x.spdx.json", SPDX), ("sbom.json", SPDX), ("x.spdx", TAGS), ("x.spdx.rdf", RDF), ("x.spdx3.json", SPDX3)],
    ids=["json", "named sbom.json", "tags", "rdf", "3"],
)
def test_spdx_in_every_form(path: str, document: object) -> None:
    found = reading(path, document)
    assert found.incomplete == ()
    assert [(p.name, p.version, p.direct, p.path, p.scope, p.licence) for p in found.packages] == [
        ("a", "1.0.0", True, ("a",), Scope.PRODUCTION, "MIT"),
        ("b", "2", False, ("a", "b"), Scope.DEVELOPMENT, "MIT OR Apache-2.0"),
    ]


@pytest.mark.parametrize(
    ("path", "document", "message"),
    [
        ("x.cdx.json", {}, "neither CycloneDX nor SPDX"),
        ("x.cdx.json", {"bomFormat": "CycloneDX", "components": {}}, "components is no list"),
        ("x.cdx.json", {"bomFormat": "CycloneDX", "components": [{"type": "library"}]}, "the name of a component is no text"),
        ("x.spdx.json", {"spdxVersion": "SPDX-2.3"}, "it describes nothing"),
        ("x.spdx.json", {"spdxVersion": "SPDX-2.2", "packages": [{"SPDXID": "x"}]}, "the name of a package is no text"),
        ("x.spdx", "SPDXVersion: SPDX-2.3\nrubbish", 'line 2: "rubbish" is no tag'),
        ("x.spdx", "SPDXVersion: SPDX-2.3\nPackageName: a\nExternalRef: purl", "line 3: ExternalRef is made of 1"),
        ("x.spdx", "SPDXVersion: SPDX-2.3\nA: <text>b", "line 2: <text> has no end"),
        ("x.spdx", "PackageName: a", "this is no SPDX"),
        ("x.spdx.yaml", "a: b", "as YAML is not read"),
        ("bom.xml", "<project/>", 'its root is "project"'),
        ("bom.xml", "<!DOCTYPE bom [<!ENTITY a 'b'>]><bom/>", "has a document type"),
        ("bom.json", '{"bomFormat": "CycloneDX", "components": [' + '{"components": [' * 90_000, "nested too deep"),
    ],
)
def test_what_cannot_be_read_is_said(path: str, document: object, message: str) -> None:
    found = reading(path, document)
    assert (found.packages, message in " ".join(found.incomplete)) == ((), True)


def test_a_bom_json_of_something_else_is_left_out() -> None:
    assert reading("parts/bom.json", {"screws": 12}) == Reading("bom.json", (), (), ("it is neither CycloneDX nor SPDX",))


def test_the_documents_of_a_library_of_the_field() -> None:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.output.json import JsonV1Dot6
    from cyclonedx.output.xml import XmlV1Dot6
    from packageurl import PackageURL

    bom = Bom(components=[Component(name="django", version="4.2", bom_ref="1", purl=PackageURL("pypi", None, "Django", "4.2"))])
    for path, writer in (("x.cdx.json", JsonV1Dot6), ("x.cdx.xml", XmlV1Dot6)):
        found = reading(path, writer(bom).output_as_string())
        assert [(p.ecosystem, p.name, p.version) for p in found.packages] == [("PyPI", "django", "4.2")]
        assert found.incomplete == ()
