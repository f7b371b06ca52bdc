"""Headers of rpm: counts and places that lead out of them are refused."""

import struct

import pytest

from upkeep.formats.rpm_header import Tag, rpm_package, source_of


def header(*tags: tuple[int, int, bytes]) -> bytes:
    entries, store = b"", b""
    for tag, kind, value in tags:
        entries += struct.pack(">IIiI", tag, kind, len(store), 1)
        store += value
    return struct.pack(">II", len(tags), len(store)) + entries + store


NVR = ((Tag.NAME, 6, b"bash\0"), (Tag.VERSION, 6, b"5.1\0"), (Tag.RELEASE, 6, b"6.el9\0"))


def test_what_it_says() -> None:
    found = rpm_package(header(*NVR, (Tag.LICENCE, 6, b"GPLv3+\0"), (9999, 7, b"\0\1"), (Tag.EPOCH, 4, b"\0\0\0\2")))
    assert (found.name, found.version, found.licence, found.module) == ("bash", "2:5.1-6.el9", "GPLv3+", None)
    assert rpm_package(header(*NVR, (Tag.EPOCH, 4, bytes(4)))).version == "5.1-6.el9"


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        (b"", "cut off"),
        (struct.pack(">II", 2**32 - 1, 0), "cut off"),
        (header(*NVR)[:-1], "cut off"),
        (header(*NVR[:2]), "without name, version and release"),
        (header(*NVR[:2], (Tag.RELEASE, 6, b"")), "points out of itself"),
        (header(*NVR[:2], (Tag.RELEASE, 6, b"6")), "a text without an end"),
        (header((Tag.NAME, 7, b"x\0")), "of a type"),
        (header(*NVR, (Tag.EPOCH, 4, b"\0\0")), "of a type"),
    ],
)
def test_what_is_refused(blob: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rpm_package(blob)


def test_the_source_package() -> None:
    assert source_of("java-17-openjdk-17.0.9-2.el9.src.rpm") == ("java-17-openjdk", "17.0.9-2.el9")
    assert (source_of(None), source_of("(none)"), source_of("a-b.src.rpm")) == (None, None, None)
