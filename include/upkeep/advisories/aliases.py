"""Names of one fault: CVE, GHSA, PYSEC and others that advisories call aliases of each other, directly or through others."""

from collections import defaultdict
from collections.abc import Iterable

from upkeep.advisories.advisory import Advisory

_PREFERRED = ("CVE-", "GHSA-")


class AliasGroups:
    """The connected groups of names, whatever order the advisories came in."""

    def __init__(self, advisories: Iterable[Advisory]) -> None:
        """Takes all that were published by then: two may be joined by a third that is about another package, or withdrawn."""
        self._parents: dict[str, str] = {}
        for advisory in advisories:
            for alias in advisory.aliases:
                self._join(advisory.id, alias)
        members: dict[str, set[str]] = defaultdict(set)
        for name in self._parents:
            members[self._root(name)].add(name)
        self._groups = {name: frozenset(group) for group in members.values() for name in group}

    def of(self, name: str) -> frozenset[str]:
        """Every name of this fault, itself included."""
        return self._groups.get(name) or frozenset({name})

    def _root(self, name: str) -> str:
        path = []
        while (parent := self._parents.setdefault(name, name)) != name:
            path.append(name)
            name = parent
        for passed in path:
            self._parents[passed] = name
        return name

    def _join(self, one: str, other: str) -> None:
        self._parents[self._root(one)] = self._root(other)


def title_of(names: Iterable[str]) -> str:
    """The name that people know a fault by: its CVE, else its GHSA, else the first."""
    every = sorted(names)
    return next((name for prefix in _PREFERRED for name in every if name.startswith(prefix)), every[0])
