"""The text of a file's bytes, whatever wrote them; what is binary has none."""

import codecs

_LOOKED = 8192
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip


def text_of(data: bytes) -> str | None:
    """Decoded by its mark, as UTF-8, or as Latin-1, in which every byte is a letter; None for what holds zero bytes."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data[:_LOOKED]:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
