"""What the source files of a repository import: a hint, since what is loaded by name is not seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from upkeep.formats.imports import is_imported, javascript_imports, python_imports
from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.humanize import plural
from upkeep.sources.installed_licences import installed_modules
from upkeep.sources.repository import Repository

_LANGUAGES = {
    "PyPI": frozenset([".py", ".pyi"]),
    "npm": frozenset([".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".vue", ".svelte"]),
}
ECOSYSTEMS = tuple(_LANGUAGES)
_VENDORED = frozenset(["node_modules", ".venv", "venv", "vendor", "dist", "build", "site-packages"])
_LIMIT = 2_000_000


@dataclass(frozen=True, slots=True)
class SourceImports:
    """The imports of each file of one ecosystem's languages; `unseen` says why files are missing, and is empty when none is."""

    ecosystem: str
    files: Mapping[str, frozenset[str]]
    unseen: str = ""

    def of(self, name: str) -> str | None:
        """The first file that imports a package; None when none does."""
        brings = installed_modules(name) if self.ecosystem == "PyPI" else ()
        return next((path for path, found in self.files.items() if is_imported(self.ecosystem, name, found, brings)), None)


def source_imports(repository: Repository, ecosystem: str, most_files: int) -> SourceImports:
    """Read every source file of an ecosystem's languages; none at all when there are too many."""
    paths = [path for path in repository.tree.paths() if _is_source(path, _LANGUAGES[ecosystem])]
    if len(paths) > most_files:
        why = f"{plural(len(paths), 'source file')} (limit {most_files:,}): imports of {ecosystem} were not read"
        return SourceImports(ecosystem, {}, why)
    read = {path: _imports(repository, ecosystem, path) for path in paths}
    unread = [path for path, found in read.items() if found is None]
    why = f"{plural(len(unread), 'source file')} could not be read, such as {unread[0]}" if unread else ""
    return SourceImports(ecosystem, {path: found for path, found in read.items() if found is not None}, why)


def _is_source(path: str, endings: frozenset[str]) -> bool:
    parts = PurePosixPath(path)
    return parts.suffix in endings and not _VENDORED & set(parts.parts)


def _imports(repository: Repository, ecosystem: str, path: str) -> frozenset[str] | None:
    try:
        raw = repository.read(path, _LIMIT) or b""
    except UnreadableError:
        return None
    return python_imports(raw) if ecosystem == "PyPI" else javascript_imports(raw)
