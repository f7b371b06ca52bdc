"""
pubspec.lock: packages of Dart and Flutter. Who needs whom stands in no pubspec.lock, only what is direct.

Packages of an SDK (Flutter itself) come with it, under no version of their own.
"""

from collections.abc import Iterator, Mapping

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.lockfiles.typed_values import Table, table, text_of, yaml_mapping
from upkeep.formats.package import Origin, Package, Reading, Scope

ECOSYSTEM = "Pub"
_PUBLIC = frozenset(["https://pub.dev", "https://pub.dartlang.org", ""])
_KINDS = {
    "direct main": (True, Scope.PRODUCTION),
    "direct dev": (True, Scope.DEVELOPMENT),
    "direct overridden": (True, Scope.UNKNOWN),
    "transitive": (False, Scope.UNKNOWN),
}
_ORIGINS = {"hosted": Origin.REGISTRY, "git": Origin.GIT, "path": Origin.PATH, "sdk": Origin.PATH}


@reads("pubspec.lock")
def pubspec_lock(raw: bytes, _open_beside: Beside) -> Reading:
    """Every package under the name that its registry knows it by."""
    document = yaml_mapping(raw)
    if "packages" not in document:
        raise UnreadableError('it has no "packages": this is no pubspec.lock')
    entries = {} if document["packages"] == "" else table(document["packages"], "packages")
    packages = tuple(_package(name, table(entry, name)) for name, entry in entries.items())
    return Reading(kind="pubspec.lock", packages=packages, notes=tuple(_notes(entries)))


def _package(name: str, entry: Table) -> Package:
    kind, source = (text_of(entry.get(key), f"the {key} of {shown(name)}") for key in ("dependency", "source"))
    if kind not in _KINDS or source not in _ORIGINS:
        raise UnreadableError(f'{shown(name)} is "{shown(kind)}" from "{shown(source)}", which is not known')
    direct, scope = _KINDS[kind]
    told = _description(entry)
    known_as = told.get("name") or name
    registry = source == "hosted"
    return Package(
        ECOSYSTEM,
        known_as,
        text_of(entry.get("version"), f"the version of {shown(name)}") if registry else None,
        direct=direct,
        path=(known_as,) if direct else (),
        scope=scope,
        origin=_ORIGINS[source] if not registry or _url(told) in _PUBLIC else Origin.URL,
        commit=told.get("resolved-ref") if source == "git" else None,
        repository=repository_of(told.get("url") or "") if source == "git" else None,
        alias=name if known_as != name else None,
        asked_for=None if registry else f"{source} {told.get('url') or told.get('path') or ''}".strip(),
    )


def _description(entry: Table) -> Mapping[str, str]:
    """Where it comes from; of an SDK it is a word and no mapping."""
    told = entry.get("description")
    return {key: str(value) for key, value in told.items()} if isinstance(told, dict) else {"path": str(told or "")}


def _url(told: Mapping[str, str]) -> str:
    return told.get("url", "").rstrip("/")


def _notes(entries: Table) -> Iterator[str]:
    hosted = [_url(_description(entry)) for entry in entries.values() if entry.get("source") == "hosted"]
    for other in sorted(set(hosted) - _PUBLIC):
        yield f"packages of {shown(other)} are not those of pub.dev: no advisory speaks of them by name"
