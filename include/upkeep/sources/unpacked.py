"""One file of an object store as a stream of its text, plain or packed, in memory that does not grow with it."""

import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from upkeep.errors import BrokenError
from upkeep.formats.text_of import encoding_of
from upkeep.sources.access_log_files import assert_readable, packing_of
from upkeep.sources.objects import CHUNK, ObjectStore

# Escape sequences: those of colours and of the cursor, those of links and titles, and one that goes on in the next piece.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
_CUT = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,500}\x1b?)?\Z")


def texts(store: ObjectStore, name: str, most: int) -> Iterator[str]:
    """
    Its text piece by piece, without the colours of terminals; nothing where it is binary.

    Raises BrokenError when it is packed in a way that cannot be read, ends in the middle, or is larger than `most` bytes.
    """
    decoder: codecs.IncrementalDecoder | None = None
    cut = ""
    for data in _bytes(store, name, most):
        if decoder is None:
            assert_readable(data, name)  # taken for binary, it would seem to be without secrets
            encoding = encoding_of(data)
            if encoding is None:
                return
            decoder = codecs.getincrementaldecoder(encoding)("replace")
        text = cut + decoder.decode(data)
        found = _CUT.search(text)
        cut = found.group() if found else ""
        yield _ESCAPES.sub("", text[: len(text) - len(cut)])
    if cut:
        yield cut


def as_utf8(packed: Path, plain: Path, name: str) -> None:
    """Write the text of a file to another one, unpacked, with a sign in place of each byte that is none of UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with packed.open("rb") as file, plain.open("w", encoding="utf-8", newline="") as text:
        text.writelines(map(decoder.decode, _unpacked(file, name)))


def _bytes(store: ObjectStore, name: str, most: int) -> Iterator[bytes]:
    size = 0
    with store.reader(name) as file:
        for data in _unpacked(file, name):
            size += len(data)
            if size > most:
                raise BrokenError(f"{name} has more than {most // 10**6:,} MB of text", retry=False)
            yield data


def _unpacked(file: BinaryIO, name: str) -> Iterator[bytes]:
    import zstandard

    start = file.read(4)
    packing = packing_of(start)
    try:
        if packing == "gzip":
            yield from _gzip(start, file, name)
        elif packing == "zstd":
            reader = zstandard.ZstdDecompressor().stream_reader(_Joined(start, file), read_across_frames=True)  # type: ignore[arg-type]
            yield from iter(lambda: reader.read(CHUNK), b"")
        else:
            yield from iter(_Joined(start, file).chunk, b"")
    except (zlib.error, zstandard.ZstdError) as error:
        raise BrokenError(f"{name} cannot be unpacked: {error}", retry=False) from error


def _gzip(start: bytes, file: BinaryIO, name: str) -> Iterator[bytes]:
    """Also several behind one another, as log shippers write them."""
    read: Callable[[], bytes] = _Joined(start, file).chunk
    unpacker, data = zlib.decompressobj(31), read()
    while data:
        yield unpacker.decompress(data, CHUNK)
        data = unpacker.unconsumed_tail
        if unpacker.eof:
            data, unpacker = unpacker.unused_data.lstrip(b"\0") or read(), zlib.decompressobj(31)
            if not data:
                return
        data = data or read()
    raise BrokenError(f"{name} ends in the middle of what was packed", retry=False)


class _Joined:
    """A file from which its first bytes were read already."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        self._start, self._file = start, file

    def read(self, size: int = -1) -> bytes:
        """The first bytes, then the rest."""
        start, self._start = self._start, b""
        return start + self._file.read(max(0, size - len(start)) if size >= 0 else size)

    def chunk(self) -> bytes:
        """So much as is looked at in one go."""
        return self.read(CHUNK)
