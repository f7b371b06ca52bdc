"""
composer.lock: packages and, apart, those for development only. What stands in both is production's.

Direct is what composer.json beside it asks for; without it nothing is known to be direct. A branch ("dev-main") is no version.
"""

import re
from collections.abc import Iterator, Mapping

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.dependency_graph import chains
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.lockfiles.typed_values import Table, json_object, rows, table, tables, text_of
from upkeep.formats.package import Origin, Package, Reading, Scope

ECOSYSTEM = "Packagist"
_BRANCH = re.compile(r"dev-.*|.*[.-]dev", re.IGNORECASE)
_PLATFORM = re.compile(r"php(?:-\w+)?|hhvm|(?:ext|lib)-.*|composer(?:-(?:plugin|runtime)-api)?", re.IGNORECASE)


@reads("composer.lock")
def composer_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Every package with its scope, its licence where the file has it, and whether it was abandoned."""
    document = json_object(raw)
    if "packages" not in document:
        raise UnreadableError('it has no "packages": this is no composer.lock')
    entries = {_name(entry): (entry, Scope.DEVELOPMENT) for entry in tables(document.get("packages-dev"), "packages-dev")}
    entries |= {_name(entry): (entry, Scope.PRODUCTION) for entry in tables(document["packages"], "packages")}
    manifest = open_beside("composer.json")
    asked = None if manifest is None else set(_asked(json_object(manifest)))
    needs = {name: list(_required(entry, "require")) for name, (entry, _) in entries.items()}
    found = chains(sorted(asked & set(entries)) if asked is not None else [], needs)
    packages = (_package(name, *entry, found.get(name, ()), asked) for name, entry in entries.items())
    return Reading(
        kind="composer.lock",
        packages=tuple(packages),
        notes=() if asked is not None else ("composer.json is missing: which packages are direct is not known",),
    )


def _name(entry: Table) -> str:
    return text_of(entry.get("name"), "the name of a package").lower()


def _asked(manifest: Table) -> Iterator[str]:
    yield from _required(manifest, "require")
    yield from _required(manifest, "require-dev")


def _required(entry: Table, key: str) -> Iterator[str]:
    required = entry.get(key)
    names = table(required, key) if required != [] else {}
    yield from (name.lower() for name in names if not _PLATFORM.fullmatch(name))


def _package(name: str, entry: Table, scope: Scope, chain: tuple[str, ...], asked: set[str] | None) -> Package:
    text = text_of(entry.get("version"), f"the version of {shown(name)}")
    branch = bool(_BRANCH.fullmatch(text))
    source, dist = table(entry.get("source"), "source"), table(entry.get("dist"), "dist")
    origin = _origin(source, dist, branch=branch)
    return Package(
        ECOSYSTEM,
        name,
        None if branch else text,
        direct=None if asked is None else name in asked,
        path=chain,
        scope=scope,
        origin=origin,
        commit=source.get("reference") if origin is Origin.GIT else None,
        repository=repository_of(str(source.get("url") or "")) if origin is Origin.GIT else None,
        asked_for=text if branch else None,
        licence=" OR ".join(str(each) for each in rows(entry.get("license"), "license")) or None,
        deprecated=_abandoned(entry),
    )


def _origin(source: Mapping[str, object], dist: Mapping[str, object], *, branch: bool) -> Origin:
    if "path" in (source.get("type"), dist.get("type")):
        return Origin.PATH
    return Origin.GIT if branch and source else Origin.REGISTRY


def _abandoned(entry: Table) -> str | None:
    mark = entry.get("abandoned")
    if not mark:
        return None
    return f"abandoned; use {mark}" if isinstance(mark, str) else "abandoned"
