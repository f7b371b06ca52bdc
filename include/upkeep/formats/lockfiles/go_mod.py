"""
go.mod: the modules that a Go build takes, with what replaces them, and the standard library.

From Go 1.17 on go.mod names every module of the build. Before, it names the direct ones, and go.sum beside it those whose code
was fetched: the highest version of each, which may be one that is no longer used, and never too few. go.sum is read for nothing
else, since it also names every version that was only looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from upkeep.formats.lockfiles.go_versions import order, plain
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Origin, Package, Reading, Scope

ECOSYSTEM = "Go"
_EVERY_MODULE = (1, 17)
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|=>|[()]|//.*|[^\s()"`]+')
_DIRECTIVES = frozenset(["module", "go", "toolchain", "godebug", "require", "exclude", "replace", "retract", "tool", "ignore"])
_LOCAL = ("./", "../", "/", ".\\", "..\\")
_ARROW = "=>"


@dataclass(slots=True)
class _Module:
    """What stands in go.mod, as it is gathered."""

    go: str | None = None
    toolchain: str | None = None
    required: list[tuple[int, str, str, bool]] = field(default_factory=list)
    replaced: dict[tuple[str, str | None], tuple[str, str | None]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


@reads("go.mod")
def go_mod(raw: bytes, open_beside: Beside) -> Reading:
    """The build list, direct or not as the file says."""
    module = _gathered(decoded(raw))
    packages = [*_standard_library(module), *(_package(module, *each) for each in module.required)]
    older, notes = _older(module, open_beside)
    missing = [] if older is not None else ["go.mod is of Go before 1.17 and go.sum is missing: indirect modules are not named"]
    return Reading(kind="go.mod", packages=(*packages, *(older or ())), incomplete=(*module.wrong, *missing), notes=tuple(notes))


def _gathered(text: str) -> _Module:
    module = _Module()
    for line, tokens, comment in _statements(text, module):
        if tokens[0] not in _DIRECTIVES or not _took(module, line, tokens, comment):
            module.wrong.append(f'line {line}: "{shown(" ".join(tokens))}" cannot be read')
    return module


def _statements(text: str, module: _Module) -> Iterator[tuple[int, list[str], str]]:
    """Each statement with its line, its directive first, blocks taken apart; and the comment behind it."""
    block: str | None = None
    for line, content in enumerate(text.split("\n"), 1):
        tokens = _WORDS.findall(content)
        comment = tokens.pop()[2:].strip() if tokens and tokens[-1].startswith("//") else ""
        if not tokens:
            continue
        if block is None and tokens[1:] == ["("]:
            block = tokens[0]
        elif block is not None and tokens == [")"]:
            block = None
        else:
            yield line, [word.strip('"`') for word in ([block, *tokens] if block is not None else tokens)], comment
    if block is not None:
        module.wrong.append(f'the block "{shown(block)}" has no end')


def _took(module: _Module, line: int, tokens: list[str], comment: str) -> bool:
    """Whether a statement is one that can be read; it is then in the module."""
    match tokens:
        case ["go", version]:
            module.go = version
        case ["toolchain", name]:
            module.toolchain = name
        case ["require", name, version] if plain(version):
            module.required.append((line, name, version, "indirect" in re.split(r"[;\s]+", comment)))
        case ["replace", *rest] if _ARROW in rest:
            return _replaces(module, rest)
        case ["require" | "replace", *_]:
            return False
    return True


def _replaces(module: _Module, tokens: list[str]) -> bool:
    arrow = tokens.index(_ARROW)
    old, new = tokens[:arrow], tokens[arrow + 1 :]
    if len(old) not in {1, 2} or len(new) not in {1, 2}:
        return False
    module.replaced[old[0], old[1] if len(old) > 1 else None] = (new[0], new[1] if len(new) > 1 else None)
    return True


def _package(module: _Module, line: int | None, name: str, version: str, indirect: bool) -> Package:  # noqa: FBT001
    path = () if indirect else (name,)
    instead = module.replaced.get((name, version), module.replaced.get((name, None)))
    if instead is None:
        return Package(ECOSYSTEM, name, plain(version), not indirect, path, Scope.UNKNOWN, line=line)
    other, its_version = instead
    if its_version is None or other.startswith(_LOCAL):
        text = f"{version} => {other}"
        return Package(ECOSYSTEM, name, None, not indirect, path, Scope.UNKNOWN, Origin.PATH, asked_for=text, line=line)
    alias = name if other != name else None
    return Package(ECOSYSTEM, other, plain(its_version), not indirect, path, Scope.UNKNOWN, alias=alias, line=line)


def _standard_library(module: _Module) -> Iterator[Package]:
    """The Go that builds it: the toolchain where it is named, else the go line, which without a patch release is no pin."""
    named = re.fullmatch(r"go(\d+\.\d+(?:\.\d+|(?:rc|beta)\d+)?)(?:-.*)?", module.toolchain or "")
    asked = named[1] if named else module.go
    if asked is None:
        return
    pinned = named is not None or asked.count(".") > 1
    yield Package(
        ECOSYSTEM, "stdlib", asked if pinned else None, True, ("stdlib",), Scope.PRODUCTION,  # noqa: FBT003 - direct
        asked_for=None if pinned else f">={asked}",
    )  # fmt: skip


def _older(module: _Module, open_beside: Beside) -> tuple[list[Package] | None, list[str]]:
    """What go.sum adds where go.mod does not name every module; None where that cannot be known."""
    if _named_whole(module) or not module.required:
        return [], []
    raw = open_beside("go.sum")
    if raw is None:
        return None, []
    known = {name for _, name, _, _ in module.required}
    highest: dict[str, str] = {}
    for name, version in _fetched(decoded(raw)):
        if name not in known and (name not in highest or order(version) > order(highest[name])):
            highest[name] = version
    found = [_package(module, None, name, version, indirect=True) for name, version in sorted(highest.items())]
    return found, ["go.mod is of Go before 1.17: indirect modules are read from go.sum, which may still name some that are gone"]


def _named_whole(module: _Module) -> bool:
    numbers = re.match(r"(\d{1,9})\.(\d{1,9})(?!\d)", module.go or "1.16")
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= _EVERY_MODULE


def _fetched(text: str) -> Iterator[tuple[str, str]]:
    """Modules whose code go.sum has a hash of; a line of "/go.mod" was only looked at."""
    for line, content in enumerate(text.split("\n"), 1):
        match content.split():
            case []:
                continue
            case [name, version, _] if plain(version.removesuffix("/go.mod")):
                if not version.endswith("/go.mod"):
                    yield name, version
            case _:
                raise UnreadableError(f'go.sum, line {line}: "{shown(content)}" cannot be read')
