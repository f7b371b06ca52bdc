"""pdm.lock: packages with the groups that need them; an extra of a package stands there as an entry of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import mapping, table_lines, text_of, toml_document
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.graph import Graph
from upkeep.formats.lockfiles.python_names import Declared, commit_of, declared_by_project, extras_of, origin_at, required_name
from upkeep.formats.lockfiles.registry import Beside, reads
from upkeep.formats.lockfiles.tables import Row, rows
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.package import Origin, Package, Reading, Scope

_PRODUCTION = "default"


@reads("pdm.lock")
def pdm_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. What is asked for directly stands in the project's file alone; without it that is not known."""
    text, draft = decoded(raw), Draft("pdm.lock")
    document = toml_document(text)
    if "metadata" not in document:
        draft.lost("has no [metadata]: it is no pdm.lock")
    found = list(rows(document, "package", table_lines(text, "package"), draft))
    declared = declared_by_project(open_beside, draft)
    graph, extras = _graph(found, declared), _extras(found)
    for row in found:
        if not row.table.get("extras") or _key(row) not in extras:
            _package(row, graph, extras.get(_key(row), ()), draft, known=declared is not None)
    return draft.reading()


def _key(row: Row) -> tuple[str, object]:
    return row.name, text_of(row.table.get("version"))


def _extras(found: Iterable[Row]) -> dict[tuple[str, object], tuple[str, ...]]:
    """The extras of each package that stands there without any too."""
    plain = {_key(row) for row in found if not row.table.get("extras")}
    asked: dict[tuple[str, object], tuple[str, ...]] = {}
    for row in found:
        extras = row.table.get("extras")
        if isinstance(extras, list) and _key(row) in plain:
            asked[_key(row)] = extras_of((*asked.get(_key(row), ()), *extras))
    return asked


def _graph(found: Iterable[Row], declared: Declared | None) -> Graph[str]:
    needs: dict[str, list[str]] = {}
    for row in found:
        wanted = row.table.get("dependencies")
        names = (required_name(item) for item in wanted) if isinstance(wanted, list) else ()
        needs.setdefault(row.name, []).extend(name for name in names if name)
    asked = declared or Declared(frozenset(), frozenset())
    production, development = ([name for name in needs if name in names] for names in (asked.production, asked.development))
    return Graph(production, development, lambda name: [needed for needed in needs[name] if needed in needs])


def _package(row: Row, graph: Graph[str], extras: tuple[str, ...], draft: Draft, *, known: bool) -> None:
    table, place = row.table, graph.place(row.name)
    own = table.get("extras")
    draft.add(
        Package(
            "PyPI",
            row.name,
            text_of(table.get("version")),
            direct=bool(place.direct) if known else None,
            path=place.chain,
            scope=_scope(table, place.scope),
            origin=_origin(table),
            commit=commit_of(table.get("revision")),
            repository=repository_of(str(table["git"])) if "git" in table else None,
            marker=text_of(table.get("marker")),
            line=row.line,
            extras=extras_of(own) if isinstance(own, list) else extras,
            hashes=_hashes(table),
        )
    )


def _scope(table: Mapping[str, Any], reached: Scope) -> Scope:
    """Groups beside the default are extras or development: the project's file tells which."""
    groups = table.get("groups")
    if not isinstance(groups, list) or not groups:
        return reached
    if _PRODUCTION in groups:
        return Scope.PRODUCTION
    return reached if reached is not Scope.UNKNOWN else Scope.DEVELOPMENT


def _origin(table: Mapping[str, Any]) -> Origin:
    kinds = {"git": Origin.GIT, "path": Origin.PATH, "url": Origin.URL}
    origin = next((origin for key, origin in kinds.items() if key in table), Origin.REGISTRY)
    return origin_at(table["url"]) if origin is Origin.URL else origin


def _hashes(table: Mapping[str, Any]) -> tuple[str, ...]:
    files = table.get("files")
    return tuple(f["hash"] for f in files if text_of(mapping(f).get("hash"))) if isinstance(files, list) else ()
