"""Maven's versions, in the order that its POM reference describes."""

import re
from collections.abc import Iterator
from functools import cmp_to_key
from itertools import zip_longest
from typing import Any

_TOKEN = re.compile(r"([.-]?)(\d+|[^\d.-]+|(?=[.-]|$))")
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
_KNOWN = ("alpha", "beta", "milestone", "rc", "snapshot", "", "sp")
_SAME = {"cr": "rc", "ga": "", "final": "", "release": ""}
_LONGEST = 256

# Qualifiers come before numbers after a hyphen, and those before numbers after a dot.
_QUALIFIER, _AFTER_HYPHEN, _AFTER_DOT = range(3)
_Token = tuple[int, int, str]
_ZERO: _Token = (_AFTER_DOT, 0, "")
_RELEASE: _Token = (_QUALIFIER, _KNOWN.index(""), "")


def maven(text: str) -> Any:
    """A version that sorts. Raises ValueError when there is nothing, or far too much."""
    if not text.strip() or len(text) > _LONGEST:
        raise ValueError(f"no version: {text[:80]}")
    return _sorts(_trim(list(_tokens(text.strip().lower()))))


def _compare(left: list[_Token], right: list[_Token]) -> int:
    for mine, its in zip_longest(left, right):
        one, other = mine or _nothing(its), its or _nothing(mine)
        if one != other:
            return -1 if one < other else 1
    return 0


_sorts = cmp_to_key(_compare)


def _nothing(other: _Token) -> _Token:
    """What stands for a missing token beside this one."""
    return _ZERO if other[0] == _AFTER_DOT else _RELEASE


def _tokens(text: str) -> Iterator[_Token]:
    """A change between digits and letters is a hyphen."""
    parts = _TOKEN.findall(text)
    for index, (separator, token) in enumerate(parts):
        if not token and not separator:
            continue
        number_next = index + 1 < len(parts) and parts[index + 1][0] == "" and parts[index + 1][1].isdecimal()
        if token.isdecimal() or not token:
            kind = _AFTER_DOT if separator == "." or index == 0 else _AFTER_HYPHEN
            yield (kind, int(token or 0), "")
        else:
            yield _qualifier(_SHORT.get(token, token) if number_next else token)


def _qualifier(word: str) -> _Token:
    word = _SAME.get(word, word)
    return (_QUALIFIER, _KNOWN.index(word), "") if word in _KNOWN else (_QUALIFIER, len(_KNOWN), word)


def _trim(tokens: list[_Token]) -> list[_Token]:
    """Without what says nothing, at the end and before each hyphen."""
    kept: list[_Token] = []
    for token in tokens:
        if token[0] != _AFTER_DOT:
            _drop_nothing(kept)
        kept.append(token)
    _drop_nothing(kept)
    return kept


def _drop_nothing(tokens: list[_Token]) -> None:
    while tokens and (tokens[-1] == _RELEASE or (tokens[-1][0] != _QUALIFIER and tokens[-1][1] == 0)):
        tokens.pop()
