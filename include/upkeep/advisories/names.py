"""How ecosystems spell the names of packages, and names that look like another's."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

_SEPARATORS = re.compile(r"[-_.]+")
_BETWEEN_WORDS = re.compile(r"[-_./@]+")
_WITHOUT_CASE = frozenset({"Packagist", "NuGet", "GitHub Actions", "Hex", "Pub"})
_SHORTEST = 5  # names of fewer letters are alike by chance


def normalise(ecosystem: str, name: str) -> str:
    """The one spelling of a name by which its ecosystem knows it."""
    base = ecosystem.partition(":")[0]
    if base == "PyPI":
        return _SEPARATORS.sub("-", name).lower()
    return name.lower() if base in _WITHOUT_CASE else name


class Lookalikes:
    """
    Well-known names, asked for those that another name could be mistaken for.

    Both are compared without their separators, the marks of a scope included, and whatever the order of their words.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Takes names of one ecosystem, normalised."""
        self._known = frozenset(names)
        self._near: dict[str, set[str]] = defaultdict(set)
        self._ordered: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for name in self._known:
            self._ordered[_words(name)].add(name)
            for form in _forms(name):
                self._near[form].add(name)

    def of(self, name: str) -> str | None:
        """The well-known name that this one could be mistaken for; None for one that is known itself, or like none."""
        if name in self._known or len(_bare(name)) < _SHORTEST:
            return None
        near = {other for form in _forms(name) for other in self._near.get(form, ()) if _is_near(_bare(name), _bare(other))}
        return min(near | self._ordered.get(_words(name), set()), default=None)


def _bare(name: str) -> str:
    return _BETWEEN_WORDS.sub("", name).lower()


def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(word for word in _BETWEEN_WORDS.split(name.lower()) if word))


def _forms(name: str) -> Iterator[str]:
    """The name, and what is left of it when any one letter is missing: names that are near have one in common."""
    bare = _bare(name)
    if len(bare) >= _SHORTEST:
        yield bare
        yield from (bare[:place] + bare[place + 1 :] for place in range(len(bare)))


def _is_near(one: str, other: str) -> bool:
    """Whether one letter was added, left out or replaced, or two neighbours exchanged."""
    if len(one) > len(other):
        one, other = other, one
    same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest, its = one[same:], other[same:]
    if len(one) < len(other):
        return rest == its[1:]
    return rest[1:] == its[1:] or (rest[:2] == its[1::-1] and rest[2:] == its[2:])
