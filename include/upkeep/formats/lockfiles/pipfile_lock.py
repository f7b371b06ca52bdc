"""Pipfile.lock: packages by category, each pinned; who needs whom does not stand there."""

from collections.abc import Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import json_document, key_lines, mapping, text_of, toml_document
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.python_names import commit_of, extras_of, name_of, origin_at, pinned
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.package import Origin, Package, Reading, Scope

_ORIGINS = {"git": Origin.GIT, "path": Origin.PATH, "file": Origin.URL, "hg": Origin.URL, "svn": Origin.URL, "bzr": Origin.URL}


@reads("Pipfile.lock")
def pipfile_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. `default` is production; `develop`, and categories of the project's own, are development."""
    text, draft = decoded(raw), Draft("Pipfile.lock")
    document, lines = json_document(text), key_lines(text)
    if "_meta" not in document:
        raise UnreadableError("has no `_meta`: it is no Pipfile.lock")
    asked = _asked_for(open_beside)
    default = {name_of(name) for name in mapping(document.get("default"))}
    for category, packages in document.items():
        for name, entry in mapping(packages).items() if category != "_meta" else ():
            scope = Scope.PRODUCTION if name_of(name) in default else Scope.DEVELOPMENT
            _package(name, entry, scope, asked, draft, lines.get(name))
    return draft.reading()


def _asked_for(open_beside: Beside) -> frozenset[str] | None:
    """The names that the Pipfile beside asks for, None when there is none."""
    raw = open_beside("Pipfile")
    if raw is None:
        return None
    tables = (mapping(table) for key, table in toml_document(decoded(raw)).items() if key not in {"requires", "scripts"})
    return frozenset(name_of(name) for table in tables for name in table)


def _package(name: str, entry: Any, scope: Scope, asked: frozenset[str] | None, draft: Draft, line: int | None) -> None:
    if not isinstance(entry, dict):
        draft.lost(f"{name} is no package", line)
        return
    wanted, origin = text_of(entry.get("version")), _origin(entry)
    version = pinned(wanted) if wanted and wanted != "*" else None
    draft.add(
        Package(
            "PyPI",
            name_of(name),
            version,
            direct=None if asked is None else name_of(name) in asked,
            path=(name_of(name),) if asked and name_of(name) in asked else (),
            scope=scope,
            origin=origin,
            commit=commit_of(entry.get("ref")) if origin is Origin.GIT else None,
            repository=repository_of(str(entry["git"])) if origin is Origin.GIT else None,
            marker=text_of(entry.get("markers")),
            asked_for=None if version else wanted,
            line=line,
            extras=extras_of(entry["extras"]) if isinstance(entry.get("extras"), list) else (),
            hashes=_hashes(entry),
        )
    )


def _origin(entry: Mapping[str, Any]) -> Origin:
    origin = next((origin for key, origin in _ORIGINS.items() if key in entry), Origin.REGISTRY)
    return origin_at(entry["file"]) if "file" in entry and origin is Origin.URL else origin


def _hashes(entry: Mapping[str, Any]) -> tuple[str, ...]:
    found = entry.get("hashes")
    return tuple(value for value in found if text_of(value)) if isinstance(found, list) else ()
