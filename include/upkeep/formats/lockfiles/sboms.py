"""Which files are SBOMs, and of which format one is: its name says little, so what stands in it decides."""

from upkeep.formats.lockfiles.cyclonedx import cyclonedx, cyclonedx_xml, is_cyclonedx
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.spdx import is_spdx, spdx
from upkeep.formats.lockfiles.spdx3 import is_spdx3, spdx3
from upkeep.formats.lockfiles.spdx_rdf import rdf_document
from upkeep.formats.lockfiles.spdx_tags import tag_document
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.lockfiles.typed_values import json_object
from upkeep.formats.package import Reading
from upkeep.formats.plain_xml import Element, XmlError, xml_tree

_NONE = "it is neither CycloneDX nor SPDX"


@reads("*.cdx.json", "*.cyclonedx.json", "*.spdx.json", "*.sbom.json", "*.spdx3.json", kind="SBOM (JSON)")
def sbom_json(raw: bytes, _open_beside: Beside) -> Reading:
    """A CycloneDX or SPDX document."""
    found = _json(raw)
    if found is None:
        raise UnreadableError(_NONE)
    return found


@reads("bom.json", "sbom.json", kind="bom.json")
def bom_json(raw: bytes, _open_beside: Beside) -> Reading:
    """The same under a name that other files have too: one that is none is left out, and that is noted."""
    return _json(raw) or Reading(kind="bom.json", packages=(), notes=(_NONE,))


def is_none(reading: Reading) -> bool:
    """Whether this is of a file that only has the name of an SBOM."""
    return reading.notes == (_NONE,) and not reading.packages


@reads("bom.xml", "sbom.xml", "*.cdx.xml", "*.spdx.xml", "*.spdx.rdf", "*.spdx.rdf.xml", kind="SBOM (XML)")
def sbom_xml(raw: bytes, _open_beside: Beside) -> Reading:
    """A CycloneDX document, or an SPDX one in RDF."""
    root = _root(raw)
    return spdx(rdf_document(root)) if root.name == "RDF" else cyclonedx_xml(root)


@reads("*.spdx", "*.spdx.txt", "*.spdx.tag", kind="SPDX (tag-value)")
def spdx_tags(raw: bytes, _open_beside: Beside) -> Reading:
    """An SPDX document of tags and values."""
    document = tag_document(decoded(raw))
    if not is_spdx(document):
        raise UnreadableError("it has no SPDXVersion of 2: this is no SPDX")
    return spdx(document)


@reads("*.spdx.yaml", "*.spdx.yml", kind="SPDX (YAML)")
def spdx_yaml(_raw: bytes, _open_beside: Beside) -> Reading:
    """Not read: the same document as JSON is."""
    raise UnreadableError("SPDX as YAML is not read: give it as JSON or tag-value")


def _json(raw: bytes) -> Reading | None:
    document = json_object(raw)
    for fits, reader in ((is_cyclonedx, cyclonedx), (is_spdx, spdx), (is_spdx3, spdx3)):
        if fits(document):
            return reader(document)
    return None


def _root(raw: bytes) -> Element:
    try:
        return xml_tree(raw)
    except XmlError as error:
        raise UnreadableError(str(error)) from None
