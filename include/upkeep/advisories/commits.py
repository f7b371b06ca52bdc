"""
Packages that are a commit: whether an advisory's ranges of commits hold them, by the history of their repository.

What cannot be told is None throughout: it makes an answer open only where the answer hangs on it.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from upkeep.advisories.advisory import Affected, Range, RangeKind
from upkeep.formats.git_address import repository_of

Told = bool | None
Reaches = Callable[[str, str], Told]
"""Whether the first commit is the second or comes after it."""
_FIRST, _ALL = "0", "*"
_SHORTEST = 7  # letters of a commit that git itself takes for one


class Histories(Protocol):
    """The commits of the repositories that advisories speak of."""

    def reaches(self, address: str, newer: str, older: str) -> Told:
        """Whether the newer is the older or comes after it; None where it cannot be told, as for a commit that is not there."""
        ...

    def why(self, address: str) -> str:
        """Why something of this repository could not be told."""
        ...


def about_commit(affected: Affected, commit: str, repository: str, histories: Histories | None) -> Told:
    """Whether an advisory holds at this commit: by a range that names it, else by the history of its repository."""
    return _any(_about(found, commit, repository, histories) for found in affected.ranges if found.kind is RangeKind.GIT)


def _about(found: Range, commit: str, repository: str, histories: Histories | None) -> Told:
    named = {kind for kind, at in found.events if _is_same(at, commit)}
    if named:
        return not named & {"fixed", "limit"}
    if not repository or repository_of(found.repository) != repository:
        return False
    if histories is None or not commit:
        return None
    return _holds(found, commit, lambda newer, older: histories.reaches(found.repository, newer, older))


def _holds(found: Range, commit: str, reaches: Reaches) -> Told:
    """
    Whether a range holds a commit: it comes after one that introduced, and after none that ended what that introduced.

    A fix ends it unless it comes before what introduced it again. What was last affected is still affected. A limit holds what
    comes before it alone.
    """
    begins, limits = _at(found, "introduced"), _at(found, "limit")
    held = _any(_and(begin == _FIRST or reaches(commit, begin), _not(_ended(found, commit, begin, reaches))) for begin in begins)
    within = not limits or _ALL in limits or _any(reaches(limit, commit) for limit in limits)
    return _and(held, within)


def _ended(found: Range, commit: str, begin: str, reaches: Reaches) -> Told:
    """Whether the commit comes after an end that does not itself come before this beginning."""
    ends = [*_at(found, "fixed"), *(last for last in _at(found, "last_affected") if not _is_same(last, commit))]
    return _any(_and(reaches(commit, end), begin == _FIRST or _not(reaches(begin, end))) for end in ends)


def _at(found: Range, kind: str) -> list[str]:
    return [commit for what, commit in found.events if what == kind]


def _any(answers: Iterable[Told]) -> Told:
    every = list(answers)
    return True if True in every else (None if None in every else False)


def _and(one: Told, other: Told) -> Told:
    return False if False in (one, other) else (None if None in (one, other) else True)


def _not(answer: Told) -> Told:
    return None if answer is None else not answer


def _is_same(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= _SHORTEST and (one.startswith(other) or other.startswith(one))
