"""Names, versions and addresses of Python packages as lockfiles write them, and what a project itself asks for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from upkeep.formats.lockfiles.documents import mapping, toml_document
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.registry import Beside, UnreadableError
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.package import Origin

_PYPI = frozenset(["files.pythonhosted.org", "pypi.org", "pypi.python.org"])
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Declared:
    """The names that a project asks for itself: to run, and to be worked on. Names of both are in `production`."""

    production: frozenset[str]
    development: frozenset[str]


def name_of(text: object) -> str:
    """A name as PyPI normalises it; text that is no name stays none."""
    return str(canonicalize_name(str(text)))


def pinned(specifiers: SpecifierSet | str) -> str | None:
    """The one version that specifiers allow, None for a range: ==1.2 and ===1.2 pin, ==1.* and >=1 do not."""
    try:
        every = list(SpecifierSet(specifiers) if isinstance(specifiers, str) else specifiers)
    except InvalidSpecifier:
        return None
    exact = {s.version for s in every if s.operator in {"==", "==="} and not s.version.endswith(".*")}
    return exact.pop() if len(exact) == 1 else None


def extras_of(found: Iterable[object]) -> tuple[str, ...]:
    """Extras, normalised and sorted."""
    return tuple(sorted({name_of(extra) for extra in found}))


def commit_of(text: object) -> str | None:
    """A reference of git when it is a whole commit, else None: a branch or a tag says no version."""
    return text if isinstance(text, str) and COMMIT.fullmatch(text) else None


def origin_at(address: object) -> Origin:
    """Where an address leads: files of PyPI are its packages, whoever names them so."""
    try:
        host = urlsplit(str(address)).hostname
    except ValueError:
        return Origin.URL
    return Origin.REGISTRY if host in _PYPI else Origin.URL


def required_name(text: object) -> str | None:
    """The name in a requirement such as "foo[bar]>=1; python_version<'3'", None when it is none."""
    try:
        return name_of(Requirement(str(text)).name)
    except InvalidRequirement:
        return None


def declared_by_project(open_beside: Beside, draft: Draft) -> Declared | None:
    """What the pyproject.toml beside asks for, None when there is none or it is broken, which is said."""
    try:
        raw = open_beside("pyproject.toml")
        document = None if raw is None else toml_document(decoded(raw))
    except UnreadableError as error:
        draft.note(f"pyproject.toml beside, {error}: what is asked for directly is not known")
        return None
    return None if document is None else _declared(document)


def _declared(document: Mapping[str, Any]) -> Declared:
    project, tools = mapping(document.get("project")), mapping(document.get("tool"))
    poetry = mapping(tools.get("poetry"))
    production = {
        *_required(project.get("dependencies")),
        *_of_groups(project.get("optional-dependencies")),
        *(name_of(name) for name in mapping(poetry.get("dependencies")) if name != "python"),
    }
    return Declared(frozenset(production), frozenset(_development(document, tools, poetry)) - production)


def _development(document: Mapping[str, Any], tools: Mapping[str, Any], poetry: Mapping[str, Any]) -> set[str]:
    tables = [mapping(poetry.get("dev-dependencies"))]
    tables += [mapping(mapping(group).get("dependencies")) for group in mapping(poetry.get("group")).values()]
    return {
        *(name_of(name) for table in tables for name in table),
        *_of_groups(document.get("dependency-groups")),
        *_of_groups(mapping(tools.get("pdm")).get("dev-dependencies")),
        *_required(mapping(tools.get("uv")).get("dev-dependencies")),
    }


def _of_groups(groups: Any) -> set[str]:
    return {name for group in mapping(groups).values() for name in _required(group)}


def _required(found: Any) -> set[str]:
    names = (required_name(item) for item in found if isinstance(item, str)) if isinstance(found, list) else ()
    return {name for name in names if name}
