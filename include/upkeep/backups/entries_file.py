"""
The catalog's entries of a backup in an object of their own, a line each: there may be a hundred thousand.

They are packed, sealed and summed like every other object, since they hold the bodies of functions and views.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from json.encoder import encode_basestring
from typing import Any

from upkeep.backups import packing, unpacking
from upkeep.backups.manifest import DamagedError, Entry, Manifest, StoredObject
from upkeep.sources.objects import ObjectStore

OBJECT = "catalog.jsonl"


def store(place: ObjectStore, entries: Iterable[Entry], recipients: Sequence[str]) -> StoredObject:
    """Store them. Raises BrokenError."""
    return packing.store(place, OBJECT, packing.Blocks(map(_line, entries)), recipients)


def loaded(place: ObjectStore, manifest: Manifest, keys: Sequence[Any]) -> Manifest:
    """The manifest with its entries; `keys` open a sealed one. Raises DamagedError and BrokenError."""
    stored = next((each for each in manifest.objects if unpacking.raw_name(each.name) == OBJECT), None)
    if stored is None:
        raise DamagedError(f"backup {manifest.id} has no {OBJECT}")
    reading = _Reading()
    unpacking.unpack(place, stored, reading.write, keys)
    return replace(manifest, entries=tuple(reading.entries))


class _Reading:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._rest = b""

    def write(self, data: bytes) -> int:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.entries.extend(_entries(lines))
        return len(data)


def _line(entry: Entry) -> bytes:
    """As `json.dumps` writes it, which takes four times as long."""
    texts = map(encode_basestring, (entry.kind, entry.key, entry.owner))
    grants = ",".join(map(encode_basestring, entry.grants))
    definition, worded = encode_basestring(entry.definition), "true" if entry.worded else "false"
    return f"[{','.join(texts)},[{grants}],{definition},{worded}]\n".encode("utf-8", "surrogatepass")


def _entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    for line in lines:
        try:
            kind, key, owner, grants, definition, worded = json.loads(line.decode("utf-8", "surrogatepass"))
            # Few kinds and roles stand in very many entries: each text of them is held once.
            yield Entry(sys.intern(kind), key, sys.intern(owner), tuple(map(sys.intern, grants)), definition, worded)
        except (ValueError, TypeError) as error:
            raise DamagedError(f"{OBJECT} holds a line that is no entry: {line[:80]!r}") from error
