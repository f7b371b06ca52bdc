"""Versions of Go modules, as far as reading them needs: whether it is one, without its v, and which is higher."""

import re
from typing import Any

_LONGEST = 20
_VERSION = re.compile(r"v(\d{1,20})\.(\d{1,20})\.(\d{1,20})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


def plain(version: str) -> str | None:
    """The version without its leading v, as advisories spell it; None when it is no version of a module."""
    return version[1:] if _VERSION.fullmatch(version) else None


def order(version: str) -> tuple[Any, ...]:
    """What sorts versions of one module by precedence: a pre-release is before its release, and what follows + counts nothing."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return ()
    pre = tuple(
        (0, int(part), "") if part.isdecimal() and len(part) <= _LONGEST else (1, 0, part)
        for part in (found[4] or "").split(".")
        if part
    )
    return (int(found[1]), int(found[2]), int(found[3]), not pre, pre)
