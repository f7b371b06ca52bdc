"""
The shape of a statement: its text without any constant, and a fingerprint that is the same for all statements of that shape.

Constants may be personal data and never leave this module. PostgreSQL's own queryid is not in a plain log, and changes with the
major version and with every drop and create of a table; this shape is made of the text alone, so that it needs no grammar, holds
over upgrades, and a statement that was cut off or has an error in it has one too.
"""

import hashlib
import re
from dataclasses import dataclass, field

from upkeep.formats.setting_values import hidden
from upkeep.formats.sql_tokens import Kind, skeleton, tokens

LONGEST_SHOWN = 500
HOLE = "$?"  # no token of PostgreSQL
_UPPER = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}
_OPEN, _CLOSE, _NO_OPERATOR = "([", ")]", "()[],;"
_WORDS_OF_CONSTANTS = frozenset({"true", "false", "null"})
# After these an expression begins, so that a sign belongs to the number behind it.
_BEFORE_EXPRESSION = frozenset({
    "select", "where", "and", "or", "when", "then", "else", "in", "between", "limit", "offset", "values", "return", "returning",
    "by", "case", "like", "having", "on", "all", "any",
})  # fmt: skip
_BEFORE_LIST = frozenset({"select", "values", "by", "distinct", "all", "returning"})
_OF_ROWS = frozenset({HOLE, "(", "row", "array", "interval", "date", "time", "timestamp", "timestamptz"})
# Up to which word a statement of that kind names a cursor, savepoint or prepared statement, which drivers number.
_NAMES_UNTIL = {
    "prepare": 1, "execute": 1, "declare": 1, "savepoint": 1, "close": 1, "deallocate": 2, "release": 2, "rollback": 4,
    "fetch": 4, "move": 4,
}  # fmt: skip
_NUMBERED = re.compile(r"\d[0-9a-f]*(?![A-Za-z])|\d+")
MOST_REMEMBERED, LONGEST_REMEMBERED = 2000, 4000
_remembered: dict[str, str] = {}


def fingerprint(statement: str) -> str:
    """Sixteen hex digits for any text that was sent as a statement, also for one that is wrong or was cut."""
    bare = skeleton(statement)
    if bare is None or len(bare) > LONGEST_REMEMBERED:
        return _fingerprint(statement)
    if bare not in _remembered:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[bare] = _fingerprint(statement)
    return _remembered[bare]


def _fingerprint(statement: str) -> str:
    tokens = _folded(statement).tokens
    return hashlib.sha256(" ".join(tokens).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def shown(statement: str) -> str:
    """The statement for people: no constants, lists of them as one, at most LONGEST_SHOWN characters."""
    return shortened("".join(_folded(statement).pieces).strip())


def shortened(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Cut to a length, with an ellipsis when something was cut."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def without_constants(statement: str) -> str:
    """The statement with `?` for every constant, without comments, white space squeezed; parameters ($1) stay."""
    parts = []
    for kind, text, spaced in hidden(tokens(statement)):
        parts.append(" " if spaced else "")
        parts.append("?" if kind is Kind.CONSTANT else text)
    return "".join(parts).strip()


@dataclass(slots=True)
class _Folding:
    """
    Words that make the shape, and the pieces that show it, one for one.

    `lists` holds for each open bracket where the item before begins (-1 for none) and where the present one does.
    """

    tokens: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    lists: list[tuple[int, int]] = field(default_factory=lambda: [(-1, 0)])

    def add(self, word: str, piece: str) -> None:
        """One more word."""
        self.tokens.append(word)
        self.pieces.append(piece)

    def constant(self, piece: str) -> None:
        """A constant or parameter: with its sign, and with the string that it continues."""
        tokens = self.tokens
        if tokens and tokens[-1] in {"-", "+"} and self.expression_begins(len(tokens) - 1):
            tokens.pop()
            piece = self.pieces.pop()[:-1] + piece.lstrip()
        if not tokens or tokens[-1] != HOLE:
            self.add(HOLE, piece)

    def expression_begins(self, at: int) -> bool:
        """Whether what stands at this place can only begin an expression, so that it is no binary operator or alias."""
        before = self.tokens[at - 1] if at else "select"
        return before in _BEFORE_EXPRESSION or (not before[0].isalnum() and before[0] not in '_")]$' and before.isascii())

    def settle(self) -> None:
        """Drop the item that has just ended where it repeats the one before it."""
        before, begin = self.lists[-1]
        tokens = self.tokens
        if before < 0 or len(tokens) == begin or begin - 1 - before != len(tokens) - begin or tokens[begin] not in _OF_ROWS:
            return
        item = tokens[begin:]
        if HOLE in item and item == tokens[before : begin - 1]:
            del tokens[begin - 1 :], self.pieces[begin - 1 :]
            self.lists[-1] = (-1, before)

    def next_item(self) -> None:
        """After a comma."""
        self.lists[-1] = (self.lists[-1][1], len(self.tokens))


def _folded(statement: str) -> _Folding:
    found = _Folding()
    for kind, text, spaced in hidden(tokens(statement)):
        space = " " if spaced else ""
        if found.tokens and found.tokens[-1] in {HOLE, ")"} and (kind is not Kind.SIGN or text in _NO_OPERATOR):
            found.settle()
        if kind is Kind.CONSTANT or kind is Kind.PARAMETER:
            found.constant(f"{space}?")
        elif kind is Kind.SIGN:
            _sign(found, text, space)
        else:
            _name(found, text if kind is Kind.QUOTED else _lower(text), text, space)
    found.settle()
    while found.tokens and found.tokens[-1] == ";":
        found.tokens.pop(), found.pieces.pop()
    return found


def _sign(found: _Folding, text: str, space: str) -> None:
    if text in _CLOSE or text == ",":
        found.settle()
    if text in _CLOSE and len(found.lists) > 1:
        found.lists.pop()
    found.add(text, space + text)
    if text == ",":
        found.next_item()
    elif text in _OPEN:
        found.lists.append((-1, len(found.tokens)))
    elif text == ";":
        found.lists = [(-1, len(found.tokens))]


def _name(found: _Folding, word: str, text: str, space: str) -> None:
    tokens = found.tokens
    if word in _WORDS_OF_CONSTANTS and found.expression_begins(len(tokens)):
        found.constant(space + text)
        return
    if tokens and (len(tokens) <= _NAMES_UNTIL.get(tokens[0], 0) or tokens[-2:] == ["current", "of"]):
        word, text = _NUMBERED.sub("?", word), _NUMBERED.sub("?", text)
    found.add(word, space + text)
    if word in _BEFORE_LIST:
        found.lists[-1] = (-1, len(tokens))


def _lower(name: str) -> str:
    """As PostgreSQL folds it in UTF-8: letters of ASCII only."""
    return name.lower() if name.isascii() else name.translate(_UPPER)
