"""Faults of what is stored: of the dump's objects and of the manifest. Each spoils a copy of today's backup."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import zstandard

from tests.backups.score.scene import Kept, Scene
from upkeep.backups.manifest import NAME, Manifest

Spoil = Callable[[Scene, Kept], object]
Find = Callable[[Kept], Path]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind: how it is planted, and what the verification must say of it (a regular expression)."""

    name: str
    spoil: Spoil
    message: str


def _orders(kept: Kept) -> Path:
    return kept.file_of("public.orders")


def _archive(kept: Kept) -> Path:
    return kept.file_of("public.archive")


def _definitions(kept: Kept) -> Path:
    return kept.folder / "definitions.dump.zst"


def _large(kept: Kept) -> Path:
    return kept.folder / "large_objects.dump.zst"


def _sequences(kept: Kept) -> Path:
    return kept.folder / "sequences.sql.zst"


def _script(kept: Kept) -> Path:
    return kept.folder / "restore.sh"


def _globals(kept: Kept) -> Path:
    return kept.folder / "globals.sql.zst"


def _manifest(kept: Kept) -> Path:
    return kept.folder / NAME


def _bytes(find: Find, change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(_: Scene, kept: Kept) -> None:
        path = find(kept)
        path.write_bytes(change(path.read_bytes()))

    return spoil


def _flip(at: float) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        place = min(int(len(data) * at), len(data) - 1)
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    return change


def _cut(to: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * to)]


def _zeros(data: bytes) -> bytes:
    start = len(data) // 3
    return data[:start] + bytes(512) + data[start + 512 :]


def _repacked(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def whole(data: bytes) -> bytes:
        raw = zstandard.ZstdDecompressor().stream_reader(data).read()
        return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(change(raw))

    return whole


def _line(number: int, *, by: Callable[[bytes], list[bytes]]) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        lines = raw.split(b"\n")
        return b"\n".join([*lines[:number], *by(lines[number]), *lines[number + 1 :]])

    return _repacked(change)


def _gone(find: Find) -> Spoil:
    return lambda _, kept: find(kept).unlink()


def _swapped(_: Scene, kept: Kept) -> None:
    one, two = _orders(kept), _archive(kept)
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)


def _from(whose: Callable[[Scene], Kept], find: Find) -> Spoil:
    return lambda scene, kept: shutil.copy(find(whose(scene)), find(kept))


def _yesterday(scene: Scene) -> Kept:
    return scene.yesterday


def _elsewhere(scene: Scene) -> Kept:
    return scene.elsewhere


def _doubled(_: Scene, kept: Kept) -> None:
    shutil.copy(_orders(kept), kept.folder / "rows/9999.copy.zst")


def _renamed(_: Scene, kept: Kept) -> None:
    _orders(kept).rename(kept.folder / "rows/9999.copy.zst")


def _whole(whose: Callable[[Scene], Kept], *, signed: bool) -> Spoil:
    def spoil(scene: Scene, kept: Kept) -> None:
        other = whose(scene)
        shutil.rmtree(kept.folder)
        shutil.copytree(other.folder, kept.folder)
        if signed:
            _rewrite(kept, replace(other.manifest, id=kept.record.id, target=kept.record.target))

    return spoil


def _rewrite(kept: Kept, manifest: Manifest) -> None:
    _manifest(kept).write_bytes(manifest.to_json())


def fewer_objects(_: Scene, kept: Kept) -> None:
    """An object and its line of the manifest are gone, and the manifest's own sum is right."""
    gone, manifest = _orders(kept), kept.manifest
    _rewrite(kept, replace(manifest, objects=tuple(o for o in manifest.objects if o.name != f"rows/{gone.name}")))
    gone.unlink()


def forged_count(_: Scene, kept: Kept) -> None:
    """The manifest says another number of rows, and its own sum is right."""
    manifest = kept.manifest
    contents = tuple(replace(c, rows=2999) if c.key == "public.orders" else c for c in manifest.contents)
    _rewrite(kept, replace(manifest, contents=contents))


def forged_row(scene: Scene, kept: Kept) -> None:
    """A row was changed, and the manifest's sums of that object and of itself made anew."""
    manifest = kept.manifest
    path = _orders(kept)
    _bytes(_orders, _line(5, by=lambda line: [line[:-1] + b"9"]))(scene, kept)
    import hashlib

    data = path.read_bytes()
    raw = zstandard.ZstdDecompressor().stream_reader(data).read()
    new = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "raw_bytes": len(raw)}
    objects = tuple(replace(o, **new) if o.name == f"rows/{path.name}" else o for o in manifest.objects)  # type: ignore[arg-type] # names as they are
    _rewrite(kept, replace(manifest, objects=objects))


def _other_format(_: Scene, kept: Kept) -> None:
    _rewrite(kept, replace(kept.manifest, format=99))


def _unsummed(data: bytes) -> bytes:
    plain = json.loads(data)
    del plain["sha256"]
    return json.dumps(plain).encode()


