"""pnpm-lock.yaml of pnpm 6 to 10 (versions 5.3 to 9.0 of the file): a graph from each importer."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import mapping, text_of, yaml_documents
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.graph import Graph
from upkeep.formats.lockfiles.npm_names import commit_in, origin_of, split
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Origin, Package, Reading

_KEY = re.compile(r"""  (['"]?)(\S.*?)\1:(?: |$)""")
_KNOWN = ("5.", "6.", "9.")
_RUN, _WORK = ("dependencies", "optionalDependencies"), ("devDependencies",)
_TOP = frozenset(["importers", "specifiers", *_RUN, *_WORK])


@reads("pnpm-lock.yaml")
def pnpm_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. What any importer's production reaches is production, whatever the file's own `dev` says."""
    text, draft = decoded(raw), Draft("pnpm-lock.yaml")
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if key := _KEY.match(line):
            lines.setdefault(key[2], number)
    documents = yaml_documents(text)
    if not any("lockfileVersion" in document for document in documents):
        raise UnreadableError("has no `lockfileVersion`: it is no pnpm-lock.yaml")
    for document in documents:
        version = str(document.get("lockfileVersion"))
        if not version.startswith(_KNOWN):
            draft.lost(f"is of version {shown(version)}, and versions 5, 6 and 9 are read")
        _Lock(document, lines, draft).add_all()
    return draft.reading()


class _Lock:
    """One document: packages with what they need, by key; versions 9 keep the two apart."""

    def __init__(self, document: Mapping[str, Any], lines: Mapping[str, int], draft: Draft) -> None:
        self._lines, self._draft, self._document = lines, draft, document
        self._packages = mapping(document.get("packages"))
        self._graph_of = mapping(document.get("snapshots")) or self._packages
        self._importers = mapping(document["importers"]) if "importers" in document else {".": document}
        self._old = str(document.get("lockfileVersion")).startswith("5")
        self._aliases: dict[str, str] = {}

    def add_all(self) -> None:
        if not _TOP & self._document.keys() or not self._importers:
            self._draft.lost("has no importers: it was cut off")
        for name, importer in self._importers.items():
            tables = [importer, *(mapping(importer).get(table, {}) for table in (*_RUN, *_WORK))]
            if not all(isinstance(table, dict) for table in tables):
                self._draft.lost(f"the importer {shown(name)} is not whole: the file was cut off")
        roots = [[key for name in self._importers for key in self._asked(name, tables)] for tables in (_RUN, _WORK)]
        needs = {key: list(self._keys(key, _wanted(entry, _RUN))) for key, entry in self._graph_of.items()}
        graph = Graph(roots[0], roots[1], lambda key: needs.get(key, ()))
        for key in self._graph_of:
            self._add(key, graph)

    def _asked(self, importer: str, tables: Iterable[str]) -> Iterator[str]:
        wanted = list(_wanted(self._importers[importer], tables))
        for name, version in wanted:
            if version.startswith("link:") and posixpath.normpath(f"{importer}/{version[5:]}") not in self._importers:
                self._draft.add_once(Package("npm", name, None, direct=True, path=(name,), origin=Origin.PATH))
        yield from self._keys(importer, wanted)

    def _keys(self, who: str, wanted: Iterable[tuple[str, str]]) -> Iterator[str]:
        for name, version in wanted:
            if version.startswith(("link:", "workspace:")):
                continue
            candidates = (f"{name}@{version}", f"/{name}@{version}", f"/{name}/{version}", version, f"/{version}")
            found = next((key for key in candidates if key in self._graph_of), None)
            if found is None:
                self._draft.lost(f"{shown(who)} needs {shown(name)} {shown(version)}, which is not in the file: it was cut off")
                continue
            if self._named(found)[0] != name:
                self._aliases.setdefault(found, name)
            yield found

    def _entry(self, key: str) -> Mapping[str, Any]:
        return mapping(self._packages.get(key) or self._packages.get(key.partition("(")[0]))

    def _named(self, key: str) -> tuple[str, str | None]:
        """Name and version: of the entry where it has them (git, tarballs), else in the key."""
        entry, plain = self._entry(key), key.partition("(")[0].removeprefix("/")
        if self._old:
            name, _, version = plain.rpartition("/")
            version = version.partition("_")[0]
        else:
            name, version = split(plain)
        own = text_of(entry.get("version"))
        return text_of(entry.get("name")) or name, own or (version if origin_of(version) is Origin.REGISTRY else None)

    def _origin(self, key: str) -> tuple[Origin, str]:
        resolution = mapping(self._entry(key).get("resolution"))
        where = text_of(resolution.get("tarball")) or ""
        if resolution.get("type") == "git" or "commit" in resolution:
            return Origin.GIT, f"{resolution.get('repo') or ''}#{resolution.get('commit')}"
        if resolution.get("type") == "directory" or where.startswith("file:") or "directory" in resolution:
            return Origin.PATH, ""
        return origin_of(where), where

    def _add(self, key: str, graph: Graph[str]) -> None:
        if key not in self._packages and key.partition("(")[0] not in self._packages:
            self._draft.lost(f"{shown(key)} is not under packages: the file was cut off", self._lines.get(key))
            return
        (name, version), (origin, where), place = self._named(key), self._origin(key), graph.place(key)
        integrity = text_of(mapping(self._entry(key).get("resolution")).get("integrity"))
        self._draft.add_once(
            Package(
                "npm",
                name,
                version,
                direct=bool(place.direct),
                path=tuple(self._named(k)[0] for k in place.chain),
                scope=place.scope,
                origin=origin,
                commit=commit_in(where) if origin is Origin.GIT else None,
                repository=repository_of(where) if origin is Origin.GIT else None,
                alias=self._aliases.get(key),
                deprecated=text_of(self._entry(key).get("deprecated")),
                line=self._lines.get(key.partition("(")[0]) or self._lines.get(key),
                hashes=(integrity,) if integrity else (),
            )
        )


def _wanted(entry: Any, tables: Iterable[str]) -> Iterator[tuple[str, str]]:
    for table in tables:
        for name, version in mapping(mapping(entry).get(table)).items():
            found = version.get("version") if isinstance(version, dict) else version
            if isinstance(found, str):
                yield name, found
