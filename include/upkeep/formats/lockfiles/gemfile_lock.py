"""
Gemfile.lock: gems by the source that they come from. What a gem is there for (its group) stands in the Gemfile only.

A gem that is listed for several platforms is one package; its marker names them where none is for every platform.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.dependency_graph import chains
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Origin, Package, Reading

ECOSYSTEM = "RubyGems"
_ORIGINS = {"GEM": Origin.REGISTRY, "GIT": Origin.GIT, "PATH": Origin.PATH, "PLUGIN SOURCE": Origin.URL}
_OTHERS = frozenset(["PLATFORMS", "DEPENDENCIES", "CHECKSUMS", "RUBY VERSION", "BUNDLED WITH"])
_RUBYGEMS = re.compile(r"https?://(?:index\.)?rubygems\.org/?")
_SPEC = re.compile(r"([^\s()!]+) \(([^\s()]+)\)")
_NEED = re.compile(r"([^\s()!]+)(!?)(?: \(([^()]*)\))?(!?)")


@dataclass(slots=True)
class _Gem:
    name: str
    version: str
    origin: Origin
    line: int
    commit: str | None
    remote: str
    needs: list[str] = field(default_factory=list)
    platforms: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Lock:
    """What stands in the file, as it is gathered."""

    gems: dict[str, _Gem] = field(default_factory=dict)
    direct: dict[str, None] = field(default_factory=dict)
    remotes: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


@reads("Gemfile.lock", "gems.locked", "*.gemfile.lock", kind="Gemfile.lock")
def gemfile_lock(raw: bytes, _open_beside: Beside) -> Reading:
    """Every gem, with the chain of names from what the Gemfile asks for."""
    lock = _gathered(decoded(raw))
    found = chains([name for name in lock.direct if name in lock.gems], {name: gem.needs for name, gem in lock.gems.items()})
    packages = tuple(_package(gem, lock, found.get(name, ())) for name, gem in lock.gems.items())
    known = {*lock.gems, "bundler"}
    missing = [f"{shown(name)} is asked for and not in the file" for name in lock.direct if name not in known]
    notes = [
        f"gems of {shown(remote)} are matched by name as if they were those of rubygems.org" for remote in sorted(lock.remotes)
    ]
    return Reading(kind="Gemfile.lock", packages=packages, incomplete=(*lock.wrong, *missing), notes=tuple(notes))


def _gathered(text: str) -> _Lock:
    lock, seen = _Lock(), False
    for section, lines in _sections(text):
        seen |= section in _ORIGINS
        if section in _ORIGINS:
            _specs(lock, section, lines)
        elif section == "DEPENDENCIES":
            lock.direct |= dict.fromkeys(_need(lock, number, line) for number, line in lines)
        elif section not in _OTHERS:
            lock.wrong.append(f'line {lines[0][0] if lines else 1}: "{shown(section)}" is a section that is not known')
    if not seen:
        raise UnreadableError("it has no GEM, GIT or PATH section: this is no Gemfile.lock")
    return lock


def _sections(text: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Each section with its lines; a section begins where a line is not indented."""
    section: tuple[str, list[tuple[int, str]]] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if line and not line.startswith(" "):
            if section:
                yield section
            section = (line.rstrip(), [])
        elif line.strip():
            if section is None:
                raise UnreadableError(f'line {number}: "{shown(line)}" belongs to no section')
            section[1].append((number, line))
    if section:
        yield section


def _specs(lock: _Lock, section: str, lines: list[tuple[int, str]]) -> None:
    options: dict[str, str] = {}
    gem: _Gem | None = None
    for number, line in lines:
        indent, bare = len(line) - len(line.lstrip()), line.strip()
        if indent == 2:  # noqa: PLR2004 - the format's own indents: options, gems, what they need
            key, _, value = bare.partition(":")
            options[key] = value.strip()
            if (section, key) == ("GEM", "remote") and not _RUBYGEMS.fullmatch(value.strip()):
                lock.remotes.add(value.strip())
        elif indent == 4 and (found := _SPEC.fullmatch(bare)):  # noqa: PLR2004
            where = options.get("revision"), options.get("remote", "")
            gem = _taken(lock, _Gem(found[1], found[2], _ORIGINS[section], number, *where))
        elif indent == 6 and gem is not None:  # noqa: PLR2004
            gem.needs.append(_need(lock, number, line))
        else:
            lock.wrong.append(f'line {number}: "{shown(bare)}" cannot be read')


def _taken(lock: _Lock, read: _Gem) -> _Gem:
    version, _, platform = read.version.partition("-")
    read.version = version
    gem = lock.gems.setdefault(read.name, read)
    if gem.version != version:
        lock.wrong.append(
            f"line {read.line}: {shown(gem.name)} stands in the file in two versions, {shown(gem.version)} and {shown(version)}"
        )
    gem.platforms.add(platform)
    return gem


def _need(lock: _Lock, number: int, line: str) -> str:
    found = _NEED.fullmatch(line.strip())
    if not found:
        lock.wrong.append(f'line {number}: "{shown(line.strip())}" cannot be read')
        return ""
    return found[1]


def _package(gem: _Gem, lock: _Lock, chain: tuple[str, ...]) -> Package:
    return Package(
        ECOSYSTEM,
        gem.name,
        gem.version,
        direct=gem.name in lock.direct,
        path=chain,
        origin=gem.origin,
        commit=gem.commit if gem.origin is Origin.GIT else None,
        repository=repository_of(gem.remote) if gem.origin is Origin.GIT else None,
        marker=None if "" in gem.platforms else ", ".join(sorted(gem.platforms)),
        line=gem.line,
    )
