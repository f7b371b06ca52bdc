"""
PostgreSQL's lexical rules: a statement as names, constants, parameters and signs.

Made for texts out of a log: a statement may be cut off anywhere or be no SQL at all, and still has tokens. What an open quote
or an open comment hides is hidden to the end. Takes time in proportion to the text.

Whether a backslash escapes in a plain string is a setting that any session may change, so a text does not say by itself where
its strings end. It is read both ways. The way that the server can have accepted holds; where both may, only the tokens that they
agree on are given.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any

_SPACE = r"\x20\t\n\r\f\v"
_BEYOND = "\x80-\U0010ffff"  # PostgreSQL takes every character beyond ASCII for a letter
_LETTER = f"[A-Za-z_{_BEYOND}]"
_PLAIN = r"'[^']*(?:''[^']*)*(?:'|\Z)"
_ESCAPED = r"'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\\?\Z)"
# Between the parts of one string: white space with a line end in it, and comments of one line. All parts escape as the first.
_GAP = rf"(?:[\x20\t\f\v]++|--[^\n\r]*+)*+[\n\r](?:[{_SPACE}]++|--[^\n\r]*+[\n\r])*+"
_E_STRING = rf"[eE]{_ESCAPED}(?:{_GAP}{_ESCAPED})*"
_OTHER_STRING = rf"(?:[bBxX]|[uU]&){_PLAIN}(?:{_GAP}{_PLAIN})*"
_DIGITS = r"\d(?:_?\d)*"
_NUMBER = (
    r"(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
    rf"|(?:{_DIGITS}(?:\.(?!\.)(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)"
)
_TOKEN = rf"""
    (?P<space>[{_SPACE}]+|--[^\n\r]*)
    |(?P<block>/\*)
    |(?P<escaped>{_E_STRING})
    |(?P<string>{_OTHER_STRING}|[nN]?QUOTED)
    |(?P<quoted>(?:[uU]&)?"[^"]*(?:""[^"]*)*(?:"|(?P<open>\Z)))
    |(?P<name>{_LETTER}[A-Za-z0-9_${_BEYOND}]*)
    |(?P<number>{_NUMBER})
    |(?P<parameter>\$\d+)
    |(?P<dollar>\$(?:{_LETTER}[A-Za-z0-9_{_BEYOND}]*)?\$)
    |(?P<sign>.)
