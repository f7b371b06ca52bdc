"""JSON, TOML and YAML documents, and what stands in them as the kind of value that it must be: else it is said where and what."""

from collections.abc import Mapping
from typing import Any, TypeVar

from upkeep.formats.lockfiles.documents import json_document, toml_document, yaml_documents
from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.text import decoded, shown

Table = Mapping[str, Any]
Kind = TypeVar("Kind")


def json_object(raw: bytes) -> Table:
    """The object that a JSON file holds. Raises UnreadableError by line, and for a key that stands twice in one object."""
    return json_document(decoded(raw))


def toml_table(raw: bytes) -> Table:
    """The table that a TOML file holds. Raises UnreadableError by line."""
    return toml_document(decoded(raw))


def yaml_mapping(raw: bytes) -> Table:
    """The one mapping that a YAML file holds, its values all text. Raises UnreadableError by line."""
    documents = yaml_documents(decoded(raw))
    if len(documents) != 1:
        raise UnreadableError(f"it holds {len(documents)} YAML documents and not one")
    return documents[0]


def table(value: Any, where: str) -> Table:
    """A value that must be an object; None stands for an empty one."""
    return _of(dict, {} if value is None else value, where, "object")


def rows(value: Any, where: str) -> list[Any]:
    """A value that must be a list; None stands for an empty one."""
    return _of(list, [] if value is None else value, where, "list")


def tables(value: Any, where: str) -> list[Table]:
    """A value that must be a list of objects; None stands for an empty one."""
    return [table(row, f"{where}, entry {number},") for number, row in enumerate(rows(value, where), 1)]


def text_of(value: Any, where: str) -> str:
    """A value that must be a text that is not empty."""
    if not (found := _of(str, value, where, "text")):
        raise UnreadableError(f"{where} is empty")
    return found


def _of(kind: type[Kind], value: Any, where: str, expected: str) -> Kind:
    if not isinstance(value, kind):
        raise UnreadableError(f"{where} is no {expected}: {shown(value)}")
    return value
