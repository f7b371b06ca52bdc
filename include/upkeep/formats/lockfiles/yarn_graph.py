"""Entries of a yarn.lock, found by what asks for them: "name@range"."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.graph import Graph
from upkeep.formats.lockfiles.npm_names import Asked, split
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.package import Origin, Package, Scope

_MOST = 50  # versions of one name that may be meant by a range that stands nowhere


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what asks for it, what it is, and what it needs by name with the range. `own` is part of the repository."""

    asked_as: Sequence[str]
    name: str
    version: str | None
    origin: Origin
    commit: str | None
    needs: Sequence[tuple[str, str]]
    line: int | None = None
    hashes: tuple[str, ...] = ()
    marker: str | None = None
    own: bool = False
    repository: str | None = None


class Entries:
    """All of a file. What is needed and stands nowhere means that the file was cut off."""

    def __init__(self, entries: Sequence[Entry], draft: Draft) -> None:
        self._entries, self._draft = entries, draft
        self._by_key = {key: place for place, entry in enumerate(entries) for key in entry.asked_as}
        self._by_name: dict[str, list[int]] = {}
        for place, entry in enumerate(entries):
            for name in {split(key)[0] for key in entry.asked_as}:
                self._by_name.setdefault(name, []).append(place)

    def add_all(self, roots: Iterable[Asked], *, all_known: bool) -> None:
        """Put every package into the draft. Unless all roots are known, what none of them reaches is of unknown scope."""
        asked = list(roots)
        production = [place for one in asked for place in self._places("the project", one.production.items())]
        development = [place for one in asked for place in self._places("the project", one.development.items())]
        needs = [[] if entry.own else list(self._places(entry.name, entry.needs)) for entry in self._entries]
        graph = Graph(production, development, lambda place: needs[place])
        for place, entry in enumerate(self._entries):
            if not entry.own:
                self._add(place, entry, graph, known=all_known)

    def _add(self, place: int, entry: Entry, graph: Graph[int], *, known: bool) -> None:
        at = graph.place(place)
        aliases = [name for name in (split(key)[0] for key in entry.asked_as) if name != entry.name]
        self._draft.add_once(
            Package(
                "npm",
                entry.name,
                entry.version,
                direct=True if at.direct else (False if known else None),
                path=tuple(self._entries[key].name for key in at.chain),
                scope=at.scope if at.scope is Scope.PRODUCTION or known else Scope.UNKNOWN,
                origin=entry.origin,
                commit=entry.commit,
                repository=entry.repository,
                alias=aliases[0] if aliases else None,
                marker=entry.marker,
                line=entry.line,
                hashes=entry.hashes,
            )
        )

    def _places(self, who: str, needs: Iterable[tuple[str, str]]) -> Iterator[int]:
        """A range that stands nowhere was overridden by `resolutions`: any entry of that name may be meant."""
        for name, wanted in needs:
            keys = (f"{name}@{wanted}", f"{name}@npm:{wanted}")
            found = [self._by_key[key] for key in keys if key in self._by_key] or self._by_name.get(name)
            if found:
                yield from found[:_MOST]
            elif not wanted.startswith(("link:", "workspace:", "portal:")):
                self._draft.lost(f"{who} needs {shown(name)}, which is not in the file: it was cut off or is out of date")
