"""Who depends on whom: the shortest chain from what a project asks for, and whether production needs it."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from upkeep.formats.package import Scope

_LONGEST = 100
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Place(Generic[K]):
    """Where a package stands: asked for directly or not, the chain to it (empty when too long or unknown), its scope."""

    direct: bool | None
    chain: tuple[K, ...]
    scope: Scope


class Graph(Generic[K]):
    """
    What stands where, by key. What nothing leads to is unknown, and so is all when no roots are known.

    `needs` gives the keys that one needs. What production reaches is production, whoever else needs it.
    """

    def __init__(self, production: Iterable[K], development: Iterable[K], needs: Callable[[K], Iterable[K]]) -> None:
        roots = tuple(production), tuple(development)
        self._roots = frozenset(roots[0]) | frozenset(roots[1])
        self._reached = _parents(roots[0], needs), _parents(roots[1], needs)

    def place(self, key: K) -> Place[K]:
        """Where this one stands."""
        for parents, scope in zip(self._reached, (Scope.PRODUCTION, Scope.DEVELOPMENT), strict=True):
            if key in parents:
                return Place(key in self._roots, _chain(parents, key), scope)
        return Place(None, (), Scope.UNKNOWN)


def _parents(roots: Iterable[K], needs: Callable[[K], Iterable[K]]) -> dict[K, K | None]:
    parents: dict[K, K | None] = dict.fromkeys(roots)
    waiting = deque(parents)
    while waiting:
        here = waiting.popleft()
        for key in needs(here):
            if key not in parents:
                parents[key] = here
                waiting.append(key)
    return parents


def _chain(parents: dict[K, K | None], key: K) -> tuple[K, ...]:
    chain: list[K] = []
    here: K | None = key
    while here is not None:
        chain.append(here)
        if len(chain) > _LONGEST:
            return ()
        here = parents[here]
    return tuple(reversed(chain))
