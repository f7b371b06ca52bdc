"""Dumps: read as data, whatever stands in them."""

import gzip
import io
import json
import struct
import zipfile
from pathlib import Path

import pytest

from tests.advisories.made import document
from upkeep.advisories.advisory import Advisory
from upkeep.advisories.dump import Refused, read_document, read_dump, unpacked
from upkeep.errors import BrokenError

PYPI = Path(__file__).resolve().parents[3] / "shared/data/osv/PyPI.zip"


def packed(members: dict[str, bytes]) -> io.BytesIO:
    """A ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    made.seek(0)
    return made


def good(name: str = "A") -> bytes:
    return json.dumps(document(name, "it", "introduced=0")).encode()


def test_every_document_is_read() -> None:
    found = list(read_dump(packed({"A.json": good("A"), "B.json": good("B"), "README": b"words"}), "all.zip"))
    assert [one.id for one in found if isinstance(one, Advisory)] == ["A", "B"]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "no JSON"),
        (b"[" * 200_000, "nested too deep"),
        (b"[]", "cannot be read"),
        (b"\xff\xfe\xff", "no JSON"),
        (b'{"id": "X", "modified": "9999999-01-01"}', "cannot be read"),
        (b" " * 17_000_000, "larger than 16 MB"),
    ],
)
def test_a_document_that_is_none_is_named_and_others_are_read(data: bytes, why: str) -> None:
    found = list(read_dump(packed({"bad.json": data, "A.json": good()}), "all.zip"))
    assert [type(one) for one in found] == [Refused, Advisory]
    bad = found[0]
    assert isinstance(bad, Refused)
    assert (bad.name, why in bad.why) == ("bad.json", True), bad.why


def test_a_member_may_be_called_anything_since_nothing_is_unpacked_to_disk(tmp_path: Path) -> None:
    found = list(read_dump(packed({"../../etc/A.json": good("A"), "/B.json": good("B")}), "all.zip"))
    assert len(found) == 2
    assert not list(tmp_path.rglob("*"))


def test_a_bomb_is_not_unpacked() -> None:
    lying = bytearray(packed({"bomb.json": b" " * 40_000_000}).getvalue())
    found = list(read_dump(io.BytesIO(bytes(lying)), "all.zip"))
    assert isinstance(found[0], Refused)
    # Both of its headers now say that it is small.
    for at in (22, lying.index(b"PK\x01\x02") + 24):
        lying[at : at + 4] = struct.pack("<I", 100)
    (one,) = read_dump(io.BytesIO(bytes(lying)), "all.zip")
    assert isinstance(one, Refused)


def test_a_dump_that_would_be_far_too_large_is_refused_whole() -> None:
    archive = bytearray(packed({f"{n}.json": b" " for n in range(3)}).getvalue())
    at = 0
    while (at := archive.find(b"PK\x01\x02", at)) >= 0:
        archive[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFF0)
        at += 4
    with pytest.raises(BrokenError, match="would unpack to"):
        list(read_dump(io.BytesIO(bytes(archive)), "all.zip"))


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", packed({"A.json": good()}).getvalue()[:-30]])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenError, match="no whole ZIP archive"):
        list(read_dump(io.BytesIO(data), "all.zip"))


def test_a_damaged_member_is_named() -> None:
    archive = bytearray(packed({"A.json": good() * 1}).getvalue())
    archive[60] ^= 0xFF
    (one,) = read_dump(io.BytesIO(bytes(archive)), "all.zip")
    assert isinstance(one, Refused)


def test_gzip_is_unpacked_up_to_a_limit() -> None:
    assert unpacked(b"plain", "x") == b"plain"
    assert unpacked(gzip.compress(b"packed"), "x") == b"packed"
    with pytest.raises(BrokenError, match="more than"):
        unpacked(gzip.compress(b" " * 3000), "x", limit=2000)
    with pytest.raises(BrokenError, match="cannot be unpacked"):
        unpacked(gzip.compress(b"packed")[:-9], "x")


def test_the_public_dump_is_read_whole() -> None:
    if not PYPI.exists():
        pytest.skip("no public dump here")
    with PYPI.open("rb") as file:
        found = list(read_dump(file, "PyPI.zip"))
    assert len(found) == 2661
    assert not [one for one in found if isinstance(one, Refused)]


def test_one_document_is_read_by_itself() -> None:
    found = read_document(good(), "A.json")
    assert isinstance(found, Advisory)
    assert found.affected[0].name == "it"
