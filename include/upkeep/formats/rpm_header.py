"""
One header of an rpm database: a table of tags and the store that they point into, as bytes.

Layout: two big-endian counts (entries, bytes of the store), entries of four numbers (tag, type, place, count), and the store.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum


class Tag(IntEnum):
    """The tags that are read."""

    NAME = 1000
    VERSION = 1001
    RELEASE = 1002
    EPOCH = 1003
    LICENCE = 1014
    ARCH = 1022
    SOURCE_RPM = 1044
    MODULE = 5096


_COUNTS = struct.Struct(">II")
_ENTRY = struct.Struct(">IIiI")
_NUMBER = struct.Struct(">I")
_INT32, _STRING, _STRINGS, _I18N = 4, 6, 8, 9
_TEXTS = frozenset([_STRING, _STRINGS, _I18N])
_WANTED = frozenset(Tag)


@dataclass(frozen=True, slots=True)
class RpmPackage:
    """An installed package; `version` is as rpm orders it: epoch (where it has one), version, release."""

    name: str
    version: str
    arch: str | None
    licence: str | None
    source: str | None  # the file name of the source package
    module: str | None  # "postgresql:12:8040020210…:…"


def rpm_package(blob: bytes) -> RpmPackage:
    """Read a header. Raises ValueError when its counts or places lead out of it, or it has no name and version."""
    tags = _tags(blob)
    name, version, release = (tags.get(tag) for tag in (Tag.NAME, Tag.VERSION, Tag.RELEASE))
    if not name or not version or not release:
        raise ValueError("a header without name, version and release")
    epoch = tags.get(Tag.EPOCH)
    return RpmPackage(
        name=name,
        version=f"{epoch}:{version}-{release}" if epoch not in {None, "0"} else f"{version}-{release}",
        arch=tags.get(Tag.ARCH),
        licence=tags.get(Tag.LICENCE),
        source=tags.get(Tag.SOURCE_RPM),
        module=tags.get(Tag.MODULE),
    )


def _tags(blob: bytes) -> dict[int, str]:
    if len(blob) < _COUNTS.size:
        raise ValueError("a header that is cut off")
    entries, size = _COUNTS.unpack_from(blob)
    begin = _COUNTS.size + entries * _ENTRY.size
    if begin + size > len(blob):
        raise ValueError("a header that is cut off")
    store, found = blob[begin : begin + size], dict[int, str]()
    for number in range(entries):
        tag, kind, place, _count = _ENTRY.unpack_from(blob, _COUNTS.size + number * _ENTRY.size)
        if tag in _WANTED:
            found[tag] = _value(store, kind, place)
    return found


def _value(store: bytes, kind: int, place: int) -> str:
    if not 0 <= place < len(store):
        raise ValueError("a header that points out of itself")
    if kind in _TEXTS:
        end = store.find(b"\0", place)
        if end < 0:
            raise ValueError("a text without an end")
        return store[place:end].decode("utf-8", "replace")
    if kind == _INT32 and place + _NUMBER.size <= len(store):
        return str(_NUMBER.unpack_from(store, place)[0])
    raise ValueError(f"a value of a type ({kind}) that is not read")


def source_of(file_name: str | None) -> tuple[str, str] | None:
    """Name and version of the source package that "bash-5.1.8-6.el9.src.rpm" is; None when it is no such name."""
    parts = (file_name or "").removesuffix(".rpm").rpartition(".")[0].rsplit("-", 2)
    return (parts[0], f"{parts[1]}-{parts[2]}") if len(parts) == 3 and all(parts) else None  # noqa: PLR2004 - name, version, release
