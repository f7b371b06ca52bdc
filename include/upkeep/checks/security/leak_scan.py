"""A repository's files looked through for secrets: which are read, what is silenced, and what could not be read."""

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from upkeep.formats.lockfiles.registry import LIMIT, UnreadableError, reader_of
from upkeep.formats.secret_patterns import Spotted, spotted
from upkeep.formats.text_of import text_of
from upkeep.sources.repository import Repository

ALLOWED = ".upkeep-allowed-secrets"
MOST_PLACES, MOST_SEEN = 1000, 200_000  # a log that repeats itself must not fill the memory
_LOCKS = re.compile(
    r"(?i)(?:\.lock|-lock\.(?:json|yaml)|go\.sum|\.sum|checksums?(?:\.txt)?|\.svg|\.min\.(?:js|css)|\.map|\.ipynb)$"
)
_TEST = re.compile(
    r"(?i)(?:^|[/_.-])(?:tests?|spec|fixtures?|testdata|examples?|samples?|mocks?|docs?|snapshots?)(?:[/_.-]|$)|\.(?:md|rst)$"
)
_EXAMPLE_ENV = re.compile(r"(?i)\.(?:example|sample|template|dist|tpl)$")


@dataclass(frozen=True, slots=True)
class Leak:
    """Secrets of one kind in one file. `where` are lines, or commits of what is no longer there."""

    path: str
    kind: str
    certain: bool
    where: tuple[str, ...]


@dataclass
class Scan:
    """What was read, what could not be, and what was found; texts of finds stay inside."""

    read: int = 0
    unread: list[str] = field(default_factory=list)
    found: dict[tuple[str, str, bool], dict[str, None]] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)

    def note(self, path: str, spot: Spotted, where: str) -> None:
        """A find at a place."""
        if len(self.seen) < MOST_SEEN:
            self.seen.add(_print_of(path, spot.text))
        places = self.found.setdefault((path, spot.kind, spot.certain), {})
        if len(places) < MOST_PLACES:
            places[where] = None

    def knows(self, path: str, spot: Spotted) -> bool:
        """Whether this text was found in this file already."""
        return _print_of(path, spot.text) in self.seen

    @property
    def leaks(self) -> list[Leak]:
        """By path and kind."""
        return [Leak(*key, tuple(places)) for key, places in sorted(self.found.items())]


Look = Callable[[str, str], Iterable[Spotted]]


def scanned(files: Repository, look: Look) -> Scan:
    """Every file at the window's end that is text; `look` is given a path and a text."""
    scan = Scan()
    for path in read_paths(files):
        try:
            data = files.read(path, LIMIT)
        except UnreadableError as error:
            scan.unread.append(f"{path}: {error}")
            continue
        text = text_of(data) if data is not None else None
        if text is None:
            continue
        scan.read += 1
        for spot in look(path, text):
            scan.note(path, spot, f"line {spot.line}")
    return scan


def read_paths(files: Repository) -> Iterator[str]:
    """All but those that the inventory passes over and the list of what is allowed."""
    for path in files.tree.paths():
        if not passed_over(path, files.ignore):
            yield path


def passed_over(path: str, ignore: Iterable[str]) -> bool:
    """Whether a path is not looked at."""
    return posixpath.basename(path) == ALLOWED or any(fnmatchcase(path, pattern) for pattern in ignore)


def by_patterns(allowed: frozenset[str]) -> Look:
    """Tokens everywhere; doubtful ones not in lockfiles, tests, examples and documentation, where they are made up."""

    def look(path: str, text: str) -> Iterator[Spotted]:
        doubtful = not (_LOCKS.search(path) or _TEST.search(path) or _EXAMPLE_ENV.search(path) or reader_of(path))
        return (spot for spot in spotted(text, doubtful=doubtful) if hashed(spot.text) not in allowed)

    return look


def allowed_in(files: Repository) -> frozenset[str]:
    """SHA-256 of what the repository's own list allows, a line each, with a comment behind a `#`."""
    try:
        text = text_of(files.read(ALLOWED, LIMIT) or b"") or ""
    except UnreadableError:
        return frozenset()
    return allowed_among(text)


def allowed_among(text: str) -> frozenset[str]:
    """The SHA-256 of such a list."""
    return frozenset(line.partition("#")[0].strip().lower() for line in text.splitlines()) - {""}


def hashed(text: str) -> str:
    """As `printf %s TEXT | sha256sum` writes it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _print_of(path: str, text: str) -> bytes:
    return hashlib.sha256(f"{path}\0{text}".encode("utf-8", "surrogatepass")).digest()
