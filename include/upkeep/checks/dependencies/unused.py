"""Direct dependencies that no source file imports: a hint, since what is loaded by name is not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from upkeep.checks.dependencies.parts import Licensed
from upkeep.formats.imports import is_imported, javascript_imports, python_imports
from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.humanize import plural
from upkeep.sources.installed_licences import installed_modules
from upkeep.sources.repository import Repository

_LANGUAGES = {
    "PyPI": frozenset([".py", ".pyi"]),
    "npm": frozenset([".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".vue", ".svelte"]),
}
_VENDORED = frozenset(["node_modules", ".venv", "venv", "vendor", "dist", "build", "site-packages"])
_LIMIT = 2_000_000


@dataclass(frozen=True, slots=True)
class Unused:
    """The packages that nothing imports, and why that could not be told of some."""

    packages: tuple[str, ...]
    notes: tuple[str, ...]


def unused(repository: Repository, packages: Sequence[Licensed], most_files: int) -> Unused:
    """Direct packages for production of Python and npm that no file of the repository imports."""
    names: list[str] = []
    notes: list[str] = []
    for ecosystem, endings in _LANGUAGES.items():
        direct = {p.package.name for p in packages if p.package.ecosystem == ecosystem and p.package.direct and p.ships}
        files = [path for path in repository.tree.paths() if _is_source(path, endings)] if direct else []
        if len(files) > most_files:
            notes.append(f"{plural(len(files), 'source file')} (limit {most_files:,}): imports of {ecosystem} were not read")
        elif files:
            imported, unread = _imported(repository, ecosystem, files)
            names += [f"{ecosystem}/{name}" for name in sorted(direct) if not _is_used(ecosystem, name, imported)]
            notes += [f"{plural(len(unread), 'source file')} could not be read, such as {unread[0]}"] if unread else []
    return Unused(tuple(names), tuple(notes))


def _is_used(ecosystem: str, name: str, imported: set[str]) -> bool:
    brings = installed_modules(name) if ecosystem == "PyPI" else ()
    return is_imported(ecosystem, name, imported, brings)


def _is_source(path: str, endings: frozenset[str]) -> bool:
    parts = PurePosixPath(path)
    return parts.suffix in endings and not _VENDORED & set(parts.parts)


def _imported(repository: Repository, ecosystem: str, files: Sequence[str]) -> tuple[set[str], list[str]]:
    imported: set[str] = set()
    unread: list[str] = []
    for path in files:
        try:
            raw = repository.read(path, _LIMIT) or b""
        except UnreadableError:
            unread.append(path)
            continue
        found = python_imports(raw) if ecosystem == "PyPI" else javascript_imports(raw)
        imported |= found or set()
        unread += [path] if found is None else []
    return imported, unread
