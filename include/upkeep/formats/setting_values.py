"""
Values of settings as constants: `set app.token = hunter2` holds a constant, although its value is written like a name.

So do `alter role … set`, `alter database … set`, `alter system set` and the `set` of a function.
"""

from collections.abc import Iterable, Iterator

from upkeep.formats.sql_tokens import Kind, Token

_STATEMENTS = frozenset({"set", "alter", "create"})
_PARTS_OF_NAMES = frozenset({Kind.NAME, Kind.QUOTED})


def hidden(found: Iterable[Token]) -> Iterator[Token]:
    """The same tokens, where names that are values of settings have become constants."""
    first, place = "", ""
    for kind, text, spaced in found:
        word = text.lower() if kind is Kind.NAME else text
        first = first or word
        if word == ";" and kind is Kind.SIGN:
            first, place = "", ""
        elif first in _STATEMENTS:
            place = _place(place, kind, word)
        value = place == "value" and kind in _PARTS_OF_NAMES
        yield (Kind.CONSTANT if value else kind), text, spaced


def _place(before: str, kind: Kind, word: str) -> str:
    """Where in `set name = value, value` we are after this token; nothing when it is something else."""
    if kind is Kind.NAME and word == "set":
        return "set"
    if before == "set" and kind in _PARTS_OF_NAMES:
        return "set" if word in {"local", "session"} else "name"
    if before == "name" and kind is Kind.SIGN and word == ".":
        return "dot"
    if before == "dot" and kind in _PARTS_OF_NAMES:
        return "name"
    if before == "name" and ((kind is Kind.SIGN and word == "=") or (kind is Kind.NAME and word == "to")):
        return "given"
    return _after_value(before, kind, word)


def _after_value(before: str, kind: Kind, word: str) -> str:
    if before == "given":
        return "given" if kind is Kind.SIGN else "value"
    if before == "value" and kind is Kind.SIGN and word == ",":
        return "given"
    return ""
