"""
The shape of a statement: its text without any constant, and a fingerprint that is the same for all statements of that shape.

Constants may be personal data and never leave this module. Fingerprints are libpg_query's (through pglast) where its parser
understands the statement; else a plain rule is used, which finds the same constants but knows no grammar.
"""

import hashlib
import re
from dataclasses import dataclass

LONGEST_PARSED = 50_000
LONGEST_SHOWN = 500
_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*)
    |(?P<block>/\*)
    |(?P<constant>
        [eE]'(?:[^'\\]|\\.|'')*'?
        |(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'?
        |(?<![\w$])(?:0[xXoObB][\da-fA-F_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    )
    |(?P<dollar>\$(?:[^\W\d]\w*)?\$)
    |(?P<open>"(?:[^"]|"")*\Z)
    |(?P<name>"(?:[^"]|"")*"|\$\d+|[^\W\d][\w$]*)
    |(?P<space>\s+)
    """,
    re.VERBOSE | re.DOTALL,
)
# Lists of constants of any length, and rows of them, are one shape.
_LIST = re.compile(r"\( ?\?(?: ?, ?\?)* ?\)(?: ?, ?\( ?\?(?: ?, ?\?)* ?\))*")


@dataclass(frozen=True, slots=True)
class Shape:
    """`fingerprint` is 16 hex digits; `text` has no constants and at most LONGEST_SHOWN characters."""

    fingerprint: str
    text: str


def shape(statement: str) -> Shape:
    """The shape of any text that was sent as a statement, also of one that does not parse or was cut."""
    text = _LIST.sub("(?)", without_constants(statement))
    found = _parsed(statement) if len(statement) <= LONGEST_PARSED else None
    return Shape(found or _plain_fingerprint(text), shortened(text))


def shortened(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Cut to a length, with an ellipsis when something was cut."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def without_constants(statement: str) -> str:
    """The statement with `?` for every constant, without comments, white space squeezed. An open quote hides the rest."""
    parts, at = [], 0
    while at < len(statement):
        match = _TOKEN.match(statement, at)
        part, at = _token(statement, match) if match else (statement[at], at + 1)
        parts.append(part)
    return " ".join("".join(parts).split())


def _token(statement: str, match: re.Match[str]) -> tuple[str, int]:
    match match.lastgroup:
        case "comment" | "space":
            return " ", match.end()
        case "block":
            return " ", _comment_end(statement, match.end())
        case "constant" | "open":
            return "?", match.end()
        case "dollar":
            end = statement.find(match.group(), match.end())
            return "?", len(statement) if end < 0 else end + len(match.group())
        case _:
            return match.group(), match.end()


_COMMENT_EDGE = re.compile(r"/\*|\*/")


def _comment_end(statement: str, at: int) -> int:
    depth = 1
    for edge in _COMMENT_EDGE.finditer(statement, at):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    return len(statement)


def _parsed(statement: str) -> str | None:
    from pglast.parser import ParseError, fingerprint

    try:
        return str(fingerprint(statement))
    except (ParseError, UnicodeError, ValueError):
        return None


def _plain_fingerprint(text: str) -> str:
    return hashlib.sha256(text.lower().encode(errors="replace")).hexdigest()[:16]
