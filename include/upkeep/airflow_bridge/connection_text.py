"""What is wrong with the text of a connection, as a URI or as JSON. It names fields and places, never what stands there."""

import json
from typing import Any
from urllib.parse import SplitResult, urlsplit

from upkeep.suggestions import nearest

_FIELDS = frozenset(
    {"conn_id", "conn_type", "type", "description", "host", "login", "password", "schema", "port", "extra", "uri"}
)
_ESCAPE = "percent-encode / ? # @ : and % in its user and password"
_LONGEST_NAME = 30


def what_is_wrong(text: str) -> str | None:
    """What keeps this text from being a connection; None when nothing is seen."""
    text = text.strip()
    if not text:
        return "it is empty"
    return _wrong_json(text) if text.startswith("{") else _wrong_uri(text)


def wrong_extra(extra: str | None) -> str | None:
    """What keeps the extras of a connection from being read; None when nothing does."""
    if not extra:
        return None
    try:
        read = json.loads(extra)
    except json.JSONDecodeError as error:
        return f"its extra is no JSON: {_place(error)}"
    return None if isinstance(read, dict) else "its extra is no JSON object"


def _wrong_json(text: str) -> str | None:
    try:
        read: dict[str, Any] = json.loads(text)
    except json.JSONDecodeError as error:
        return f"it is no JSON: {_place(error)}"
    unknown = next((name for name in read if name not in _FIELDS), None)
    if unknown is not None:
        return f"it has {_named(unknown)}, which is none{nearest(unknown, _FIELDS)}"
    if not (read.get("conn_type") or read.get("type")):
        return 'it has no "conn_type", such as "postgres"'
    if read.get("port") and not str(read["port"]).isdigit():
        return "its port is no number"
    extra = read.get("extra")
    return wrong_extra(extra) if isinstance(extra, str) else None


def _named(field: str) -> str:
    return f'a field "{field}"' if field.isidentifier() and len(field) <= _LONGEST_NAME else "a field"


def _wrong_uri(text: str) -> str | None:
    if "://" not in text:
        return "it is neither JSON nor a URI: a URI begins with its type, as in postgres://"
    try:
        return _wrong_parts(urlsplit(text))
    except ValueError:
        return f"its host is not well formed: {_ESCAPE}"


def _wrong_parts(parts: SplitResult) -> str | None:
    if not parts.scheme:
        return "it begins with no type, as in postgres://"
    try:
        _ = parts.port
    except ValueError:
        return f"where its port belongs there is no number: {_ESCAPE}"
    return None


def _place(error: json.JSONDecodeError) -> str:
    return f"{error.msg} at line {error.lineno}, column {error.colno}"
