"""bun.lock: JSON with comments, a list for each place of node_modules; and bun.lockb, which is binary."""

from collections.abc import Iterator, Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import jsonc_document, key_lines, mapping
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.graph import Graph
from upkeep.formats.lockfiles.npm_names import asked_for, commit_in, origin_of, split
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Origin, Package, Reading

_KNOWN = (0, 1)
_DEEP = 200


@reads("bun.lockb")
def bun_lockb(raw: bytes, open_beside: Beside) -> Reading:
    """Never read, unless the text stands beside."""
    if open_beside("bun.lock") is not None:
        return Reading("bun.lockb", (), notes=("bun.lock beside is read instead",))
    raise UnreadableError("is binary: write it as text with bun install --save-text-lockfile, and commit that")


@reads("bun.lock")
def bun_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. Workspaces are the repository itself, so no packages of it."""
    text, draft = decoded(raw), Draft("bun.lock")
    document, lines = jsonc_document(text), key_lines(text)
    version = document.get("lockfileVersion")
    if "workspaces" not in document:
        raise UnreadableError("has no `workspaces`: it is no bun.lock")
    if version not in _KNOWN:
        draft.lost(f"is of version {shown(version)}, and versions 0 and 1 are read")
    _Lock(document, lines, draft).add_all()
    return draft.reading()


class _Lock:
    """Places by name and the names around it, as bun writes them: "a/b" is the b that a finds first."""

    def __init__(self, document: Mapping[str, Any], lines: Mapping[str, int], draft: Draft) -> None:
        self._workspaces = mapping(document.get("workspaces"))
        self._lines, self._draft = lines, draft
        self._packages: dict[str, list[Any]] = {}
        for place, entry in mapping(document.get("packages")).items():
            if isinstance(entry, list) and entry and isinstance(entry[0], str) and place.count("/") <= _DEEP:
                self._packages[place] = entry
            else:
                draft.lost(f"{shown(place)} is no package that can be", lines.get(place))

    def add_all(self) -> None:
        roots: tuple[list[str], list[str]] = [], []
        for folder, workspace in self._workspaces.items():
            asked, place = asked_for(mapping(workspace)), str(mapping(workspace).get("name") or "") if folder else ""
            for keys, names in zip(roots, (asked.production, asked.development), strict=True):
                keys.extend(self._all_found(place, names, mapping(mapping(workspace).get("peerDependencies"))))
        graph = Graph(*roots, needs=self._needs)
        for place, entry in self._packages.items():
            if "@workspace:" not in entry[0]:
                self._add(place, entry, graph)

    def _add(self, place: str, entry: list[Any], graph: Graph[str]) -> None:
        name, where = split(entry[0])
        at, origin, installed = graph.place(place), origin_of(where), _parts(place)[-1]
        self._draft.add_once(
            Package(
                "npm",
                name,
                where if origin is Origin.REGISTRY else None,
                direct=bool(at.direct),
                path=tuple(split(self._packages[key][0])[0] for key in at.chain),
                scope=at.scope,
                origin=origin,
                commit=commit_in(where) if origin is Origin.GIT else None,
                repository=repository_of(where) if origin is Origin.GIT else None,
                alias=installed if installed != name else None,
                line=self._lines.get(place),
                hashes=tuple(word for word in entry[1:] if isinstance(word, str) and word.startswith("sha")),
            )
        )

    def _needs(self, place: str) -> list[str]:
        entry = self._packages[place]
        about = next((part for part in entry if isinstance(part, dict)), {})
        names = [n for t in ("dependencies", "optionalDependencies") for n in mapping(about.get(t))]
        return list(self._all_found(place, names, ()))

    def _all_found(self, place: str, names: Any, may_miss: Any) -> Iterator[str]:
        for name in names:
            if found := self._found(place, name):
                yield found
            elif name not in may_miss:
                who = place or "the project"
                self._draft.lost(f"{shown(who)} needs {shown(name)}, which is not in the file: it was cut off")

    def _found(self, place: str, name: str) -> str | None:
        around = _parts(place)
        for count in range(len(around), -1, -1):
            here = "/".join([*around[:count], name])
            if here in self._packages:
                return here
        return None


def _parts(place: str) -> list[str]:
    """The names in a place: "@a/b/c" has two."""
    parts: list[str] = []
    for part in place.split("/"):
        if parts and parts[-1].startswith("@") and "/" not in parts[-1]:
            parts[-1] += f"/{part}"
        else:
            parts.append(part)
    return [part for part in parts if part]
