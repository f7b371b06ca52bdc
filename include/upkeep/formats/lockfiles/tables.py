"""The packages of a lockfile in TOML: tables of one list, each with a name, by line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from upkeep.formats.lockfiles.documents import text_of
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.python_names import name_of
from upkeep.formats.lockfiles.registry import UnreadableError


@dataclass(frozen=True, slots=True)
class Row:
    """One package's table: its name as PyPI normalises it, and the line where the table begins, where that is sure."""

    name: str
    table: Mapping[str, Any]
    line: int | None


def rows(document: Mapping[str, Any], key: str, lines: Iterable[int], draft: Draft) -> Iterator[Row]:
    """
    The tables under this key. One without a name is lost, and said.

    Raises UnreadableError when there is no such list though the file says nothing else that a lockfile without packages would.
    """
    found = document.get(key, [] if {"metadata", "version", "lock-version"} & document.keys() else None)
    if not isinstance(found, list):
        raise UnreadableError(f"has no list `{key}`: it is no {draft.kind}, or was cut off")
    places: list[int | None] = [*lines]
    if len(places) != len(found):
        places = [None] * len(found)
    for number, (table, line) in enumerate(zip(found, places, strict=True), 1):
        if isinstance(table, dict) and (name := text_of(table.get("name"))):
            yield Row(name_of(name), table, line)
        else:
            draft.lost(f"the package at place {number} has no name", line)
