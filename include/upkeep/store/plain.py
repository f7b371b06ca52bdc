"""Content as PostgreSQL can hold it: nothing in a target's logs or catalogs may keep an answer from being stored."""

import json
import math
from collections.abc import Mapping
from typing import Any


def clean(text: str) -> str:
    """Text without NUL and lone surrogates, which PostgreSQL's text cannot hold."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode()


def to_json(content: Any) -> str:
    """JSON that jsonb takes: clean text, and NaN or infinity as words."""
    return json.dumps(_plain(content), allow_nan=False)


def _plain(content: Any) -> Any:
    match content:
        case None | bool() | int():
            return content
        case str():
            return clean(content)
        case float():
            return content if math.isfinite(content) else str(content)
        case Mapping():
            return {clean(str(name)): _plain(value) for name, value in content.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(value) for value in content]
    return clean(str(content))
