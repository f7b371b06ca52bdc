"""uv.lock: a graph of packages; the workspace's own members are where it begins."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import mapping, table_lines, text_of, toml_document
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.graph import Graph
from upkeep.formats.lockfiles.python_names import commit_of, declared_by_project, extras_of, name_of, origin_at
from upkeep.formats.lockfiles.registry import Beside, reads
from upkeep.formats.lockfiles.tables import Row, rows
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Origin, Package, Reading

_ORIGINS = {
    "registry": Origin.REGISTRY,
    "git": Origin.GIT,
    "url": Origin.URL,
    "path": Origin.PATH,
    "directory": Origin.PATH,
    "editable": Origin.PATH,
    "virtual": Origin.PATH,
}
_KNOWN = 1
_RUN = ("dependencies", "optional-dependencies")
_WORK = ("dev-dependencies", "dependency-groups")


@reads("uv.lock")
def uv_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. Members of the workspace are the repository itself, so no packages of it."""
    text, draft = decoded(raw), Draft("uv.lock")
    document = toml_document(text)
    if document.get("version") != _KNOWN:
        draft.lost(f"is of version {document.get('version')}, and version {_KNOWN} is read")
    found = list(rows(document, "package", table_lines(text, "package"), draft))
    members = _members(document, found)
    _missing(found, members, open_beside, draft)
    graph = _graph(found, members, draft)
    for row in found:
        if row.name not in members:
            _package(row, graph, draft)
    return draft.reading()


def _members(document: Mapping[str, Any], found: Iterable[Row]) -> frozenset[str]:
    """The names of what is locked for: of the manifest where there is one, else what stands in the folder itself."""
    named = mapping(document.get("manifest")).get("members")
    here = {row.name for row in found if "." in {_source(row).get("editable"), _source(row).get("virtual")}}
    return frozenset({name_of(name) for name in named} | here if isinstance(named, list) else here)


def _missing(found: list[Row], members: frozenset[str], open_beside: Beside, draft: Draft) -> None:
    """Say what must stand in the file and does not: the project itself, and what its pyproject.toml asks for to run."""
    here = {row.name for row in found}
    if absent := (members or {"the project itself"}) - here:
        draft.lost(f"has no package for {shown(', '.join(sorted(absent)))}: it was cut off")
    declared = declared_by_project(open_beside, draft)
    if declared and (absent := set(declared.production - here)):
        draft.lost(f"lacks {shown(', '.join(sorted(absent)))}, which pyproject.toml asks for: it was cut off or is out of date")


def _source(row: Row) -> Mapping[str, Any]:
    return mapping(row.table.get("source"))


def _graph(found: list[Row], members: frozenset[str], draft: Draft) -> Graph[str]:
    """By name: versions of one name share their place."""
    needs: dict[str, list[str]] = {row.name: [] for row in found}
    roots: tuple[list[str], list[str]] = [], []
    for row in found:
        run, work = (list(_named(row, needs, draft, tables)) for tables in (_RUN, _WORK))
        if row.name in members:
            roots[0].extend(run)
            roots[1].extend(work)
        else:
            needs[row.name].extend(run)
    return Graph(*roots, lambda name: needs[name])


def _named(row: Row, known: Container[str], draft: Draft, tables: Iterable[str]) -> Iterator[str]:
    for entry in _entries(row.table.get(table) for table in tables):
        name = name_of(entry.get("name"))
        if name in known:
            yield name
        else:
            draft.lost(f"{row.name} needs {shown(name)}, which is not in the file: it was cut off", row.line)


def _entries(tables: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """A list of dependencies, or such a list for each extra or group."""
    for table in tables:
        for group in table.values() if isinstance(table, dict) else [table]:
            if isinstance(group, list):
                yield from (entry for entry in group if isinstance(entry, dict))


def _package(row: Row, graph: Graph[str], draft: Draft) -> None:
    source, place = _source(row), graph.place(row.name)
    kind = next((key for key in _ORIGINS if key in source), None)
    if kind is None:
        draft.lost(f"{row.name} has no source that is known", row.line)
        return
    origin = origin_at(source["url"]) if kind == "url" else _ORIGINS[kind]
    draft.add(
        Package(
            "PyPI",
            row.name,
            text_of(row.table.get("version")),
            direct=bool(place.direct),
            path=place.chain,
            scope=place.scope,
            origin=origin,
            commit=commit_of(str(source["git"]).rpartition("#")[2]) if origin is Origin.GIT else None,
            repository=repository_of(str(source["git"])) if origin is Origin.GIT else None,
            marker=_markers(row.table.get("resolution-markers")),
            line=row.line,
            extras=extras_of(mapping(row.table.get("optional-dependencies"))),
            hashes=_hashes(row.table),
        )
    )


def _markers(found: Any) -> str | None:
    return " or ".join(f"({marker})" for marker in found if text_of(marker)) or None if isinstance(found, list) else None


def _hashes(table: Mapping[str, Any]) -> tuple[str, ...]:
    files = [table.get("sdist"), *(table.get("wheels") or ())]
    return tuple(file["hash"] for file in files if isinstance(file, dict) and text_of(file.get("hash")))
