"""VEX documents: what they say, and what counts for nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from upkeep.advisories.purls import named_by
from upkeep.advisories.vex import VexStatus
from upkeep.advisories.vex_documents import is_vex, read_vex

AT = datetime(2026, 6, 1, tzinfo=UTC)
NAMES = frozenset({"CVE-1", "GHSA-1"})
WHY = "vulnerable_code_not_in_execute_path"


def openvex(**statement: Any) -> bytes:
    """A document with one statement about CVE-1 in it 1.0."""
    values = {
        "vulnerability": {"name": "CVE-1"},
        "products": [{"@id": "pkg:pypi/it@1.0"}],
        "status": "not_affected",
        "justification": WHY,
        **statement,
    }
    return json.dumps(
        {"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026-05-01T00:00:00Z", "statements": [values]}
    ).encode()


def cyclonedx(analysis: dict[str, Any], ref: str = "ref-1") -> bytes:
    """A CycloneDX document about CVE-1 in it 1.0, nested in another component."""
    part = {"bom-ref": "ref-1", "name": "it", "purl": "pkg:pypi/it@1.0"}
    fault = {"id": "GHSA-1", "references": [{"id": "CVE-1"}], "analysis": analysis, "affects": [{"ref": ref}]}
    shell = {"bom-ref": "app", "name": "app", "components": [part]}
    return json.dumps({"bomFormat": "CycloneDX", "components": [shell], "vulnerabilities": [fault]}).encode()


def passes(data: bytes, version: str = "1.0", names: frozenset[str] = NAMES, at: datetime = AT) -> bool:
    """Whether the fault passes; no problem may hide."""
    found = read_vex([("shop.vex.json", data)])
    assert not found.problems, found.problems
    statement = found.of(names, "PyPI", "it", version, at)
    return statement is not None and statement.passes


def test_not_affected_with_a_justification_passes_by_any_name() -> None:
    assert passes(openvex())
    assert passes(openvex(vulnerability="GHSA-1"))
    assert passes(openvex(vulnerability={"name": "X", "aliases": ["GHSA-1"]}))
    assert passes(openvex(vulnerability={"@id": "https://osv.dev/vulnerability/GHSA-1"}))
    assert not passes(openvex(), names=frozenset({"CVE-2"}))


def test_words_that_say_why_are_enough() -> None:
    assert passes(openvex(justification=None, impact_statement="The parser is never called with foreign data."))


def test_it_is_for_the_version_that_it_names() -> None:
    assert not passes(openvex(), version="1.1")
    assert passes(openvex(products=[{"@id": "pkg:pypi/It"}]), version="1.1")
    assert not passes(openvex(products=[{"@id": "pkg:npm/it@1.0"}]))


def test_parts_of_products_count() -> None:
    parts = [{"@id": "pkg:oci/shop", "subcomponents": [{"identifiers": {"purl": "pkg:pypi/it@1.0"}}]}]
    assert passes(openvex(products=parts))


def test_other_statuses_do_not_pass() -> None:
    for status in ("affected", "fixed", "under_investigation"):
        assert not passes(openvex(status=status))


def test_what_was_said_later_was_not_said_then() -> None:
    assert not passes(openvex(), at=datetime(2026, 4, 30, tzinfo=UTC))


def test_the_newest_statement_counts() -> None:
    files = [("a.vex.json", openvex()), ("b.vex.json", openvex(status="affected", timestamp="2026-05-20T00:00:00Z"))]
    for order in (files, files[::-1]):
        statement = read_vex(order).of(NAMES, "PyPI", "it", "1.0", AT)
        assert statement
        assert statement.status is VexStatus.AFFECTED


def test_of_two_as_new_the_one_that_passes_less_counts() -> None:
    files = [("a.vex.json", openvex()), ("b.vex.json", openvex(status="affected"))]
    for order in (files, files[::-1]):
        statement = read_vex(order).of(NAMES, "PyPI", "it", "1.0", AT)
        assert statement
        assert not statement.passes


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ({"justification": None}, "needs a justification"),
        ({"justification": "we_think_so"}, "no justification"),
        ({"status": "ignored"}, "ignored"),
        ({"vulnerability": {}}, "names no vulnerability"),
        ({"products": []}, "names no package"),
        ({"products": [{"@id": "shop"}]}, "names no package"),
        ({"products": [{"@id": "pkg:"}]}, "counts for nothing"),
        ({"timestamp": "yesterday"}, "counts for nothing"),
    ],
)
def test_a_statement_that_is_not_whole_counts_for_nothing_and_is_named(statement: dict[str, Any], why: str) -> None:
    found = read_vex([("shop.vex.json", openvex(**statement))])
    assert not found.statements
    assert found.problems[0].startswith("shop.vex.json, statement 1")
    assert why in found.problems[0]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"[]", b"{}", b"\xff", b'{"@context": "https://openvex.dev/ns", "statements": 7}']
)
def test_a_file_that_is_none_is_named(data: bytes) -> None:
    found = read_vex([("x.vex.json", data), ("good.vex.json", openvex())])
    assert "x.vex.json" in found.problems[0]
    assert len(found.statements) == 1


@pytest.mark.parametrize(
    ("analysis", "expected"),
    [
        ({"state": "not_affected", "justification": "code_not_reachable"}, True),
        ({"state": "not_affected", "detail": "never called"}, True),
        ({"state": "false_positive", "detail": "another package of that name"}, True),
        ({"state": "exploitable"}, False),
        ({"state": "in_triage"}, False),
        ({"state": "resolved"}, False),
    ],
)
def test_cyclonedx_says_the_same(analysis: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a case
    assert passes(cyclonedx(analysis)) is expected
    assert passes(cyclonedx(analysis, "pkg:pypi/it@1.0")) is expected


@pytest.mark.parametrize("analysis", [{"state": "not_affected"}, {"state": "fine"}, {"state": "false_positive"},
                                      {"state": "not_affected", "justification": WHY}])  # fmt: skip
def test_cyclonedx_is_checked_too(analysis: dict[str, Any]) -> None:
    found = read_vex([("x.cdx.json", cyclonedx(analysis))])
    assert not found.statements
    assert len(found.problems) == 1


def test_an_sbom_without_faults_says_nothing() -> None:
    assert read_vex([("bom.json", b'{"bomFormat": "CycloneDX", "components": []}')]) == read_vex([])


def test_which_files_are_read() -> None:
    assert [is_vex(p) for p in ("a.vex.json", ".vex/shop.openvex.json", "x/VEX.json", "bom.json", "package.json", "vex.md")] == [
        True, True, True, True, False, False]  # fmt: skip


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        ("pkg:npm/%40types/node@1.0.0", ("npm", "@types/node", "1.0.0")),
        ("pkg:maven/org.apache/it@1", ("Maven", "org.apache:it", "1")),
        ("pkg:golang/github.com/x/y@v1.0.0", ("Go", "github.com/x/y", "1.0.0")),
        ("pkg:deb/debian/curl@7.88?distro=debian-12", ("Debian", "curl", "7.88")),
        ("pkg:pypi/Zope.Interface", ("PyPI", "zope-interface", None)),
        ("pkg:oci/shop", None),
    ],
)
def test_purls_name_packages(purl: str, expected: tuple[str, str, str | None] | None) -> None:
    found = named_by(purl)
    assert (found and (found.ecosystem, found.name, found.version)) == expected