OBJECTS = (
    Fault("rows cut after the first byte", _bytes(_orders, lambda data: data[:1]), "has 1 bytes, not"),
    Fault("rows cut in the middle", _bytes(_orders, _cut(0.5)), "bytes, not"),
    Fault("rows without their last byte", _bytes(_orders, lambda data: data[:-1]), "bytes, not"),
    Fault("rows emptied", _bytes(_orders, lambda _: b""), "has 0 bytes"),
    Fault("a byte after the rows", _bytes(_orders, lambda data: data + b"x"), "bytes, not"),
    Fault("rows twice in one object", _bytes(_orders, lambda data: data + data), "bytes, not"),
    Fault("a block of zeros in the rows", _bytes(_orders, _zeros), "SHA-256"),
    Fault("a bit of the rows' header", _bytes(_orders, _flip(0)), "SHA-256"),
    Fault("a bit in the middle of the rows", _bytes(_orders, _flip(0.5)), "SHA-256"),
    Fault("a bit of the rows' last byte", _bytes(_orders, _flip(1)), "SHA-256"),
    Fault("a row changed, packed anew", _bytes(_orders, _line(5, by=lambda line: [line[:-1] + b"9"])), "bytes, not|SHA-256"),
    Fault("a row lost, packed anew", _bytes(_orders, _line(5, by=lambda _: [])), "bytes, not|SHA-256"),
    Fault("definitions cut in the middle", _bytes(_definitions, _cut(0.5)), "definitions.dump.zst has"),
    Fault("definitions emptied", _bytes(_definitions, lambda _: b""), "definitions.dump.zst has 0"),
    Fault("a bit of the definitions' header", _bytes(_definitions, _flip(0)), "definitions.dump.zst has other"),
    Fault("a bit in the middle of the definitions", _bytes(_definitions, _flip(0.5)), "definitions.dump.zst has other"),
    Fault("a name in the definitions changed",
          _bytes(_definitions, _repacked(lambda raw: raw.replace(b"orders_who", b"orders_wha"))), "definitions.dump.zst"),
    Fault("a bit of the large objects", _bytes(_large, _flip(0.5)), "large_objects.dump"),
    Fault("a large object changed, packed anew",
          _bytes(_large, _repacked(lambda raw: raw.replace(b"one", b"two", 1))), "large_objects.dump"),
    Fault("a bit of the sequences", _bytes(_sequences, _flip(0.6)), "sequences.sql.zst has other"),
    Fault("a sequence set elsewhere, packed anew",
          _bytes(_sequences, _repacked(lambda raw: raw.replace(b", true)", b"1, true)", 1))), "sequences.sql"),
    Fault("the sequences missing", _gone(_sequences), "sequences.sql.zst is missing"),
    Fault("a word of the script changed", _bytes(_script, lambda data: data.replace(b"set -eu", b"set -e ")),
          "restore.sh has other"),
    Fault("the script missing", _gone(_script), "restore.sh is missing"),
    Fault("a bit of the globals", _bytes(_globals, _flip(0.5)), "globals.sql.zst has other"),
    Fault("rows missing", _gone(_orders), "is missing"),
    Fault("the large objects missing", _gone(_large), "large_objects.dump.zst is missing"),
    Fault("the definitions missing", _gone(_definitions), "definitions.dump.zst is missing"),
    Fault("the globals missing", _gone(_globals), "globals.sql.zst is missing"),
    Fault("an object doubled", _doubled, "9999.copy.zst does not belong"),
    Fault("an object under another name", _renamed, "is missing.*does not belong"),
    Fault("two tables' rows swapped", _swapped, "2 objects not as stored"),
    Fault("rows of another day", _from(_yesterday, _orders), "bytes, not|SHA-256"),
    Fault("large objects of another day", _from(_yesterday, _large), "large_objects.dump"),
    Fault("definitions of another day", _from(_yesterday, _definitions), "definitions.dump.zst"),
    Fault("rows of another database", _from(_elsewhere, _orders), "bytes, not|SHA-256"),
)  # fmt: skip

MANIFEST = (
    Fault("a digit of the manifest",
          _bytes(_manifest, lambda data: data.replace(b'"rows": 3000', b'"rows": 3001', 1)), "own checksum"),
    Fault("a bit in the middle of the manifest", _bytes(_manifest, _flip(0.5)), "own checksum|is no manifest"),
    Fault("the manifest cut", _bytes(_manifest, _cut(0.5)), "is no manifest"),
    Fault("the manifest emptied", _bytes(_manifest, lambda _: b""), "is no manifest"),
    Fault("the manifest missing", _gone(_manifest), "could not read manifest.json"),
    Fault("a manifest without its sum", _bytes(_manifest, _unsummed), "is no manifest"),
    Fault("a manifest of a newer format", _other_format, "has format 99"),
    Fault("another backup's manifest", _from(_yesterday, _manifest), "holds the manifest of backup"),
    Fault("yesterday's backup under today's name", _whole(_yesterday, signed=False), "holds the manifest of backup"),
    Fault("another database's backup under this name", _whole(_elsewhere, signed=False), "holds the manifest of backup"),
    Fault("yesterday's backup, signed as today's", _whole(_yesterday, signed=True), "is not the one that was stored"),
    Fault("another database's backup, signed as this one", _whole(_elsewhere, signed=True), "is not the one that was stored"),
    Fault("a count rewritten with the manifest's sum", forged_count, "is not the one that was stored"),
    Fault("a row rewritten with the manifest's sums", forged_row, "is not the one that was stored"),
    Fault("an object removed with its line", fewer_objects, "is not the one that was stored"),
)  # fmt: skip

# The same with no report database to remember the manifest's sum: then the restore must find it.
UNREMEMBERED = (
    Fault("a count rewritten, nobody remembers", forged_count, "orders: 3,000 rows, the backup had 2999"),
    Fault("a row rewritten, nobody remembers", forged_row, "orders: 3,000 rows as in the backup, but with other values"),
    Fault("an object removed, nobody remembers", fewer_objects, "knows rows in .*, but no such object"),
)
