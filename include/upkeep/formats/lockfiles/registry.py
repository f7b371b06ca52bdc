"""
Which reader reads which file, and reading one safely: whatever stands in it, the result is a `Reading`.

A reader is a pure function with `@reads(…)`: bytes of the file and `open_beside` in, `Reading` out. It may raise
UnreadableError, or anything: the front door `read` turns that into a reading that is incomplete.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache

from upkeep.formats import lockfiles
from upkeep.formats.package import Reading, Scope

MEGABYTE = 10**6
LIMIT = 32 * MEGABYTE
_SHOWN = 200
_INSTALLED = frozenset(["node_modules", "site-packages", "dist-packages", ".git", ".venv"])

Beside = Callable[[str], bytes | None]
"""
Opens a file by its path from the folder of the file that is read: "base.txt", "../constraints.txt".

None when there is none. Raises UnreadableError when the path leads out of the repository or the file is over the limit.
"""
Parse = Callable[[bytes, Beside], Reading]


class UnreadableError(ValueError):
    """A file, or one beside it, cannot be read at all; the message says why, in words that follow the file's name."""


@dataclass(frozen=True, slots=True)
class Reader:
    """
    One kind of file: its name, the patterns of its paths, how it is read, and the largest that is read, in bytes.

    Paths that fit one of `but` are none of it. Where a path fits one of `development`, so do its packages of unknown scope.
    """

    kind: str
    patterns: tuple[str, ...]
    parse: Parse
    limit: int = LIMIT
    but: tuple[str, ...] = ()
    development: tuple[str, ...] = ()

    def __call__(self, raw: bytes, open_beside: Beside) -> Reading:
        """Read it, without the safety of `read`."""
        return self.parse(raw, open_beside)

    def fits(self, path: str) -> bool:
        """Whether a path of the repository, with slashes, is of this kind."""
        return _fits_any(path, self.patterns) and not _fits_any(path, self.but)


def reads(
    *patterns: str, kind: str | None = None, limit: int = LIMIT, but: tuple[str, ...] = (), development: tuple[str, ...] = ()
) -> Callable[[Parse], Reader]:
    """
    Make a reader of a function.

    A pattern is a file's name ("poetry.lock", "*.spdx.json") or the end of a path ("var/lib/dpkg/status"), as fnmatch reads
    it. `kind` is by default the first pattern; see Reader for the others.
    """
    return lambda parse: Reader(kind or patterns[0], patterns, parse, limit, but, development)


@cache
def readers() -> tuple[Reader, ...]:
    """Every reader, by kind."""
    modules = (importlib.import_module(f"{lockfiles.__name__}.{info.name}") for info in pkgutil.iter_modules(lockfiles.__path__))
    found = {value.kind: value for module in modules for value in vars(module).values() if isinstance(value, Reader)}
    return tuple(found[kind] for kind in sorted(found))


def reader_of(path: str) -> Reader | None:
    """
    The reader of the file at this path, None when it is no lockfile. A plain name wins over a pattern with stars.

    What an installation brought (under node_modules or site-packages) is no lockfile of the repository.
    """
    if _INSTALLED.intersection(path.split("/")[:-1]):
        return None
    fitting = [reader for reader in readers() if reader.fits(path)]
    return min(fitting, key=lambda reader: not any("*" not in p and _fits(path, p) for p in reader.patterns), default=None)


def found_in(paths: Iterable[str]) -> tuple[str, ...]:
    """Those of a repository's paths that a reader reads, sorted."""
    return tuple(sorted(path for path in paths if reader_of(path)))


def read(path: str, raw: bytes, open_beside: Beside) -> Reading:
    """What the file at this path says. Raises KeyError when no reader reads it, and nothing else: the reading then says why."""
    reader = reader_of(path)
    if reader is None:
        raise KeyError(path)
    if len(raw) > reader.limit:
        size = f"{len(raw) / MEGABYTE:.0f} MB, and files of up to {reader.limit // MEGABYTE} MB are read"
        return _unread(reader, size)
    try:
        return _scoped(reader.parse(raw, open_beside), reader, path)
    except UnreadableError as error:
        return _unread(reader, str(error))
    except RecursionError:
        return _unread(reader, "nested too deep to be read")
    except MemoryError:
        return _unread(reader, "takes more memory than there is")
    except Exception as error:  # noqa: BLE001 - whatever stands in a file, the repository is unknown and never smaller
        return _unread(reader, f"its reader failed ({type(error).__name__}: {str(error)[:_SHOWN]})")


def _unread(reader: Reader, why: str) -> Reading:
    return Reading(kind=reader.kind, packages=(), incomplete=(why,))


def _scoped(reading: Reading, reader: Reader, path: str) -> Reading:
    if not _fits_any(path, reader.development):
        return reading
    packages = (replace(p, scope=Scope.DEVELOPMENT) if p.scope is Scope.UNKNOWN else p for p in reading.packages)
    return replace(reading, packages=tuple(packages))


def _fits_any(path: str, patterns: Iterable[str]) -> bool:
    return any(_fits(path, pattern) for pattern in patterns)


def _fits(path: str, pattern: str) -> bool:
    if "/" not in pattern:
        return fnmatchcase(path.rpartition("/")[2], pattern)
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"*/{pattern}")
