"""The chains of a whole file, for readers that know nothing of scopes: from the direct dependencies to everything in it."""

from collections.abc import Hashable, Iterable, Mapping
from itertools import chain
from typing import TypeVar

from upkeep.formats.lockfiles.graph import Graph

Node = TypeVar("Node", bound=Hashable)


def chains(direct: Iterable[Node], needs: Mapping[Node, Iterable[Node]]) -> dict[Node, tuple[Node, ...]]:
    """The shortest chain to each that can be reached, both ends included; empty when it is too long to be read."""
    roots = tuple(direct)
    graph = Graph(roots, (), lambda node: needs.get(node, ()))
    places = {node: graph.place(node) for node in dict.fromkeys(chain(roots, needs, *needs.values()))}
    return {node: place.chain for node, place in places.items() if place.direct is not None}