"""
# Everything that is a constant, where no block comment is about; names in quotes stay.
_HIDDEN = rf"""
    (?<![A-Za-z0-9_${_BEYOND}])(?:{_E_STRING}|{_OTHER_STRING}|[nN]QUOTED)
    |QUOTED|(?P<comment>--)[^\n\r]*|(?P<quoted>"[^"]*(?:""[^"]*)*"(?!"))|"[^"]*(?:""[^"]*)*\Z
    |(?<![A-Za-z0-9_${_BEYOND}])(?:{_NUMBER}|\$(?P<tag>(?:{_LETTER}[A-Za-z0-9_{_BEYOND}]*)?)\$.*?(?:\$(?P=tag)\$|\Z))
"""
# The first and the last may belong to expressions.
_RUN = re.compile(r"\x00(?:\s*,\s*\x00){3,}")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
# Ends a text that was cut off: no statement of PostgreSQL's can hold it.
CUT = "\x00"
_END = "\x01"
_NEVER_OUTSIDE_QUOTES = re.compile(r"[\\'\"{}\x00-\x08\x0e-\x1f\x7f]")


class Kind(Enum):
    """What a token is. A sign is one character: a bracket, a comma, a part of an operator."""

    NAME = auto()
    QUOTED = auto()
    CONSTANT = auto()
    PARAMETER = auto()
    SIGN = auto()


# Kind, text, and whether white space or a comment stands before it.
Token = tuple[Kind, str, bool]
_KINDS = {
    "escaped": Kind.CONSTANT, "string": Kind.CONSTANT, "number": Kind.CONSTANT, "open": Kind.CONSTANT, "quoted": Kind.QUOTED,
    "name": Kind.NAME, "parameter": Kind.PARAMETER, "sign": Kind.SIGN,
}  # fmt: skip


def tokens(statement: str) -> Iterator[Token]:
    """
    The tokens of any text, whether or not a backslash escaped in its plain strings.

    An open quoted name counts as a constant: what a wrong reading of quotes may bring to light stays hidden. A sign "…" ends what
    can be told of a text that is read in two ways.
    """
    whole = statement.removesuffix(CUT)
    if "\\" not in whole:
        return _read(whole, conforming=True)
    plain, escaping = (_closed(whole, conforming=way) for way in (True, False))
    if plain.tokens == escaping.tokens:
        return iter(plain.tokens)
    if plain.accepted != escaping.accepted and whole == statement:
        return iter(plain.tokens if plain.accepted else escaping.tokens)
    return _agreed(plain.tokens, escaping.tokens)


def accepted(statement: str) -> tuple[bool, bool]:
    """Whether the server can have accepted a text where standard_conforming_strings is on, and where it is off."""
    return _closed(statement, conforming=True).accepted, _closed(statement, conforming=False).accepted


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a text, and whether the server can have accepted it so."""

    tokens: list[Token]
    accepted: bool


def _closed(statement: str, *, conforming: bool) -> _Reading:
    found = list(_read(f"{statement}\n{_END}", conforming=conforming))
    if found[-1][:2] != (Kind.SIGN, _END):
        return _Reading(list(_read(statement, conforming=conforming)), accepted=False)
    return _Reading(found[:-1], accepted=_possible(found[:-1]))


def _possible(found: list[Token]) -> bool:
    """Whether no rule of PostgreSQL's is broken that a wrong reading of quotes usually breaks."""
    open_ = []
    for (kind, text, _), (before, _, _) in zip(found, [(Kind.SIGN, "", False), *found], strict=False):
        if kind is Kind.CONSTANT and before is Kind.CONSTANT and text[0] != "'":
            return False
        if kind is not Kind.SIGN:
            continue
        if text in "([":
            open_.append(text)
        elif _NEVER_OUTSIDE_QUOTES.match(text) or (text in ")]" and (not open_ or open_.pop() + text not in {"()", "[]"})):
            return False
    return not open_


def _agreed(one: list[Token], other: list[Token]) -> Iterator[Token]:
    for token, same in zip(one, other, strict=False):
        if token != same:
            break
        yield token
    yield Kind.SIGN, "…", True


def _read(statement: str, *, conforming: bool) -> Iterator[Token]:
    scan, at, end, spaced = _scanner(conforming=conforming), 0, len(statement), False
    while at < end:
        match = scan(statement, at)
        name, begin, at = match.lastgroup or "", at, match.end()
        if name == "space":
            spaced = True
        elif name == "block":
            spaced, at = True, _comment_end(statement, at)
        elif name == "dollar":
            at = _dollar_end(statement, match.group(), at)
            yield Kind.CONSTANT, statement[begin:at], spaced
            spaced = False
        else:
            yield _KINDS["open" if match.start("open") >= 0 else name], match.group(), spaced
            spaced = False


def _compiled(pattern: str, *, conforming: bool) -> re.Pattern[str]:
    plain = pattern.replace("QUOTED", _PLAIN if conforming else _ESCAPED)
    return re.compile(plain, re.VERBOSE | re.DOTALL | re.ASCII)


_HIDER = _compiled(_HIDDEN, conforming=True)


def skeleton(statement: str) -> str | None:
    """
    The text with a mark for every constant, quickly: statements with one skeleton have the same tokens but for their constants.

    More than three constants in a row are three. None where a block comment may be about, or a backslash that can be read in two
    ways, which need the tokens themselves.
    """
    if "/*" in statement or "\x00" in statement or "\\" in statement:
        return None
    return _RUN.sub("\x00,\x00,\x00", _HIDER.sub("\\g<comment>\\g<quoted>\x00", statement))


@cache
def _scanner(*, conforming: bool) -> Callable[[str, int], Any]:
    return _compiled(_TOKEN, conforming=conforming).match


def _comment_end(statement: str, at: int) -> int:
    depth = 1
    for edge in _COMMENT_EDGE.finditer(statement, at):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    return len(statement)


def _dollar_end(statement: str, tag: str, at: int) -> int:
    end = statement.find(tag, at)
    return len(statement) if end < 0 else end + len(tag)
