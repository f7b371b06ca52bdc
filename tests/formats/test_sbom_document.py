"""The document of a repository: valid by its schema, the same for the same packages, read back as it was."""

import json
from datetime import UTC, datetime

from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Origin, Package, Scope
from upkeep.formats.sbom_document import Part, faults_of, sbom_document

AT = datetime(2026, 10, 1, tzinfo=UTC)
PARTS = [
    Part(Package("PyPI", "django", "4.2", direct=True, path=("django",), scope=Scope.PRODUCTION), "BSD-3-Clause"),
    Part(Package("PyPI", "sqlparse", "0.4.4", direct=False, path=("django", "sqlparse"), scope=Scope.PRODUCTION), None, "BSD"),
    Part(
        Package("npm", "@types/node", "20.1.0", direct=True, path=("@types/node",), scope=Scope.DEVELOPMENT), "MIT OR Apache-2.0"
    ),
    Part(Package("Go", "a.b/c", None, direct=True, origin=Origin.PATH)),
    Part(Package("PyPI", "fork", None, direct=True, origin=Origin.GIT, commit="0123abc")),
    Part(Package("Debian:12", "openssl", "3.0.11-1", scope=Scope.PRODUCTION), "OpenSSL WITH x11vnc-openssl-exception"),
    Part(Package("PyPI", "<script>", "1'; drop table", scope=Scope.PRODUCTION)),
]


def test_it_is_valid_and_says_what_is_known() -> None:
    text = sbom_document("shop", "0" * 40, AT, PARTS)
    assert faults_of(text) == ()
    document = json.loads(text)
    assert (document["specVersion"], document["metadata"]["timestamp"]) == ("1.6", "2026-10-01T00:00:00+00:00")
    found = {component["name"]: component for component in document["components"]}
    assert found["django"]["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert found["sqlparse"]["licenses"] == [{"license": {"name": "BSD"}}]
    assert found["@types/node"]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert (found["django"]["scope"], found["@types/node"]["scope"]) == ("required", "excluded")
    assert "purl" not in found["fork"]
    needs = {edge["ref"]: edge.get("dependsOn", []) for edge in document["dependencies"]}
    assert needs["pkg:pypi/django@4.2"] == ["pkg:pypi/sqlparse@0.4.4"]
    assert "pkg:pypi/django@4.2" in needs["repository"]


def test_it_is_the_same_for_the_same_packages_in_any_order() -> None:
    text = sbom_document("shop", None, AT, PARTS)
    assert sbom_document("shop", None, AT, PARTS[::-1]) == text
    assert sbom_document("shop", None, AT, PARTS[:3]) != text


def test_one_that_two_files_name_is_in_it_once_and_for_production() -> None:
    development = Part(Package("PyPI", "django", "4.2", scope=Scope.DEVELOPMENT))
    document = json.loads(sbom_document("shop", None, AT, [development, PARTS[0], development]))
    assert [component["scope"] for component in document["components"]] == ["required"]


def test_our_own_reader_reads_it_back() -> None:
    found = read("x.cdx.json", sbom_document("shop", None, AT, PARTS[:3]).encode(), lambda _: None)
    assert [(p.ecosystem, p.name, p.version, p.direct, p.path) for p in sorted(found.packages, key=lambda p: p.name)] == [
        ("npm", "@types/node", "20.1.0", True, ("@types/node",)),
        ("PyPI", "django", "4.2", True, ("django",)),
        ("PyPI", "sqlparse", "0.4.4", False, ("django", "sqlparse")),
    ]


def test_what_is_invalid_is_said() -> None:
    assert faults_of('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "a"}]}')
