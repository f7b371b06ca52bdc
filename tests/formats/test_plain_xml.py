"""XML: a tree without namespaces; what could grow or reach out is refused."""

import pytest

from upkeep.formats.plain_xml import XmlError, xml_tree


def test_a_tree() -> None:
    root = xml_tree(b'<a xmlns="urn:x" xmlns:y="urn:y"><b y:c="1"> t&lt;<!-- no --><![CDATA[&x;]]> </b>\n<b/><y:d>z</y:d></a>')
    assert [(child.name, child.attributes, child.text, child.line) for child in root.children] == [
        ("b", {"c": "1"}, "t<&x;", 1),
        ("b", {}, "", 2),
        ("d", {}, "z", 2),
    ]
    assert (root.text_at("d"), root.text_at("b", "c"), root.first("e"), len(list(root.every("b")))) == ("z", None, None, 2)


def test_other_encodings() -> None:
    assert xml_tree('<?xml version="1.0" encoding="utf-16"?><a>ä</a>'.encode("utf-16")).text == "ä"
    assert xml_tree('<?xml version="1.0" encoding="iso-8859-1"?><a>ä</a>'.encode("latin-1")).text == "ä"


LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(2, 9)) + "]><a>&l8;</a>"
)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (LAUGHS.encode(), "line 1: has a document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "has a document type"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1/">]><a>&x;</a>', "has a document type"),
        (b"<a>&x;</a>", "line 1: no XML"),
        (b"<a>\n<b></a>", "line 2: no XML"),
        (b"", "no XML"),
        (b"<a/><b/>", "no XML"),
        (b"<a>" * 5000, "nested too deep"),
        (b"\x00\x01", "no XML"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
    ],
)
def test_what_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(XmlError, match=message):
        xml_tree(raw)
