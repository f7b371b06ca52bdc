"""
The shape of a statement: its text without any constant, and a fingerprint that is the same for all statements of that shape.

Constants may be personal data and never leave this module. Fingerprints are libpg_query's (through pglast) where its parser
understands the statement; else a plain rule is used, which finds the same constants but knows no grammar.
"""

import hashlib
import re

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


def fingerprint(statement: str) -> str:
    """Sixteen hex digits for any text that was sent as a statement, also for one that does not parse or was cut."""
    found = _parsed(statement) if len(statement) <= LONGEST_PARSED else None
    return found or hashlib.sha256(_listed(statement).lower().encode(errors="replace")).hexdigest()[:16]


def shown(statement: str) -> str:
    """The statement for people: no constants, lists of them as one, at most LONGEST_SHOWN characters."""
    return shortened(_listed(statement))


def _listed(statement: str) -> str:
    return _LIST.sub("(?)", without_constants(statement))


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
    from pglast import parser

    try:
        return str(parser.fingerprint(statement))
    except (parser.ParseError, UnicodeError, ValueError):
        return None
