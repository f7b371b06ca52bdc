"""Alpine's versions, as apk compares them."""

import re
from functools import cmp_to_key
from itertools import zip_longest
from typing import Any

_VERSION = re.compile(
    r"(?P<numbers>\d+(?:\.\d+)*)(?P<letters>(?:[a-z]\d*)?(?:\.\d+)*)(?P<suffixes>(?:_[a-z]+\d*)*)(?:~[0-9a-f]+)?(?:-r(?P<revision>\d+))?"
)
_TOKEN = re.compile(r"\.?\d+|[a-z]")
_SUFFIX = re.compile(r"_([a-z]+)(\d*)")
_SUFFIXES = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 1, "svn": 2, "git": 3, "hg": 4, "p": 5}
_LONGEST = 256

_Key = tuple[tuple[tuple[int, int, int], ...], tuple[tuple[int, int], ...], int]


def alpine(text: str) -> Any:
    """A version that sorts; `1.9.5p2-r0` is one. Raises ValueError."""
    found = _VERSION.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if not found:
        raise ValueError(f"no version: {text[:80]}")
    suffixes = [(name, int(number or 0)) for name, number in _SUFFIX.findall(found["suffixes"])]
    unknown = [name for name, _ in suffixes if name not in _SUFFIXES]
    if unknown:
        raise ValueError(f"no version: {text[:80]} (what is _{unknown[0]}?)")
    tokens = _TOKEN.findall(found["numbers"] + found["letters"])
    key = (
        tuple(_token(token) for token in tokens),
        tuple((_SUFFIXES[name], number) for name, number in suffixes),
        int(found["revision"] or 0),
    )
    return _sorts(key)


def _token(token: str) -> tuple[int, int, int]:
    """A letter, or a number; one after a dot that begins with 0 is a fraction, so that 1.01 comes before 1.1."""
    if token.isalpha():
        return (1, ord(token), 0)
    digits = token.removeprefix(".")
    if token != digits and digits.startswith("0"):
        rest = digits.lstrip("0")
        return (0, len(rest) - len(digits), int(rest or 0))
    return (1, int(digits), 0)


def _compare(left: _Key, right: _Key) -> int:
    if left[0] != right[0]:
        return -1 if left[0] < right[0] else 1
    for mine, its in zip_longest(left[1], right[1], fillvalue=(0, 0)):
        if mine != its:
            return -1 if mine < its else 1
    return (left[2] > right[2]) - (left[2] < right[2])


_sorts = cmp_to_key(_compare)
