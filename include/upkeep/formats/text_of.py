"""The text of a file's bytes, whatever wrote them; what is binary has none."""

import codecs

_LOOKED = 8192
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip


def text_of(data: bytes) -> str | None:
    """Decoded by its mark, as UTF-8, or as Latin-1, in which every byte is a letter; None for what holds zero bytes."""
    encoding = encoding_of(data)
    if encoding is None:
        return None
    try:
        return data.decode(encoding, "strict" if encoding == "utf-8" else "replace")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def encoding_of(start: bytes) -> str | None:
    """By the mark at its beginning, else by where zero bytes stand: between the letters of UTF-16. None for what is binary."""
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    looked = start[:_LOOKED]
    if b"\0" not in looked:
        return "utf-8"
    pairs = len(looked) // 2
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if looked[first::2].count(0) > 0.9 * pairs and b"\0" not in looked[1 - first :: 2]:
            return encoding
    return None
