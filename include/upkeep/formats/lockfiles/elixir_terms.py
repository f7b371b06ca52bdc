"""
The plain terms of Elixir that a lockfile is made of: maps, tuples, lists, keywords, strings, atoms and whole numbers.

A string is `str`, an atom is `Atom`, a tuple and a list are what they are called, a map is a dict; `[a: 1]` is a list of pairs.
"""

import re
from collections.abc import Iterator
from typing import Any

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.text import line_at, shown

_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<key>(?:[A-Za-z_][\w@]*[?!]?|"(?:[^"\\\n]|\\.)*"):(?=\s))|(?P<text>"(?:[^"\\]|\\.)*")|(?P<atom>:(?:[A-Za-z_][\w@]*[?!]?|"(?:[^"\\]|\\.)*"))"""
    r"|(?P<word>[A-Za-z_][\w.]*)|(?P<number>-?\d{1,30}(?!\d))|(?P<sign>%\{|=>|[{}\[\],])"
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SAME = {"n": "\n", "t": "\t", "r": "\r"}
_DEEPEST = 50
_ENDS = {"%{": "}", "{": "}", "[": "]"}


class Atom(str):
    """A name that stands for itself: `:hex`, `true`."""

    __slots__ = ()


class Terms:
    """Reads one term of a text. Raises UnreadableError, by line, for whatever is none."""

    def __init__(self, text: str) -> None:
        self._text, self._tokens = text, _tokens(text)
        self._kind, self._word, self._place = next(self._tokens)

    def only(self) -> Any:
        """The one term that the text holds."""
        value = self._term(0)
        if self._kind != "end":
            raise self._wrong()
        return value

    def _step(self) -> str:
        word = self._word
        self._kind, self._word, self._place = next(self._tokens)
        return word

    def _term(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise UnreadableError(f"line {line_at(self._text, self._place)}: nested too deep to be read")
        if self._kind == "text":
            return _unquoted(self._step())
        if self._kind == "atom":
            return Atom(_unquoted(self._step()[1:]))
        if self._kind == "word":
            return Atom(self._step())
        if self._kind == "number":
            return int(self._step())
        if self._kind == "sign" and self._word in _ENDS:
            return self._collection(self._step(), depth + 1)
        raise self._wrong()

    def _collection(self, begin: str, depth: int) -> Any:
        items: list[Any] = []
        while self._word != _ENDS[begin] or self._kind != "sign":
            items.append(self._item(begin, depth))
            if self._word == "," and self._kind == "sign":
                self._step()
            elif self._word != _ENDS[begin] or self._kind != "sign":
                raise self._wrong()
        self._step()
        return _map(items) if begin == "%{" else tuple(items) if begin == "{" else items

    def _item(self, begin: str, depth: int) -> Any:
        """A term; `key: term` and in a map `term => term` are pairs."""
        if self._kind == "key":
            key = _unquoted(self._step()[:-1])
            return Atom(key), self._term(depth)
        value = self._term(depth)
        if begin == "%{":
            if self._word != "=>":
                raise self._wrong()
            self._step()
            return value, self._term(depth)
        return value

    def _wrong(self) -> UnreadableError:
        return UnreadableError(
            f'line {line_at(self._text, self._place)}: "{shown(self._word or "the end")}" is not expected here'
        )


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise UnreadableError(f'line {line_at(text, place)}: "{shown(text[place : place + 20])}" cannot be read')
        if found.lastgroup:
            yield found.lastgroup, found[0], place
        place = found.end()
    while True:
        yield "end", "", place


def _unquoted(word: str) -> str:
    return _ESCAPE.sub(lambda found: _SAME.get(found[1], found[1]), word[1:-1]) if word.startswith('"') else word


def _map(pairs: list[Any]) -> dict[Any, Any]:
    found = {str(key): value for key, value in pairs}
    if len(found) < len(pairs):
        raise UnreadableError("a key stands twice in a map")
    return found
