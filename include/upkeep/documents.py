"""YAML files read into typed models, with errors that name file, line, field, what was expected and the nearest spelling."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from upkeep.errors import InventoryError

Model = TypeVar("Model", bound=BaseModel)

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """A YAML file and the line of everything in it. Raises InventoryError when it cannot be read as YAML."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
        except FileNotFoundError:
            msg = f"{path}: no such file; set UPKEEP_INVENTORY or run from the project's root"
            raise InventoryError(msg) from None
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{path}: cannot be read as UTF-8 text: {error}"
            raise InventoryError(msg) from error
        except yaml.YAMLError as error:
            raise InventoryError(f"{path}:{_yaml_problem(error)}") from error
        self._refuse_doubled_keys(self._root)

    def data(self) -> Any:
        """The content as plain dicts, lists and scalars; an empty file is an empty mapping."""
        if self._root is None:
            return {}
        constructor = yaml.constructor.SafeConstructor()
        try:
            return constructor.construct_document(self._root)
        except (yaml.YAMLError, ValueError, TypeError) as error:
            raise InventoryError(f"{self.path}:{_yaml_problem(error)}") from error

    def line(self, where: Sequence[str | int]) -> int:
        """The line of a path such as ("databases", 0, "owner"); of its nearest parent when it is not there."""
        node, line = self._root, 1
        for step in where:
            node, found = _step(node, step)
            if found is None:
                break
            line = found
        return line

    def error(self, where: Sequence[str | int], problem: str) -> InventoryError:
        """An error that points at this place."""
        return InventoryError(self.say(where, problem))

    def say(self, where: Sequence[str | int], problem: str) -> str:
        """`file:line: field: problem`."""
        return f"{self.path}:{self.line(where)}: {_spell(where)}: {problem}"

    def parse(self, model: type[Model], data: Any, where: tuple[str | int, ...] = ()) -> Model:
        """Validate part of the document; raises one InventoryError that lists every problem, a line each."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            problems = [self._translate(model, dict(e), where) for e in error.errors(include_url=False)]
            raise InventoryError("\n".join(problems)) from None

    def _translate(self, model: type[BaseModel], error: dict[str, Any], where: tuple[str | int, ...]) -> str:
        path = where + tuple(error["loc"])
        if error["type"] == "extra_forbidden":
            owner = _model_at(model, error["loc"][:-1])
            return self.say(path, f"unknown field{nearest(str(path[-1]), owner.model_fields)}")
        if error["type"] == "missing":
            return self.say(path, "missing, and it has no default")
        got = repr(error.get("input"))
        return self.say(path, f"{error['msg'].removeprefix('Value error, ')} (got {got[:60]})")

    def _refuse_doubled_keys(self, node: Any) -> None:
        for key, value in getattr(node, "value", ()) if isinstance(node, yaml.MappingNode) else ():
            twins = [k for k, _ in node.value if k.value == key.value]
            if len(twins) > 1:
                lines = " and ".join(str(k.start_mark.line + 1) for k in twins)
                msg = f"{self.path}:{twins[1].start_mark.line + 1}: {key.value}: written twice (lines {lines}); keep one"
                raise InventoryError(msg)
            self._refuse_doubled_keys(value)
        for item in node.value if isinstance(node, yaml.SequenceNode) else ():
            self._refuse_doubled_keys(item)


def nearest(word: str, valid: Iterator[str] | Any) -> str:
    """`; did you mean "owner"?`, or the valid words when none is near."""
    words = sorted(str(w) for w in valid)
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else f"; valid are: {', '.join(words) or 'none'}"


def _step(node: Any, step: str | int) -> tuple[Any, int | None]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    return None, None


def _spell(where: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return text.lstrip(".") or "(whole file)"


def _model_at(model: type[BaseModel], steps: Sequence[str | int]) -> type[BaseModel]:
    for step in steps:
        field = model.model_fields.get(str(step))
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return model


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    return f"{mark.line + 1}: not valid YAML: {said}" if mark else f" not valid YAML: {said}"
