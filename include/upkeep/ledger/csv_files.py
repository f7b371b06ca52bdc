"""
CSV files as they lie there: whole to their last byte, and with the header that they have.

DuckDB takes a zstd file that was cut off for a shorter one, passes over gzip's checksum, and guesses which line is the header.
"""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from upkeep.errors import BrokenError
from upkeep.sources.duck import literal

_CHUNK = 1 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_STYLE = "auto_detect = false, header = true, quote = '\"', escape = '\"', nullstr = ['NULL', 'null'], \
allow_quoted_nulls = false, hive_partitioning = false"


def packing_of(start: bytes) -> str:
    """How a file is packed, by its first bytes: gzip, zstd or none."""
    return "gzip" if start[:2] == _GZIP else "zstd" if start[:4] == _ZSTD else "none"


def csv_columns_of(path: Path, packing: str, delimiter: str, name: str) -> tuple[str, ...]:
    """
    The header of a file. One that is packed is unpacked to its end, so that a missing or damaged piece is noticed.

    Raises BrokenError that names the file: it ends in the middle, is no UTF-8, is empty, or has a column twice.
    """
    import zlib

    from zstandard import ZstdError

    try:
        columns = _header(_start(path, packing), delimiter)
    except (ValueError, EOFError, OSError, csv.Error, zlib.error, ZstdError) as error:
        reason, retry = f"{name} cannot be read: {_reason(error)}", path.stat().st_size == 0
        raise BrokenError(reason, "have it delivered again; nothing of it was kept", retry=retry) from error
    if twice := [column for column, n in Counter(column.lower() for column in columns).items() if n > 1]:
        reason = f"{name} has the column {twice[0]} twice: which one counts nothing says"
        raise BrokenError(reason, "have it delivered with each column once; nothing of it was kept", retry=False)
    return columns


def csv_table(columns: tuple[str, ...], packing: str, delimiter: str) -> str:
    """How DuckDB reads it, nothing guessed: a table function whose first argument is left open."""
    spec = "{{" + ", ".join(f"{literal(_braced(column))}: 'varchar'" for column in columns) + "}}"
    return f"read_csv({{files}}, {_STYLE}, columns = {spec}, delim = {literal(delimiter)}, compression = '{packing}')"


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _header(start: bytes, delimiter: str) -> tuple[str, ...]:
    if start[:2] in {BOM_UTF16_LE, BOM_UTF16_BE}:
        raise ValueError("it is UTF-16, not UTF-8")
    # A row that is no UTF-8 is named by DuckDB, with its line.
    text = start.decode("utf-8-sig", errors="replace")
    row = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), None)
    if not row:
        raise ValueError("it is empty" if not start else "its first line is empty")
    return tuple(name or f"column {number}" for number, name in enumerate(row, 1))


def _start(path: Path, packing: str) -> bytes:
    """The first MiB of it unpacked, once all of it was."""
    if packing == "none":
        with path.open("rb") as file:
            return file.read(_CHUNK)
    start = b""
    for piece in _gzip_pieces(path) if packing == "gzip" else _zstd_pieces(path):
        if len(start) < _CHUNK:
            start += piece[: _CHUNK - len(start)]
    return start


def _gzip_pieces(path: Path) -> Iterator[bytes]:
    import gzip

    with gzip.open(path) as file:
        while piece := file.read(_CHUNK):
            yield piece


def _zstd_pieces(path: Path) -> Iterator[bytes]:
    import zstandard

    with path.open("rb") as file:
        frame = zstandard.ZstdDecompressor().decompressobj()
        while packed := file.read(_CHUNK):
            while packed:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(packed)
                packed = frame.unused_data
        if not frame.eof:
            raise EOFError("it ends in the middle of a zstd frame")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
