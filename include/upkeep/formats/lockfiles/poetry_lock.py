"""poetry.lock: the packages of Poetry 1 and 2, each with the groups that need it, or with what pyproject.toml beside says."""

from collections.abc import Iterable, Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import mapping, table_lines, text_of, toml_document
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.graph import Graph
from upkeep.formats.lockfiles.python_names import Declared, commit_of, declared_by_project, name_of, origin_at
from upkeep.formats.lockfiles.registry import Beside, reads
from upkeep.formats.lockfiles.tables import Row, rows
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.package import Origin, Package, Reading, Scope

_ORIGINS = {"git": Origin.GIT, "directory": Origin.PATH, "file": Origin.PATH, "url": Origin.URL, "legacy": Origin.REGISTRY}


@reads("poetry.lock")
def poetry_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. What is asked for directly stands in the project's file alone; without it that is not known."""
    text, draft = decoded(raw), Draft("poetry.lock")
    document = toml_document(text)
    found = list(rows(document, "package", table_lines(text, "package"), draft))
    if "metadata" not in document:
        draft.lost("has no [metadata] at its end: it was cut off")
    declared = declared_by_project(open_beside, draft)
    graph = _graph(found, declared)
    for row in found:
        _package(row, graph, draft, known=declared is not None)
    return draft.reading()


def _graph(found: Iterable[Row], declared: Declared | None) -> Graph[str]:
    needs: dict[str, list[str]] = {}
    for row in found:
        needs.setdefault(row.name, []).extend(name_of(name) for name in mapping(row.table.get("dependencies")))
    asked = declared or Declared(frozenset(), frozenset())
    production, development = ([name for name in needs if name in names] for names in (asked.production, asked.development))
    return Graph(production, development, lambda name: [needed for needed in needs[name] if needed in needs])


def _package(row: Row, graph: Graph[str], draft: Draft, *, known: bool) -> None:
    table, place = row.table, graph.place(row.name)
    source = mapping(table.get("source"))
    origin = _ORIGINS.get(source.get("type", "legacy"), Origin.URL)
    if origin is Origin.URL:
        origin = origin_at(source.get("url"))
    draft.add(
        Package(
            "PyPI",
            row.name,
            text_of(table.get("version")),
            direct=bool(place.direct) if known else None,
            path=place.chain,
            scope=_scope(table, place.scope),
            origin=origin,
            commit=commit_of(source.get("resolved_reference")) if origin is Origin.GIT else None,
            repository=repository_of(str(source.get("url") or "")) if origin is Origin.GIT else None,
            marker=_marker(table.get("markers")),
            line=row.line,
            hashes=_hashes(table),
        )
    )


def _scope(table: Mapping[str, Any], reached: Scope) -> Scope:
    groups = table.get("groups")
    if isinstance(groups, list) and groups:
        return Scope.PRODUCTION if "main" in groups else Scope.DEVELOPMENT
    if category := text_of(table.get("category")):
        return Scope.DEVELOPMENT if category == "dev" else Scope.PRODUCTION
    return reached


def _marker(found: Any) -> str | None:
    """Poetry writes one marker, or one for each group."""
    if isinstance(found, dict):
        return " or ".join(f"({marker})" for marker in dict.fromkeys(map(str, found.values()))) or None
    return text_of(found)


def _hashes(table: Mapping[str, Any]) -> tuple[str, ...]:
    files = table.get("files")
    return tuple(f["hash"] for f in files if isinstance(f, dict) and text_of(f.get("hash"))) if isinstance(files, list) else ()
