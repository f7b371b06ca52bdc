"""Who brought whom: the shortest chains from the direct dependencies of a file to everything in it."""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def chains(direct: Iterable[Node], needs: Mapping[Node, Iterable[Node]]) -> dict[Node, tuple[Node, ...]]:
    """
    The shortest chain to each that can be reached, from a direct one and to itself, both included.

    Circles end where they meet; of two chains of one length the one that is read first is taken.
    """
    found: dict[Node, tuple[Node, ...]] = {node: (node,) for node in direct}
    waiting = deque(found)
    while waiting:
        node = waiting.popleft()
        for needed in needs.get(node, ()):
            if needed not in found:
                found[needed] = (*found[node], needed)
                waiting.append(needed)
    return found
