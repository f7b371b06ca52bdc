"""
PostgreSQL's lexical rules: a statement as names, constants, parameters and signs.

Made for texts out of a log: a statement may be cut off anywhere or be no SQL at all, and still has tokens. What an open quote or
an open comment hides is hidden to the end. Takes time in proportion to the text.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from functools import cache
from typing import Any

_SPACE = r"\x20\t\n\r\f\v"
_BEYOND = "\x80-\U0010ffff"  # PostgreSQL takes every character beyond ASCII for a letter
_LETTER = f"[A-Za-z_{_BEYOND}]"
_PLAIN = r"'[^']*(?:''[^']*)*(?:'|\Z)"
_ESCAPED = r"'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\\?\Z)"
_DIGITS = r"\d(?:_?\d)*"
_NUMBER = (
    r"(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
    rf"|(?:{_DIGITS}(?:\.(?!\.)(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)"
)
_TOKEN = rf"""
    (?P<space>[{_SPACE}]+|--[^\n\r]*)
    |(?P<block>/\*)
    |(?P<escaped>[eE]{_ESCAPED}(?:[\x20\t\r\f\v]*\n[{_SPACE}]*{_ESCAPED})*)
    |(?P<string>(?:[bBxX]|[uU]&){_PLAIN}|[nN]?QUOTED)
    |(?P<quoted>(?:[uU]&)?"[^"]*(?:""[^"]*)*(?:"|(?P<open>\Z)))
    |(?P<name>{_LETTER}[A-Za-z0-9_${_BEYOND}]*)
    |(?P<number>{_NUMBER})
    |(?P<parameter>\$\d+)
    |(?P<dollar>\$(?:{_LETTER}[A-Za-z0-9_{_BEYOND}]*)?\$)
    |(?P<sign>.)
"""
# Everything that is a constant, where no block comment is about; names in quotes stay.
_HIDDEN = rf"""
    (?<![A-Za-z0-9_${_BEYOND}])(?:[eE]{_ESCAPED}(?:[\x20\t\r\f\v]*\n[{_SPACE}]*{_ESCAPED})*|(?:[bBxX]|[uU]&){_PLAIN}|[nN]QUOTED)
    |QUOTED|(?P<comment>--)[^\n\r]*|(?P<quoted>"[^"]*(?:""[^"]*)*"(?!"))|"[^"]*(?:""[^"]*)*\Z
    |(?<![A-Za-z0-9_${_BEYOND}])(?:{_NUMBER}|\$(?P<tag>(?:{_LETTER}[A-Za-z0-9_{_BEYOND}]*)?)\$.*?(?:\$(?P=tag)\$|\Z))
"""
# The first and the last may belong to expressions.
_RUN = re.compile(r"\x00(?:\s*,\s*\x00){3,}")
_COMMENT_EDGE = re.compile(r"/\*|\*/")


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


def tokens(statement: str, *, conforming: bool = True) -> Iterator[Token]:
    """
    The tokens of any text. `conforming` is standard_conforming_strings: off, a backslash escapes in every string.

    An open quoted name counts as a constant: what a wrong reading of quotes may bring to light stays hidden.
    """
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


def skeleton(statement: str, *, conforming: bool = True) -> str | None:
    """
    The text with a mark for every constant, quickly: statements with one skeleton have the same tokens but for their constants.

    More than three constants in a row are three. None where a block comment may be about, which needs the tokens themselves.
    """
    if "/*" in statement or "\x00" in statement:
        return None
    return _RUN.sub("\x00,\x00,\x00", _hider(conforming=conforming)("\\g<comment>\\g<quoted>\x00", statement))


@cache
def _scanner(*, conforming: bool) -> Callable[[str, int], Any]:
    return _compiled(_TOKEN, conforming=conforming).match


@cache
def _hider(*, conforming: bool) -> Callable[[str, str], str]:
    return _compiled(_HIDDEN, conforming=conforming).sub


def _compiled(pattern: str, *, conforming: bool) -> re.Pattern[str]:
    plain = pattern.replace("QUOTED", _PLAIN if conforming else _ESCAPED)
    return re.compile(plain, re.VERBOSE | re.DOTALL | re.ASCII)


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
