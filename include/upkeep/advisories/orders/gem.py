"""RubyGems' versions."""

import re
from typing import Any

_VERSION = re.compile(r"\d+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
_SEGMENT = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
_ZERO = (1, 0, "")
_PLACES = 32  # more segments than any version has: what is missing counts as 0


def gem(text: str) -> Any:
    """A version that sorts: words come before numbers, so that any word makes a pre-release. Raises ValueError."""
    found = _VERSION.fullmatch(text.strip())
    segments = _SEGMENT.findall(text.replace("-", ".pre.")) if found else []
    if not segments or len(segments) > _PLACES:
        raise ValueError(f"no version: {text[:80]}")
    first_word = next((index for index, segment in enumerate(segments) if not segment.isdecimal()), len(segments))
    kept = [*_trim(segments[:first_word]), *_trim(segments[first_word:])]
    key = [(1, int(segment), "") if segment.isdecimal() else (0, 0, segment) for segment in kept]
    return (*key, *(_ZERO,) * (_PLACES - len(key)))


def _trim(segments: list[str]) -> list[str]:
    while segments and segments[-1].isdecimal() and int(segments[-1]) == 0:
        segments = segments[:-1]
    return segments
