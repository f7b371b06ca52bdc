"""A file's bytes as text, and the names of what stands in it, for every reader: strange bytes are refused by line."""

import codecs
import re

from upkeep.formats.lockfiles.registry import UnreadableError

_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHOWN = 80


def decoded(raw: bytes) -> str:
    """
    The text of a file: UTF-8, or what its byte order mark says, with plain line ends.

    Raises UnreadableError, by line, for bytes that are no text and for the marks of a merge that nobody ended.
    """
    codec = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"line {line}: no text in {codec.removesuffix('-sig')}") from None
    if "\0" in text:
        raise UnreadableError(f"line {line_at(text, text.index(chr(0)))}: holds binary data")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if conflict := _CONFLICT.search(text):
        raise UnreadableError(f"line {line_at(text, conflict.start())}: a merge conflict stands in it")
    return text


def line_at(text: str, place: int) -> int:
    """The number of the line, from 1, at a place of the text."""
    return text.count("\n", 0, place) + 1


def shown(text: object) -> str:
    """Something of a file in a message: short, on one line, with no characters that cannot be seen."""
    plain = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(text)[: _SHOWN + 1])
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"
