"""Where the targets stand in the inventory: each entry with its kind and its place, not validated yet."""

from collections.abc import Iterator, Mapping
from typing import Any

from upkeep.targets import kinds
from upkeep.targets.target import Target

Where = tuple[str | int, ...]
Entry = tuple[Where, type[Target], Any]


def entries(data: Mapping[Any, Any]) -> Iterator[Entry]:
    """Every entry of the file. Of a single kind there is one even when its section is missing."""
    for section, kind in kinds().items():
        given = data.get(section)
        if kind.single:
            yield (section,), kind, _single(kind, given, data)
        elif isinstance(given, list):
            yield from (((section, index), kind, entry) for index, entry in enumerate(given))


def misplaced(data: Mapping[Any, Any]) -> Iterator[tuple[Where, str]]:
    """Sections that are not what they ought to be, and what they ought to be."""
    for section, kind in kinds().items():
        given = data.get(section)
        if not kind.single and not isinstance(given, list | None):
            yield (section,), f"expected a list of {section}, each starting with '- name:'"


def _single(kind: type[Target], given: Any, data: Mapping[Any, Any]) -> Any:
    if not isinstance(given, dict | None):
        return given
    return {"name": kind.model_fields["name"].default, "owner": first_on_call(data), **(given or {})}


def first_on_call(data: Mapping[Any, Any]) -> str:
    """Name of the person who is called first; empty when the file has nobody."""
    people = [person for person in data.get("people") or [] if isinstance(person, dict)]
    ordered = sorted(people, key=lambda p: p["on_call"] if isinstance(p.get("on_call"), int) else len(people) + 1)
    return str(ordered[0].get("name")) if ordered else ""
