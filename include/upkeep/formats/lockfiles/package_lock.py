"""package-lock.json and npm-shrinkwrap.json of every version: the tree of node_modules, flat (2, 3) or nested (1)."""

from collections.abc import Iterator, Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import json_document, key_lines, mapping, text_of
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.graph import Graph
from upkeep.formats.lockfiles.npm_names import Asked, asked_beside, asked_for, commit_in, origin_of, real_name, split
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Origin, Package, Reading, Scope

_MODULES = "node_modules/"
_KNOWN = (1, 2, 3)
_DEEP = 200
Entries = dict[str, Mapping[str, Any]]


@reads("package-lock.json", "npm-shrinkwrap.json")
def package_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. Version 1 leaves what is asked for directly to the package.json beside."""
    text, draft = decoded(raw), Draft("package-lock.json")
    document, lines = json_document(text), key_lines(text)
    version = document.get("lockfileVersion")
    if version not in _KNOWN and not {"packages", "dependencies"} & document.keys():
        raise UnreadableError("has no `lockfileVersion`: it is no package-lock.json")
    if version not in _KNOWN:
        draft.lost(f"is of version {shown(version)}, and versions 1 to 3 are read")
    flat = "packages" in document
    entries = _entries(document["packages"], draft) if flat else dict(_nested(document.get("dependencies"), draft))
    roots = _roots(entries) if flat else {"": asked_beside(open_beside, draft)}
    _Tree(entries, {place: asked for place, asked in roots.items() if asked}, lines, flat=flat).add_all(draft)
    return draft.reading()


def _entries(packages: Any, draft: Draft) -> Entries:
    if not isinstance(packages, dict):
        raise UnreadableError("its `packages` are no mapping")
    found: Entries = {}
    for place, entry in packages.items():
        if not isinstance(entry, dict) or place.count("/") > _DEEP:
            draft.lost(f"{shown(place)} is no package that can be")
        else:
            found[place] = entry
    return found


def _nested(top: Any, draft: Draft) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Version 1 as the flat form: places in node_modules, with real names, versions and addresses."""
    waiting = [("", mapping(top))]
    while waiting:
        place, tables = waiting.pop()
        for name, entry in tables.items():
            here = f"{place}/{_MODULES}{name}".lstrip("/")
            if not isinstance(entry, dict) or here.count("/") > _DEEP:
                draft.lost(f"{shown(here)} is no package that can be")
                continue
            yield here, _flat(name, entry)
            waiting.append((here, mapping(entry.get("dependencies"))))


def _flat(name: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    version = text_of(entry.get("version")) or ""
    made = {**entry, "dependencies": entry.get("requires"), "name": real_name(name, version)}
    if version.startswith("npm:"):
        return {**made, "version": split(version[4:])[1]}
    if origin_of(version) is not Origin.REGISTRY:
        return {**made, "version": None, "resolved": version}
    return made


def _roots(entries: Entries) -> dict[str, Asked | None]:
    """The project itself and its workspaces: places outside of node_modules."""
    return {place: asked_for(entry) for place, entry in entries.items() if _MODULES not in place}


class _Tree:
    """The places of node_modules, and who finds whom from where, as node does."""

    def __init__(self, entries: Entries, roots: Mapping[str, Asked], lines: Mapping[str, int], *, flat: bool) -> None:
        self._entries, self._roots, self._lines, self._flat = entries, roots, lines, flat
        asked = [[self._found(place, n) for n in a.production] for place, a in roots.items()]
        work = [[self._found(place, n) for n in a.development] for place, a in roots.items()]
        production, development = ([k for some in every for k in some if k] for every in (asked, work))
        self._graph = Graph(production, development, self._needs)

    def add_all(self, draft: Draft) -> None:
        for place, entry in self._entries.items():
            if _MODULES in place and not self._is_own(entry):
                self._add(place, entry, draft)

    def _is_own(self, entry: Mapping[str, Any]) -> bool:
        """Whether this is a link to a workspace, which is the repository itself."""
        workspaces = self._roots.get("")
        return bool(entry.get("link")) and entry.get("resolved") in self._roots and bool(workspaces and workspaces.workspaces)

    def _add(self, place: str, entry: Mapping[str, Any], draft: Draft) -> None:
        installed = place.rpartition(_MODULES)[2]
        target = mapping(self._entries.get(str(entry.get("resolved")))) if entry.get("link") else entry
        name = text_of(entry.get("name")) or text_of(target.get("name")) or installed
        where = text_of(entry.get("resolved")) or ""
        origin = Origin.PATH if entry.get("link") else origin_of(where)
        version = text_of(target.get("version"))
        if version is None and origin is Origin.REGISTRY:
            draft.lost(f"{shown(name)} has no version", self._line(place, installed))
            return
        at = self._graph.place(place)
        draft.add_once(
            Package(
                "npm",
                name,
                version,
                direct=bool(at.direct) if self._roots else None,
                path=tuple(self._name(key) for key in at.chain),
                scope=Scope.DEVELOPMENT if entry.get("dev") else Scope.PRODUCTION,
                origin=origin,
                commit=commit_in(where) if origin is Origin.GIT else None,
                repository=repository_of(where) if origin is Origin.GIT else None,
                alias=installed if installed != name else None,
                licence=text_of(target.get("license")),
                deprecated=text_of(target.get("deprecated")),
                line=self._line(place, installed),
                hashes=tuple((text_of(entry.get("integrity")) or "").split()),
            )
        )

    def _line(self, place: str, installed: str) -> int | None:
        return self._lines.get(place if self._flat else installed)

    def _name(self, place: str) -> str:
        return text_of(self._entries[place].get("name")) or place.rpartition(_MODULES)[2]

    def _needs(self, place: str) -> Iterator[str]:
        entry = self._entries[place]
        if entry.get("link"):
            target = str(entry.get("resolved"))
            if target in self._entries:
                yield from self._needs_of(target, self._entries[target])
        else:
            yield from self._needs_of(place, entry)

    def _needs_of(self, place: str, entry: Mapping[str, Any]) -> Iterator[str]:
        for table in ("dependencies", "optionalDependencies", "peerDependencies"):
            for name in mapping(entry.get(table)):
                if found := self._found(place, name):
                    yield found

    def _found(self, place: str, name: str) -> str | None:
        """Where node finds a name from a place: in its own node_modules, else in those above."""
        while True:
            here = f"{place}/{_MODULES}{name}".lstrip("/")
            if here in self._entries:
                return here
            if not place:
                return None
            place = place.rpartition("/")[0]
