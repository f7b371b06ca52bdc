"""
mix.lock: packages of Hex, and what comes from git or a folder.

What the project asks for stands in mix.exs, which is a program and is not run: a package that no other needs is direct, and of
the others it is not known. Chains begin at those that are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.dependency_graph import chains
from upkeep.formats.lockfiles.elixir_terms import Atom, Terms
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Origin, Package, Reading

ECOSYSTEM = "Hex"
_PUBLIC = "hexpm"
_NEEDS, _REPOSITORY = 5, 6
"""Places in {:hex, package, version, checksum, managers, needs, repository, outer checksum}."""


@reads("mix.lock")
def mix_lock(raw: bytes, _open_beside: Beside) -> Reading:
    """Every package under the name that Hex knows it by."""
    lock = Terms(decoded(raw)).only()
    if not isinstance(lock, dict):
        raise UnreadableError("it is no map: this is no mix.lock")
    entries = {name: _entry(name, value) for name, value in lock.items()}
    needs = {name: [need for need in _needs(name, value) if need in entries] for name, value in entries.items()}
    needed = {need for listed in needs.values() for need in listed}
    found = chains([name for name in entries if name not in needed], needs)
    packages = (_package(name, value, found.get(name, ()), needed=name in needed) for name, value in entries.items())
    return Reading(kind="mix.lock", packages=tuple(packages), notes=tuple(_notes(entries)))


def _entry(name: str, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, tuple) or not value or value[0] not in ("hex", "git", "path"):
        raise UnreadableError(f"{shown(name)} is of a kind that is not known: {shown(value)}")
    if not all(isinstance(part, str) and part for part in value[1:3]) or len(value) < (2 if value[0] == "path" else 3):
        raise UnreadableError(f"{shown(name)} has no name and version where they should be: {shown(value)}")
    return value


def _needs(name: str, value: tuple[Any, ...]) -> Iterator[str]:
    listed = value[_NEEDS] if value[0] == "hex" and len(value) > _NEEDS else []
    for need in listed if isinstance(listed, list) else [listed]:
        if not isinstance(need, tuple) or not need or not isinstance(need[0], Atom):
            raise UnreadableError(f"what {shown(name)} needs cannot be read: {shown(need)}")
        yield str(need[0])


def _package(name: str, value: tuple[Any, ...], chain: tuple[str, ...], *, needed: bool) -> Package:
    kind, known_as, version = str(value[0]), str(value[1]), str(value[2]) if len(value) > 2 else None  # noqa: PLR2004 - a path
    hex_name = known_as if kind == "hex" else name
    return Package(
        ECOSYSTEM,
        hex_name,
        version if kind == "hex" else None,
        direct=None if needed else True,
        path=chain,
        origin=_origin(kind, value),
        commit=version if kind == "git" else None,
        repository=repository_of(known_as) if kind == "git" else None,
        alias=name if hex_name != name else None,
        asked_for=known_as if kind != "hex" else None,
    )


def _origin(kind: str, value: tuple[Any, ...]) -> Origin:
    if kind != "hex":
        return Origin(kind)
    return Origin.REGISTRY if _repository(value) == _PUBLIC else Origin.URL


def _repository(value: tuple[Any, ...]) -> str:
    return str(value[_REPOSITORY]) if len(value) > _REPOSITORY else _PUBLIC


def _notes(entries: Mapping[str, tuple[Any, ...]]) -> Iterator[str]:
    for other in sorted({_repository(value) for value in entries.values() if value[0] == "hex"} - {_PUBLIC}):
        yield f"packages of {shown(other)} are not those of hex.pm: no advisory speaks of them by name"
