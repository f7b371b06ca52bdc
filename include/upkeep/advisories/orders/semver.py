"""Semantic versions, and the ecosystems that bend them: Go, Pub and NuGet."""

import re
from typing import Any

_VERSION = re.compile(r"[v=]?\s*(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.+-]+))?")
_TOOLCHAIN = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:(beta|rc)(\d+))?")
_LONGEST = 256


def semver(text: str) -> Any:
    """semver.org, 2.0: build metadata does not count. A missing minor or patch number is 0."""
    numbers, pre, _ = _parts(text, 3)
    return (*numbers, *_pre(pre))


def pub(text: str) -> Any:
    """Dart: as semver, but build metadata counts, and comes after none."""
    numbers, pre, build = _parts(text, 3)
    return (*numbers, *_pre(pre), _identifiers(build))


def go(text: str) -> Any:
    """Go modules and the standard library: `+incompatible` is no part of the order, and go1.21rc2 comes before go1.21.0."""
    toolchain = _TOOLCHAIN.fullmatch(text.removeprefix("go"))
    if toolchain and not text.startswith("v"):
        major, minor, patch, stage, number = toolchain.groups()
        return (int(major), int(minor), int(patch or 0), *_pre(f"{stage}.{number}" if stage else None))
    return semver(text)


def nuget(text: str) -> Any:
    """NuGet: up to four numbers, and pre-releases compared without case."""
    numbers, pre, _ = _parts(text, 4)
    return (*numbers, *_pre(pre.lower() if pre else None))


def _parts(text: str, places: int) -> tuple[tuple[int, ...], str | None, str | None]:
    found = _VERSION.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    numbers = [int(n) for n in found[1].split(".")] if found else []
    if not found or len(numbers) > places:
        raise ValueError(f"no version: {text[:80]}")
    return (*numbers, *(0,) * (places - len(numbers))), found[2], found[3]


def _pre(pre: str | None) -> tuple[int, Any]:
    """Before the release itself."""
    return (1, ()) if pre is None else (0, _identifiers(pre))


def _identifiers(text: str | None) -> tuple[Any, ...]:
    """Numbers before words, each among themselves."""
    parts = text.split(".") if text else []
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
