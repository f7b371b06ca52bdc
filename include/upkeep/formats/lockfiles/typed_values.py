"""JSON and TOML documents, and what stands in them as the kind of value that it must be: else it is said where and what."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.text import decoded, shown

Table = Mapping[str, Any]
Kind = TypeVar("Kind")


def json_object(raw: bytes) -> Table:
    """The object that a JSON file holds. Raises UnreadableError by line, and for a key that stands twice in one object."""
    try:
        return table(json.loads(decoded(raw), object_pairs_hook=_without_doubles), "the document")
    except json.JSONDecodeError as error:
        raise UnreadableError(f"line {error.lineno}: no JSON ({error.msg})") from None


def toml_table(raw: bytes) -> Table:
    """The table that a TOML file holds. Raises UnreadableError by line."""
    import tomllib

    try:
        return tomllib.loads(decoded(raw))
    except tomllib.TOMLDecodeError as error:
        raise UnreadableError(f"no TOML: {error}") from None


def table(value: Any, where: str) -> Table:
    """A value that must be an object; None stands for an empty one."""
    return _of(dict, {} if value is None else value, where, "object")


def rows(value: Any, where: str) -> list[Any]:
    """A value that must be a list; None stands for an empty one."""
    return _of(list, [] if value is None else value, where, "list")


def tables(value: Any, where: str) -> list[Table]:
    """A value that must be a list of objects; None stands for an empty one."""
    return [table(row, f"{where}, entry {number},") for number, row in enumerate(rows(value, where), 1)]


def words(value: Any, where: str) -> str:
    """A value that must be a text that is not empty."""
    if not (found := _of(str, value, where, "text")):
        raise UnreadableError(f"{where} is empty")
    return found


def _of(kind: type[Kind], value: Any, where: str, expected: str) -> Kind:
    if not isinstance(value, kind):
        raise UnreadableError(f"{where} is no {expected}: {shown(value)}")
    return value


def _without_doubles(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    found = dict(listed)
    if len(found) < len(listed):
        keys = [key for key, _ in listed]
        raise UnreadableError(f'"{shown(next(key for key in keys if keys.count(key) > 1))}" stands twice in one object')
    return found
