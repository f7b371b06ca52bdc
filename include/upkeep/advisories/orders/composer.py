"""Packagist's versions, as Composer reads them: a patch (-p1) comes after its release."""

import re
from typing import Any

_VERSION = re.compile(
    r"v?(\d{1,9})(?:[.-](\d+))?(?:[.-](\d+))?(?:[.-](\d+))?"
    r"(?:[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?\d+)*))?([.-]?dev)?(?:\+\S*)?",
    re.IGNORECASE,
)
_STAGES = {"a": 1, "alpha": 1, "b": 2, "beta": 2, "rc": 3, "stable": 4, "": 4, "p": 5, "pl": 5, "patch": 5}
_DEV = 0
_LONGEST = 128


def composer(text: str) -> Any:
    """A version that sorts. Raises ValueError for a branch ("dev-main", "1.x-dev"), which has no place among versions."""
    found = _VERSION.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if not found:
        raise ValueError(f"no version: {text[:80]}")
    numbers = tuple(int(n or 0) for n in found.groups()[:4])
    stage, dev = (found[5] or "").lower(), bool(found[7])
    more = tuple(int(n) for n in re.findall(r"\d+", found[6] or ""))
    if dev and not stage:
        return (*numbers, _DEV, (), 0)
    return (*numbers, _STAGES[stage], more, 0 if dev else 1)
