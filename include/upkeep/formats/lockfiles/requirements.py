"""requirements.txt as pip reads it: pins with hashes, ranges, includes, constraints; pip freeze and pip-compile too."""

import codecs
import posixpath
import re
from dataclasses import replace

from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.graph import Graph
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.requirements_entry import Wanted, wanted
from upkeep.formats.lockfiles.requirements_lines import Line, logical_lines
from upkeep.formats.lockfiles.requirements_via import Via, asked_by
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Origin, Package, Reading, Scope

_DEVELOPMENT = ("*dev*", "*test*", "*lint*", "*doc*", "*typing*", "*ci.*", "*build*", "*bench*")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_MOST_FILES = 500
_INCLUDES = {"-r": "-r", "--requirement": "-r", "-c": "-c", "--constraint": "-c"}


@reads(
    "requirements*.txt",
    "*[-_.]requirements.txt",
    "requirements/*.txt",
    "requirements*.lock",
    "pip-freeze*.txt",
    "freeze.txt",
    kind="requirements.txt",
    but=("constraint*", "*constraints.txt"),
    development=tuple(f"{word}{end}" for word in _DEVELOPMENT for end in ("requirements*", ".txt", "*.txt", "*.lock")),
)
def requirements(raw: bytes, open_beside: Beside) -> Reading:
    """
    Read it with what it includes. A range that no constraint pins is no pin.

    Who asked for what is known where pip-compile or uv wrote it as comments.
    """
    made = _Requirements(open_beside)
    made.read("", raw, None)
    made.finish()
    return made.draft.reading()


class _Requirements:
    """The files as they are read: each once, whoever includes it."""

    def __init__(self, open_beside: Beside) -> None:
        self.draft = Draft("requirements.txt")
        self._open = open_beside
        self._entries: list[tuple[Wanted, tuple[str, ...], int]] = []
        self._constraints: dict[str, Wanted] = {}
        self._projects: list[tuple[str, int]] = []
        self._via: dict[str, Via] = {}
        self._seen: set[tuple[str, bool]] = set()

    def read(self, path: str, raw: bytes, outer: int | None, *, constraint: bool = False) -> None:
        """Read one file and, after it, those that it includes. `outer` is the line of the first file that led here."""
        waiting = [(path, raw, outer, constraint)]
        while waiting:
            here, data, line, limits = waiting.pop()
            text = _text(data)
            if not limits:
                self._via |= asked_by(text)
            for found in logical_lines(text):
                at = found.number if line is None else line
                waiting.extend(self._line(here, found, at, limits=limits))

    def _line(self, path: str, line: Line, at: int, *, limits: bool) -> list[tuple[str, bytes, int, bool]]:
        where = f" in {shown(path)}" if path else ""
        if line.unknown:
            self.draft.lost(f"{shown(line.unknown)}{where} is not understood", at)
            return []
        hashes = tuple(value for name, value in line.options if name == "--hash")
        if line.text:
            self._entry(line.text, hashes, at, where, limits=limits)
        found = []
        for name, value in line.options:
            if name in {"-e", "--editable"}:
                self._entry(value, hashes, at, where, limits=limits, editable=True)
            elif name in _INCLUDES:
                found += self._included(path, value, at, where, limits=limits or _INCLUDES[name] == "-c")
            elif name in {"-i", "--index-url", "--extra-index-url", "-f", "--find-links"}:
                self.draft.note("packages come from another index or folder too", at)
        return found

    def _included(self, path: str, value: str, at: int, where: str, *, limits: bool) -> list[tuple[str, bytes, int, bool]]:
        if "://" in value:
            self.draft.lost(f"includes a file{where} from elsewhere, which is not fetched", at)
            return []
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), value))
        if (target, limits) in self._seen:
            self.draft.note(f"{shown(target)} is included again", at)
            return []
        self._seen.add((target, limits))
        try:
            raw = self._open(target)
            if raw is not None:
                _text(raw)
        except UnreadableError as error:
            self.draft.lost(f"includes {shown(value)}{where}, which {error}", at)
            return []
        if raw is None or len(self._seen) > _MOST_FILES:
            self.draft.lost(
                f"includes {shown(value)}{where}, which {'is not there' if raw is None else 'is one file too many'}", at
            )
            return []
        return [(target, raw, at, limits)]

    def _entry(self, text: str, hashes: tuple[str, ...], at: int, where: str, *, limits: bool, editable: bool = False) -> None:
        try:
            found = wanted(text, editable=editable)
        except ValueError as error:
            self.draft.lost(f"{shown(text)}{where} is no requirement: {shown(error)}", at)
            return
        if limits:
            if found.name and found.version:
                self._constraints[found.name] = found
        elif found.origin is Origin.PATH and found.version is None:
            self._projects.append((text, at))
            if found.name:
                self._entries.append((found, hashes, at))
        elif found.name:
            self._entries.append((found, hashes, at))

    def finish(self) -> None:
        """Make packages of what was read, now that every constraint and every comment is known."""
        graph = self._graph()
        entries = [(self._limited(found), hashes, at) for found, hashes, at in self._entries]
        for found, hashes, at in entries:
            self._add(found, hashes, at, graph)
        others = [found for found, _, _ in entries if found.origin is not Origin.PATH]
        whole = bool(others) and all(found.version or found.commit for found in others)
        for text, at in self._projects:
            what = f"{shown(text)} is a local project: what it depends on stands elsewhere"
            self.draft.note(what, at) if whole else self.draft.lost(what, at)

    def _limited(self, found: Wanted) -> Wanted:
        """A range that a constraint pins is that version."""
        limit = self._constraints.get(found.name or "")
        if limit is None or found.version or found.origin is not Origin.REGISTRY:
            return found
        return replace(found, version=limit.version, asked_for=None)

    def _graph(self) -> Graph[str]:
        names = {found.name for found, _, _ in self._entries if found.name}
        needs: dict[str, list[str]] = {}
        for name, via in self._via.items():
            for asker in via.names:
                needs.setdefault(asker, []).append(name)
        roots = [name for name, via in self._via.items() if via.direct or not set(via.names) & names]
        return Graph(roots, (), lambda name: needs.get(name, ()))

    def _add(self, found: Wanted, hashes: tuple[str, ...], at: int, graph: Graph[str]) -> None:
        name = found.name or ""
        place = graph.place(name)
        self.draft.add(
            Package(
                "PyPI",
                name,
                found.version,
                direct=bool(place.direct) if name in self._via else None,
                path=place.chain,
                scope=Scope.UNKNOWN,
                origin=found.origin,
                commit=found.commit,
                repository=found.repository,
                marker=found.marker,
                asked_for=found.asked_for,
                line=at,
                extras=found.extras,
                hashes=hashes,
            )
        )


def _text(raw: bytes) -> str:
    """As pip decodes it: a byte order mark, else a comment that names the coding in the first two lines, else UTF-8."""
    for line in (
        raw.split(b"\n", 2)[:2] if not raw.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ()
    ):
        if (found := _CODING.match(line)) and found[1].lower() not in {b"utf-8", b"utf8"}:
            try:
                return decoded(raw.decode(found[1].decode()).encode())
            except (LookupError, UnicodeError):
                raise UnreadableError(f"is no text in {shown(found[1].decode())}, which it says it is") from None
    return decoded(raw)
