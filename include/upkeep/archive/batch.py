"""A batch that was copied, and its proof, which other threads make while the batch before is deleted."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from upkeep.archive.copying import Copied
from upkeep.archive.manifest import Manifest
from upkeep.archive.subject import Subject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table or partition. `proof` gives the manifest of the stored file, or raises what was wrong with it."""

    subject: Subject
    copied: Copied
    proof: Future[Manifest]


def one_ahead(made: Iterator[T]) -> Iterator[T]:
    """Each, while another thread makes the next. Why one could not be made is raised after those before it."""
    with ThreadPoolExecutor(1, "archive copy") as maker:
        following = maker.submit(next, made, None)
        while (each := following.result()) is not None:
            following = maker.submit(next, made, None)
            yield each
