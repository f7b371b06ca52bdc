"""SPDX 2 as tag and value: a line each, longer values between <text> and </text>."""

from collections.abc import Iterator
from typing import Any

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.text import shown

_BEGIN, _END = "<text>", "</text>"
_FIELDS = {
    "PackageVersion": "versionInfo",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseDeclared": "licenseDeclared",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
    "SPDXID": "SPDXID",
}
_OTHERS = ("FileName", "SnippetSPDXID", "LicenseID")
_THREE = 3


def tag_document(text: str) -> dict[str, Any]:
    """The document in the form of the JSON one. Raises UnreadableError, by line."""
    document: dict[str, Any] = {"packages": [], "relationships": []}
    package: dict[str, Any] | None = None
    for line, tag, value in _tags(text):
        if tag == "SPDXVersion":
            document["spdxVersion"] = value
        elif tag == "PackageName":
            package = {"name": value, "externalRefs": []}
            document["packages"].append(package)
        elif tag in _OTHERS:
            package = None
        elif tag == "Relationship":
            one, kind, other = _three(line, tag, value)
            document["relationships"].append({"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other})
        elif tag == "ExternalRef" and package is not None:
            _, kind, locator = _three(line, tag, value)
            package["externalRefs"].append({"referenceType": kind, "referenceLocator": locator})
        elif tag in _FIELDS and package is not None:
            package[_FIELDS[tag]] = value
    return document


def _three(line: int, tag: str, value: str) -> list[str]:
    parts = value.split(maxsplit=2)
    if len(parts) != _THREE:
        raise UnreadableError(f"line {line}: {tag} is made of {len(parts)}, not of three")
    return parts


def _tags(text: str) -> Iterator[tuple[int, str, str]]:
    lines = enumerate(text.split("\n"), 1)
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        tag, colon, value = line.partition(":")
        if not colon or not tag.strip().isalnum():
            raise UnreadableError(f'line {number}: "{shown(line)}" is no tag with a value')
        value = value.strip()
        while value.startswith(_BEGIN) and _END not in value:
            _, more = next(lines, (0, None))
            if more is None:
                raise UnreadableError(f"line {number}: {_BEGIN} has no end")
            value += "\n" + more
        yield number, tag.strip(), value.removeprefix(_BEGIN).removesuffix(_END).strip()
