"""Names, ranges and addresses of npm packages as lockfiles of npm, yarn, pnpm and bun write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from upkeep.formats.lockfiles.documents import json_document, mapping
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.registry import Beside, UnreadableError
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.package import Origin

_COMMIT = re.compile(r"(?:#(?:commit[=:])?|/tar\.gz/|/(?:archive|tarball|zipball)/|[&#]commit=)([0-9a-f]{40})(?![0-9a-f])")
_GIT = re.compile(
    r"git[+@:]|github:|gitlab:|bitbucket:|gist:|ssh://|https?://[^#]*\.git(?:#|$)|https://codeload\.github\.com/"
    r"|https?://(?:www\.)?github\.com/[^/]+/[^/]+/(?:archive|tarball|zipball)/"
    r"|https?://(?:www\.)?(?:github|gitlab|bitbucket)\.(?:com|org)/[^/]+/[^/]+(?:#|$)|[\w-][\w.-]*/[\w.-]+(?:#|$)"
)
_PATH = re.compile(r"(?:file|link|portal|exec|workspace|root):|\.{0,2}/|~/")
_RANGE = re.compile(r"[\d^~<>=*|xXv ]|latest$|$")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a package.json asks for, by name: its range. Names of both are in `production`."""

    production: Mapping[str, str]
    development: Mapping[str, str]
    workspaces: bool


def split(text: str) -> tuple[str, str]:
    """A name and what follows its @: ("@a/b", "^1") of "@a/b@^1"."""
    place = text.find("@", 1)
    return (text, "") if place < 0 else (text[:place], text[place + 1 :])


def real_name(name: str, wanted: str) -> str:
    """The name behind an alias: "b" of "npm:b@^1"; else the name itself."""
    if not wanted.startswith("npm:"):
        return name
    real, version = split(wanted[4:])
    return real if version or not _RANGE.match(real) else name


def origin_of(text: str) -> Origin:
    """Where a range or an address leads. A tarball of a registry is told by its path /-/."""
    if _PATH.match(text):
        return Origin.PATH
    if _GIT.match(text) and not text.startswith("npm:"):
        return Origin.GIT
    if re.match(r"https?://", text) and "/-/" not in text and "/download/" not in text:
        return Origin.URL
    return Origin.REGISTRY


def commit_in(text: str) -> str | None:
    """The commit in an address of git, None when it names a branch or tag."""
    found = _COMMIT.search(text)
    return found[1] if found else None


def asked_for(document: Mapping[str, Any], *, peers: bool = True) -> Asked:
    """What a package.json, or a lockfile's copy of one, asks for; yarn 1 does not install `peers`."""
    kinds = ("peerDependencies" if peers else "", "optionalDependencies", "dependencies")
    run = [_ranges(document.get(key)) for key in kinds]
    production = {name: wanted for table in run for name, wanted in table.items()}
    work = {n: wanted for n, wanted in _ranges(document.get("devDependencies")).items() if n not in _needed(run)}
    return Asked({n: w for n, w in production.items() if n not in work}, work, bool(document.get("workspaces")))


def asked_beside(open_beside: Beside, draft: Draft, folder: str = "", *, peers: bool = True) -> Asked | None:
    """What the package.json beside asks for, None when there is none or it is broken, which is said."""
    path = f"{folder}/package.json" if folder not in {"", "."} else "package.json"
    try:
        raw = open_beside(path)
        return None if raw is None else asked_for(json_document(decoded(raw)), peers=peers)
    except UnreadableError as error:
        draft.note(f"{path} beside, {error}: what is asked for directly is not known")
        return None


def _needed(run: list[dict[str, str]]) -> set[str]:
    """Peers alone need no installation: what is a peer and for development is for development."""
    return {name for table in run[1:] for name in table}


def _ranges(found: Any) -> dict[str, str]:
    return {name: wanted for name, wanted in mapping(found).items() if isinstance(wanted, str)}
