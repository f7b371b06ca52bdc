"""Who brought whom: the shortest chains from the direct dependencies of a file to everything in it."""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

_LONGEST = 100
Node = TypeVar("Node", bound=Hashable)


def chains(direct: Iterable[Node], needs: Mapping[Node, Iterable[Node]]) -> dict[Node, tuple[Node, ...]]:
    """
    The shortest chain to each that can be reached, from a direct one and to itself, both included; empty when too long to read.

    Circles end where they meet; of two chains of one length the one that is read first is taken.
    """
    parents: dict[Node, Node | None] = dict.fromkeys(direct)
    waiting = deque(parents)
    while waiting:
        node = waiting.popleft()
        for needed in needs.get(node, ()):
            if needed not in parents:
                parents[needed] = node
                waiting.append(needed)
    return {node: _chain(node, parents) for node in parents}


def _chain(node: Node, parents: Mapping[Node, Node | None]) -> tuple[Node, ...]:
    chain, here = [node], parents[node]
    while here is not None:
        if len(chain) == _LONGEST:
            return ()
        chain.append(here)
        here = parents[here]
    return tuple(reversed(chain))
