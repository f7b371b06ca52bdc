"""What a report in JSON tells of an environment, such as that of `docker inspect` or of a pod: each value with its name."""

import json
from collections.abc import Iterator
from typing import Any

_DEEPEST = 100


def settings(text: str) -> Iterator[tuple[str, str]]:
    """
    Places and `NAME=value`: of each text by its key, of each pair of `name` and `value`, also in JSON inside of JSON.

    Raises ValueError where it is no JSON.
    """
    try:
        yield from _walk(json.loads(text), "", "", 0)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _walk(value: Any, place: str, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        raise ValueError("it is nested too deep")
    if isinstance(value, dict):
        named = value.get("name") if isinstance(value.get("name"), str) else None
        for key, each in value.items():
            yield from _walk(each, f"{place}.{key}".lstrip("."), named if named and key == "value" else key, depth + 1)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _walk(each, f"{place}[{number}]", name, depth + 1)
    elif isinstance(value, str):
        yield from _text(value, place, name, depth)


def _text(value: str, place: str, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if value.lstrip()[:1] in {"{", "["}:
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            pass
        else:
            yield from _walk(inner, place, name, depth + 1)
            return
    yield place, f"{name}={value}" if name else value
