"""Debian's versions (deb-version(7)): an epoch, upstream's version, Debian's revision."""

import re
from typing import Any

_VERSION = re.compile(r"(?:(\d+):)?([0-9A-Za-z.+~:-]+?)(?:-([0-9A-Za-z.+~]+))?")
_PART = re.compile(r"(\D*)(\d*)")
_END = ((0,), 0)
_LONGEST = 256


def debian(text: str) -> Any:
    """A version that sorts. Raises ValueError."""
    found = _VERSION.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if not found:
        raise ValueError(f"no version: {text[:80]}")
    return (int(found[1] or 0), _key(found[2]), _key(found[3] or ""))


def _key(text: str) -> tuple[Any, ...]:
    parts = [(letters, digits) for letters, digits in _PART.findall(text) if letters or digits]
    return (*(((*map(_place, letters), 0), int(digits or 0)) for letters, digits in parts), _END)


def _place(letter: str) -> int:
    """A tilde before the end, the end before letters, letters before the rest."""
    if letter == "~":
        return -1
    return ord(letter) if letter.isalpha() else ord(letter) + 256
