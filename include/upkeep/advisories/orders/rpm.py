"""RPM's versions (rpm-version(7)): an epoch, a version, a release."""

import re
from typing import Any

_PART = re.compile(r"\d+|[a-zA-Z]+|[~^]")
_LONGEST = 256
# A tilde before the end, the end before a caret, a caret before words, words before numbers.
_TILDE, _END, _CARET, _WORD, _NUMBER = range(-1, 4)


def rpm(text: str) -> Any:
    """A version that sorts. Raises ValueError."""
    text = text.strip()
    epoch, colon, rest = text.partition(":")
    if not colon:
        epoch, rest = "0", text
    if not rest or len(text) > _LONGEST or not epoch.isdecimal() or not _PART.search(rest):
        raise ValueError(f"no version: {text[:80]}")
    version, _, release = rest.partition("-")
    return (int(epoch), _key(version), _key(release))


def _key(text: str) -> tuple[Any, ...]:
    return (*(_token(part) for part in _PART.findall(text)), (_END, 0, ""))


def _token(part: str) -> tuple[int, int, str]:
    if part in "~^":
        return (_TILDE if part == "~" else _CARET, 0, "")
    return (_NUMBER, int(part), "") if part.isdecimal() else (_WORD, 0, part)
