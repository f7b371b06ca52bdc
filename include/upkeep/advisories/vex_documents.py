"""OpenVEX and CycloneDX VEX documents, read and checked: a statement that is not whole counts for nothing, and is named."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from upkeep.advisories.purls import Named, named_by
from upkeep.advisories.vex import Statement, Vex, VexStatus

# What each of the two calls a justification, and CycloneDX its states.
_OPENVEX = frozenset(
    {
        "component_not_present",
        "vulnerable_code_not_present",
        "vulnerable_code_not_in_execute_path",
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "inline_mitigations_already_exist",
    }
)
_CYCLONEDX = frozenset(
    {
        "code_not_present",
        "code_not_reachable",
        "requires_configuration",
        "requires_dependency",
        "requires_environment",
        "protected_by_compiler",
        "protected_at_runtime",
        "protected_at_perimeter",
        "protected_by_mitigating_control",
    }
)
_STATES = {
    "not_affected": VexStatus.NOT_AFFECTED,
    "false_positive": VexStatus.NOT_AFFECTED,
    "exploitable": VexStatus.AFFECTED,
    "in_triage": VexStatus.UNDER_INVESTIGATION,
    "resolved": VexStatus.FIXED,
    "resolved_with_pedigree": VexStatus.FIXED,
}


def is_vex(path: str) -> bool:
    """Whether a file of a repository is read for statements."""
    name = path.rpartition("/")[2].lower()
    return name.endswith((".vex.json", ".openvex.json", ".cdx.json")) or name in {"vex.json", "openvex.json", "bom.json"}


def read_vex(files: Iterable[tuple[str, bytes]]) -> Vex:
    """Every statement of these files. What cannot be read is a problem that is named, and quiets nothing."""
    found: list[Statement | str] = []
    for file, data in files:
        try:
            found += _document(file, json.loads(data))
        except (ValueError, RecursionError, TypeError, AttributeError, KeyError) as error:
            found.append(f"{file} cannot be read: {type(error).__name__}: {error}"[:300])
    statements = tuple(one for one in found if isinstance(one, Statement))
    return Vex(statements, tuple(one for one in found if isinstance(one, str)))


def _document(file: str, document: Mapping[str, Any]) -> Iterator[Statement | str]:
    if str(document.get("@context", "")).startswith("https://openvex.dev/"):
        for number, entry in enumerate(document.get("statements") or (), 1):
            yield _checked(f"{file}, statement {number}", lambda where, entry=entry: _openvex(where, entry, document))
    elif document.get("bomFormat") == "CycloneDX":
        refs = dict(_references(document.get("components") or ()))
        for number, entry in enumerate(document.get("vulnerabilities") or (), 1):
            if entry.get("analysis"):
                yield _checked(f"{file}, vulnerability {number}", lambda where, entry=entry: _cyclonedx(where, entry, refs))
    elif not file.endswith("bom.json"):
        yield f"{file} is neither OpenVEX nor CycloneDX"


def _checked(where: str, read: Any) -> Statement | str:
    try:
        found: Statement = read(where)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return f"{where} counts for nothing: {error}"[:300]
    return found


def _openvex(where: str, entry: Mapping[str, Any], document: Mapping[str, Any]) -> Statement:
    fault = entry["vulnerability"]
    names = {fault} if isinstance(fault, str) else {fault.get("name"), fault.get("@id"), *(fault.get("aliases") or ())}
    status = VexStatus(entry["status"])
    reason = str(entry.get("justification") or entry.get("impact_statement") or "")
    if status is VexStatus.NOT_AFFECTED:
        _see_reason(entry.get("justification"), entry.get("impact_statement"), _OPENVEX)
    since = entry.get("timestamp") or document.get("timestamp")
    packages = _some(_products(entry.get("products") or ()))
    return Statement(where, _names(names), packages, status, reason, _moment(since))


def _cyclonedx(where: str, entry: Mapping[str, Any], refs: Mapping[str, str]) -> Statement:
    analysis = entry["analysis"]
    state = str(analysis.get("state") or "")
    if state not in _STATES:
        raise ValueError(f'"{state}" is no state of an analysis')
    if state == "not_affected":
        _see_reason(analysis.get("justification"), analysis.get("detail"), _CYCLONEDX)
    elif state == "false_positive" and not analysis.get("detail"):
        raise ValueError("false_positive needs a detail that says why")
    affected = [refs.get(str(one["ref"]), str(one["ref"])) for one in entry.get("affects") or ()]
    names = {entry.get("id"), *(reference.get("id") for reference in entry.get("references") or ())}
    reason = str(analysis.get("justification") or analysis.get("detail") or state)
    since = analysis.get("lastUpdated") or analysis.get("firstIssued")
    return Statement(where, _names(names), _some(_packages(affected)), _STATES[state], reason, _moment(since))


def _see_reason(justification: Any, statement: Any, known: frozenset[str]) -> None:
    if justification and justification not in known:
        raise ValueError(f'"{justification}" is no justification (one of {", ".join(sorted(known))})')
    if not justification and not statement:
        raise ValueError("not_affected needs a justification, or words that say why")


def _names(found: Iterable[Any]) -> frozenset[str]:
    names = frozenset(str(name).rpartition("/")[2] for name in found if name)
    if not names:
        raise ValueError("it names no vulnerability")
    return names


def _some(found: Iterable[Named]) -> tuple[Named, ...]:
    packages = tuple(found)
    if not packages:
        raise ValueError("it names no package by its purl")
    return packages


def _products(products: Iterable[Mapping[str, Any] | str]) -> Iterator[Named]:
    """Packages of products, and of the parts of products that are none themselves."""
    for product in products:
        parts = [product] if isinstance(product, str) else [product, *(product.get("subcomponents") or ())]
        yield from _packages(text for part in parts for text in _purls(part))


def _purls(part: Mapping[str, Any] | str) -> list[str]:
    if isinstance(part, str):
        return [part]
    return [str(text) for text in (part.get("@id"), (part.get("identifiers") or {}).get("purl")) if text]


def _packages(texts: Iterable[str]) -> Iterator[Named]:
    for text in texts:
        found = named_by(text) if text.startswith("pkg:") else None
        if found:
            yield found


def _references(components: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    todo = list(components)
    while todo:
        component = todo.pop()
        if component.get("purl"):
            yield str(component.get("bom-ref") or component["purl"]), str(component["purl"])
        todo += component.get("components") or ()


def _moment(text: Any) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
