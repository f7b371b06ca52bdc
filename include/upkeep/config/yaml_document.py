"""YAML files read into typed models, with errors that name file, line, field, what was expected and the nearest spelling."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from upkeep.config.validation_messages import complaints
from upkeep.errors import InventoryError
from upkeep.suggestions import nearest

__all__ = ["Document", "nearest", "refused"]

Model = TypeVar("Model", bound=BaseModel)
Where = Sequence[str | int]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """A YAML file and the line of everything in it. Raises InventoryError when it cannot be read as YAML."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._root = _compose(path)
        self._refuse_doubled_keys()

    def data(self) -> Any:
        """The content as plain dicts, lists and scalars; an empty file is an empty mapping."""
        if self._root is None:
            return {}
        constructor = yaml.constructor.SafeConstructor()
        try:
            return constructor.construct_document(self._root)
        except (yaml.YAMLError, ValueError, TypeError) as error:
            raise InventoryError(f"{self.path}:{_yaml_problem(error)}") from error

    def mapping(self) -> dict[Any, Any]:
        """The content, which must be a mapping."""
        data = self.data()
        if not isinstance(data, dict):
            raise self.error((), "expected a mapping (name: value) at the top, found a list or a single value")
        return data

    def line(self, where: Where) -> int:
        """The line of a path such as ("databases", 0, "owner"); of its nearest parent when it is not there."""
        node, line = self._root, 1
        for step in where:
            node, found = _step(node, step)
            if found is None:
                break
            line = found
        return line

    def error(self, where: Where, problem: str) -> InventoryError:
        """An error that points at this place."""
        return InventoryError(self.say(where, problem))

    def say(self, where: Where, problem: str) -> str:
        """`file:line: field: problem`."""
        return f"{self.path}:{self.line(where)}: {_spell(where)}: {problem}"

    def parse(self, model: type[Model], data: Any, where: tuple[str | int, ...] = ()) -> Model:
        """Validate part of the document; raises one InventoryError that lists every problem, a line each."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            messages = complaints(model, error.errors(include_url=False))
            raise refused(self.say(where + steps, message) for steps, message in messages.items()) from None

    def _refuse_doubled_keys(self) -> None:
        for mapping in _mappings(self._root, set()):
            seen: dict[Any, int] = {}
            for key, _ in mapping.value:
                name, line = str(key.value), key.start_mark.line + 1
                if name in seen:
                    msg = f"{self.path}:{line}: {name}: written twice (lines {seen[name]} and {line}); keep one"
                    raise InventoryError(msg)
                seen[name] = line


def refused(problems: Iterable[str]) -> InventoryError:
    """One error of many problems, a line each."""
    return InventoryError("\n".join(problems))


def _compose(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        msg = f"{path}: no such file; set UPKEEP_INVENTORY or run from the project's root"
        raise InventoryError(msg) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InventoryError(f"{path}:{line}: not UTF-8 text (byte {error.object[error.start]:#x}); save it as UTF-8") from None
    except OSError as error:
        raise InventoryError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise InventoryError(f"{path}:{_yaml_problem(error)}") from error


def _mappings(node: Any, seen: set[int]) -> Iterator[yaml.MappingNode]:
    """Every mapping once; aliases lead back to what was seen, even in circles."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
        children = (part for pair in node.value for part in pair) if isinstance(node, yaml.MappingNode) else node.value
        waiting.extend(reversed(list(children)))


def _step(node: Any, step: str | int) -> tuple[Any, int | None]:
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):  # what an alias merged in stands first
            if key.value == str(step):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    return None, None


def _spell(where: Where) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return "".join(c if c.isprintable() else "?" for c in text.lstrip(".")) or "(whole file)"


_HINTS: Mapping[str, str] = {
    "tab character": "; indent with spaces, never tabs",
    "character that cannot start any token": "; indent with spaces, never tabs, and quote words that start with @ ` %",
    "expected '-' indicator": "; a line is indented differently from those around it",
    "block end": "; a line is indented differently from those around it",
    "mapping values are not allowed": "; a line is indented differently from those around it, or a value with ': ' needs quotes",
    "could not find expected ':'": "; a name without its colon, or a quote that is not closed",
}


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    message = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    hint = next((hint for sign, hint in _HINTS.items() if sign in message), "")
    return f"{mark.line + 1}: not valid YAML: {message}{hint}" if mark else f" not valid YAML: {message}{hint}"
