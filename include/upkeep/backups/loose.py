"""
Definitions as two major versions may word them: what counts is kept, what a version may add or leave out is not.

Kept: the case of strings, qualified names, operators, and which condition stands within which parentheses. Dropped: white space,
casts, the quotes of plain names, parentheses around one operand or a whole clause, and the table in front of a column.
"""

import re
from collections.abc import Collection, Iterator

_TOKEN = re.compile(
    r"""
      (?P<string>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')
    | (?P<cast>::\s*(?:"(?:[^"]|"")*"|[a-z_]\w*)(?:\."(?:[^"]|"")*")?
        (?:\ varying|\ precision|\ with(?:out)?\ time\ zone)?(?:\([\d,\ ]+\))?(?:\ with(?:out)?\ time\ zone)?(?:\[\])*)
    | (?P<name>"(?:[^"]|"")*")
    | (?P<plain>[^\W\d][\w$]*)
    | (?P<number>\d[\d.]*)
    | (?P<other>[<>=!~@\#%^&|*/+?:-]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r'"([a-z_][a-z0-9_$]*)"')
_OPENS = "("


def loosely(definition: str, schemas: Collection[str] = ()) -> str:
    """
    The words of a definition that any version has.

    `schemas` are the database's: what is before a dot and is none of them is the table of a column.
    """
    return " ".join(_unwrapped(_unqualified(list(_tokens(definition)), {*schemas, "pg_catalog", "information_schema"})))


def _tokens(definition: str) -> Iterator[str]:
    for match in _TOKEN.finditer(definition):
        text = match[0]
        if match.lastgroup == "cast" or text.isspace():
            continue
        plain = _PLAIN.fullmatch(text)
        yield plain[1] if plain else text


def _unqualified(tokens: list[str], schemas: Collection[str]) -> list[str]:
    kept: list[str] = []
    for place, word in enumerate(tokens):
        if word == "." and kept and not _is_schema(kept[-1], schemas):
            following = tokens[place + 1] if place + 1 < len(tokens) else ""
            if following != "*":
                kept.pop()
                if kept and kept[-1] == ".":  # schema.table.column
                    del kept[-2:]
            else:
                kept.append(word)
            continue
        kept.append(word)
    return kept


def _is_schema(word: str, schemas: Collection[str]) -> bool:
    plain = word[1:-1].replace('""', '"') if word.startswith('"') else word
    return plain in schemas or word in schemas


def _unwrapped(tokens: list[str]) -> list[str]:
    """Without parentheses around one operand, and without the outer of two pairs."""
    while (pairs := _pairs(tokens)) and (drop := set(_needless(tokens, pairs))):
        tokens = [word for place, word in enumerate(tokens) if place not in drop]
    return tokens


def _pairs(tokens: list[str]) -> dict[int, int]:
    found, opened = {}, []
    for place, word in enumerate(tokens):
        if word == _OPENS:
            opened.append(place)
        elif word == ")" and opened:
            found[opened.pop()] = place
    return found


def _needless(tokens: list[str], pairs: dict[int, int]) -> Iterator[int]:
    for begin, end in pairs.items():
        before = tokens[begin - 1].upper() if begin else ""
        after = tokens[end + 1].upper() if end + 1 < len(tokens) else ""
        doubled = pairs.get(begin + 1) == end - 1
        alone = before in _BEFORE and after in _AFTER and _is_one(tokens, begin, end)
        if doubled or alone or (end == begin + 2 and not _is_name(tokens[begin - 1] if begin else "")):
            yield from (begin, end)


def _is_one(tokens: list[str], begin: int, end: int) -> bool:
    """Whether it is one expression, neither a list nor a query."""
    depth = 0
    for word in tokens[begin + 1 : end]:
        depth += (word == "(") - (word == ")")
        if word == "," and not depth:
            return False
    return end > begin + 1 and tokens[begin + 1].upper() not in {"SELECT", "VALUES", "WITH"}


def _is_name(word: str) -> bool:
    return word.startswith('"') or (word.isidentifier() and word.upper() not in _KEYWORDS)


_BEFORE = {"", "(", ",", "WHERE", "ON", "HAVING", "WHEN", "THEN", "ELSE", "SELECT", "BY", "RETURN", "DEFAULT"}
_AFTER = {
    "", ")", ",", ";", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "UNION", "EXCEPT", "INTERSECT", "WINDOW", "WHEN",
    "THEN", "ELSE", "END", "AS", "FROM", "JOIN", "LEFT", "RIGHT", "FULL", "CROSS", "DO",
}  # fmt: skip
_KEYWORDS = {
    "AND", "OR", "NOT", "IN", "SELECT", "WHERE", "ON", "WHEN", "THEN", "ELSE", "CASE", "AS", "FROM", "BY", "CHECK", "USING", "IS",
    "LIKE", "BETWEEN", "DISTINCT", "HAVING", "UNION", "ALL", "VALUES", "RETURN", "DEFAULT", "SET", "EXCEPT", "INTERSECT", "LIMIT",
    "OFFSET", "JOIN", "DO", "INSTEAD", "ALSO",
}  # fmt: skip
