"""What is wrong with a document, in words: problems of the validator said with what was expected and the nearest spelling."""

import re
import types
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from upkeep.suggestions import nearest

Where = tuple[str | int, ...]
_SECRETIVE = re.compile(r"://|\S@\S|xox|=|passw|secret", re.IGNORECASE)
_FOUND = {dict: "a mapping", list: "a list", bool: "true or false", type(None): "nothing"}
_OUGHT = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "finite_number": "a finite number",
    "tuple_type": "a list (lines that start with '- ')",
    "list_type": "a list (lines that start with '- ')",
    "dict_type": "a mapping (name: value)",
    "mapping_type": "a mapping (name: value)",
    "model_type": "a mapping (name: value)",
    "model_attributes_type": "a mapping (name: value)",
}


def complaints(model: type[BaseModel], errors: Sequence[Mapping[str, Any]]) -> dict[Where, str]:
    """What is wrong, by where in the model's part of the document; one complaint for each place."""
    found: dict[Where, str] = {}
    for error in sorted(errors, key=lambda e: e["type"] == "too_short"):
        steps, field, owner = _walk(model, error["loc"])
        is_echo = error["type"] == "too_short" and any(place[: len(steps)] == steps for place in found)
        if not is_echo:
            found.setdefault(steps, _describe_error(error, steps, field, owner))
    return found


def _describe_error(error: Mapping[str, Any], steps: Where, field: FieldInfo | None, owner: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "too_short":
            return f"expected at least {context['min_length']} entry"
        case "extra_forbidden":
            return f"unknown field{nearest(str(steps[-1]), owner.model_fields)}"
        case "missing":
            return f"missing, and it has no default{_described(field)}"
        case "enum" | "literal_error":
            options = [word.strip(" '") for word in context["expected"].replace(" or ", ",").split(",")]
            return f"{_shown(error, steps)} is none of {', '.join(options)}{nearest(str(error['input']), options, most=0)}"
        case "string_pattern_mismatch":
            return f"{_shown(error, steps)} is not right{_described(field)}"
    return _mismatch(error, steps)


def _mismatch(error: Mapping[str, Any], steps: Where) -> str:
    if error["type"] in _OUGHT:
        quotes = "; YAML reads this as another type unless it stands in quotes" if _needs_quotes(error) else ""
        return f"expected {_OUGHT[error['type']]}, found {_shown(error, steps)}{quotes}"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{message} (found {_shown(error, steps)})"


def _described(field: FieldInfo | None) -> str:
    return f"; expected: {field.description}" if field and field.description else ""


def _needs_quotes(error: Mapping[str, Any]) -> bool:
    return error["type"] == "string_type" and not isinstance(error["input"], dict | list | None)


def _shown(error: Mapping[str, Any], steps: Where) -> str:
    """The value, unless it might be a secret or is more than a word."""
    value = error["input"]
    if type(value) in _FOUND and not isinstance(value, bool):
        return _FOUND[type(value)]
    text = str(value)
    if "connection" in str(steps[-1:]) or _SECRETIVE.search(text):
        return "the value (not shown: it may hold a secret)"
    return '"' + "".join(c if c.isprintable() else "?" for c in text[:40]) + '"'


def _walk(model: type[BaseModel], loc: Sequence[str | int]) -> tuple[Where, FieldInfo | None, type[BaseModel]]:
    """Steps that stand in the document, the field they lead to and the model that field is of."""
    steps = tuple(step for step in loc if isinstance(step, int) or not _is_of_the_validator(step))
    owner, field, inner = model, None, _model_in(model)
    for step in (s for s in steps if isinstance(s, str)):
        if inner is not None:
            owner, field = inner, inner.model_fields.get(step)
            inner = _model_in(field.annotation) if field else None
    return steps, field, owner


def _is_of_the_validator(step: str) -> bool:
    return (
        step == "[key]" or step in {"bool", "int", "float", "str"} or step.startswith(("function-", "constrained-", "nullable"))
    )


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {tuple, list, Union, types.UnionType}:
        return next((m for m in map(_model_in, get_args(annotation)) if m), None)
    return None
