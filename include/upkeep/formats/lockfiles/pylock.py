"""pylock.toml (PEP 751): what any installer of Python packages reads."""

import re
from collections.abc import Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import mapping, table_lines, text_of, toml_document
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.python_names import Declared, commit_of, declared_by_project, origin_at
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.tables import Row, rows
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.package import Origin, Package, Reading, Scope

_KNOWN = "1."
_GROUP = re.compile(r"""(["'])([^"']+)\1 +in +dependency_groups""")
_OTHERWISE = re.compile(r"\bextras\b|\bnot in\b")


@reads("pylock.toml", "pylock.*.toml")
def pylock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. It need not say who needs whom; what is asked for directly stands in the project's file alone."""
    text, draft = decoded(raw), Draft("pylock.toml")
    document = toml_document(text)
    version = str(document.get("lock-version"))
    if "lock-version" not in document:
        raise UnreadableError("has no `lock-version`: it is no pylock.toml")
    if not version.startswith(_KNOWN):
        draft.lost(f"is of version {version}, and versions {_KNOWN}x are read")
    if "packages" not in document:
        draft.lost("has no list `packages`: it was cut off")
    groups = document.get("default-groups")
    default = frozenset(map(str, groups)) if isinstance(groups, list) else frozenset()
    declared = declared_by_project(open_beside, draft)
    for row in rows(document, "packages", table_lines(text, "packages"), draft):
        _package(row, default, declared, draft)
    return draft.reading()


def _package(row: Row, default: frozenset[str], declared: Declared | None, draft: Draft) -> None:
    table, marker = row.table, text_of(row.table.get("marker"))
    origin = _origin(table)
    direct = None if declared is None else row.name in declared.production | declared.development
    draft.add(
        Package(
            "PyPI",
            row.name,
            text_of(table.get("version")),
            direct=direct,
            path=(row.name,) if direct else (),
            scope=_scope(marker or "", default),
            origin=origin,
            commit=commit_of(mapping(table.get("vcs")).get("commit-id")) if origin is Origin.GIT else None,
            repository=repository_of(str(mapping(table.get("vcs")).get("url") or "")) if origin is Origin.GIT else None,
            marker=marker,
            line=row.line,
            hashes=_hashes(table),
        )
    )


def _origin(table: Mapping[str, Any]) -> Origin:
    if "vcs" in table:
        return Origin.GIT if mapping(table["vcs"]).get("type") == "git" else Origin.URL
    if "directory" in table:
        return Origin.PATH
    if "archive" in table:
        return Origin.PATH if "path" in mapping(table["archive"]) else origin_at(mapping(table["archive"]).get("url"))
    return Origin.REGISTRY


def _scope(marker: str, default: frozenset[str]) -> Scope:
    """Development is what only groups ask for that are not installed by default; in doubt it is production."""
    groups = {group for _, group in _GROUP.findall(marker)}
    alone = groups and not groups & default and not _OTHERWISE.search(marker)
    return Scope.DEVELOPMENT if alone else Scope.PRODUCTION


def _hashes(table: Mapping[str, Any]) -> tuple[str, ...]:
    wheels = table.get("wheels")
    files = [table.get("sdist"), table.get("archive"), *(wheels if isinstance(wheels, list) else ())]
    every = (mapping(mapping(file).get("hashes")).items() for file in files)
    return tuple(f"{algorithm}:{value}" for hashes in every for algorithm, value in hashes)
