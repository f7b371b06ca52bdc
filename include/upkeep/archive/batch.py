"""A batch that was copied, and its proof, which another thread makes while the next batch is copied."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from upkeep.archive.copying import Copied
from upkeep.archive.manifest import Manifest
from upkeep.archive.subject import Subject
from upkeep.errors import UpkeepError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table or partition. `proof` gives the manifest of the stored file, or raises what was wrong with it."""

    subject: Subject
    copied: Copied
    proof: Future[Manifest]


def one_ahead(made: Iterator[T]) -> Iterator[T]:
    """Each after the next was made. Why one could not be made is raised after those before it."""
    waiting = next(made, None)
    while waiting is not None:
        following, error = _next(made)
        yield waiting
        if error:
            raise error
        waiting = following


def _next(made: Iterator[T]) -> tuple[T | None, UpkeepError | None]:
    try:
        return next(made, None), None
    except UpkeepError as error:
        return None, error
