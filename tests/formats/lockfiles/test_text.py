"""Lockfiles as text: byte order marks, line ends, binary data, unended merges."""

import pytest

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.text import decoded, shown


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_byte_order_mark_says_the_encoding(codec: str) -> None:
    assert decoded("päckage\r\nb\rc\n".encode(codec)) == "päckage\nb\nc\n"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"a\nb\n\xff\xfe", "line 3: no text in utf-8"),
        (b"a\n\0", "line 2: holds binary data"),
        (b"\xff\xfea", "line 1: no text in utf-16"),
        (b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n", "line 2: a merge conflict stands in it"),
        (b"a\n>>>>>>> 0123abc\n", "line 2: a merge conflict stands in it"),
    ],
)
def test_what_is_no_text_is_refused_by_line(raw: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        decoded(raw)


@pytest.mark.parametrize("text", ["a\n  <<<<<<< b", "=======\n", "<<<<<<<<\n"])
def test_what_only_looks_like_a_merge_is_text(text: str) -> None:
    assert decoded(text.encode()) == text


def test_what_is_shown_is_short_and_visible() -> None:
    assert shown("a\nb\x1b[31m") == "a\\x0ab\\x1b[31m"
    assert shown("x" * 500) == "x" * 80 + "…"
