"""One requirement of a requirements file as a package: a pin, a range, an address or a path."""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from upkeep.formats.git_address import archived, repository_of
from upkeep.formats.lockfiles.python_names import commit_of, extras_of, name_of, origin_at, pinned
from upkeep.formats.package import Origin

_URL = re.compile(r"(?:(?:git|hg|svn|bzr)\+)?[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?")
_EXTRAS = re.compile(r"(.+?)\[([^\[\]]*)\]$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a requirement says. `name` is None for a local project that does not tell its name."""

    name: str | None
    version: str | None = None
    asked_for: str | None = None
    origin: Origin = Origin.REGISTRY
    commit: str | None = None
    marker: str | None = None
    extras: tuple[str, ...] = ()
    repository: str | None = None


def wanted(text: str, *, editable: bool = False) -> Wanted:
    """What this requirement says. Raises ValueError when it is none."""
    body, _, marker = text.partition(" ;") if _is_place(text) else (text, "", "")
    if editable or _is_place(text):
        place = _of_place(body.strip(), marker.strip() or None)
        if place.name is None and place.origin is Origin.URL:
            raise ValueError("an address that does not tell which package it is (add #egg=name, or write name @ address)")
        return place
    try:
        found = Requirement(text)
    except InvalidRequirement as error:
        raise ValueError(" ".join(str(error).split())) from None
    name, extras = name_of(found.name), extras_of(found.extras)
    mark = str(found.marker) if found.marker else None
    if found.url:
        place = _of_place(found.url, mark)
        return Wanted(name, place.version, place.asked_for, place.origin, place.commit, mark, extras, place.repository)
    version = pinned(found.specifier)
    return Wanted(name, version, None if version else str(found.specifier) or "any", marker=mark, extras=extras)


def _is_place(text: str) -> bool:
    """An address or a path, where there is no name before it."""
    head = text.split(";", maxsplit=1)[0].strip()
    if re.match(r"[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?\s*@", head):
        return False
    return bool(_URL.match(head)) or head.startswith((".", "/", "~")) or "/" in head or head.endswith((".whl", ".zip", ".tar.gz"))


def _of_place(text: str, marker: str | None) -> Wanted:
    egg = _EGG.search(text)
    name, extras = (name_of(egg[1]), extras_of(filter(None, (egg[2] or "").split(",")))) if egg else (None, ())
    bare = text.partition("#")[0]
    if not egg and (found := _EXTRAS.match(bare)):
        bare, extras = found[1], extras_of(part.strip() for part in found[2].split(",") if part.strip())
    if bare.lower().startswith("git+"):
        reference = urlsplit(bare).path.rpartition("@")[2] if "@" in urlsplit(bare).path else ""
        return Wanted(name, None, reference or None, Origin.GIT, commit_of(reference), marker, extras, repository_of(bare))
    local = not _URL.match(bare) or bare.startswith("file:")
    filed = _of_file(posixpath.basename(unquote(urlsplit(bare).path)))
    origin = Origin.PATH if local else origin_at(bare)
    if archive := archived(bare):
        return Wanted(name, None, archive, Origin.GIT, commit_of(archive), marker, extras, repository_of(bare))
    return Wanted(name or (filed[0] if filed else None), filed[1] if filed else None, None, origin, None, marker, extras)


def _of_file(name: str) -> tuple[str, str] | None:
    """Name and version in the name of a wheel or source archive."""
    try:
        if name.endswith(".whl"):
            project, version, _, _ = parse_wheel_filename(name)
        else:
            project, version = parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return str(project), str(version)
