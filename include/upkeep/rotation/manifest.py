"""A Secret manifest of Kubernetes as text: its fields, and other values in their place, with nothing else changed."""

import base64
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.errors import CannotAskError

if TYPE_CHECKING:
    from yaml import ScalarNode

_ANCHORS = "write it without anchors (& and *)"


def read_fields(path: Path, text: str) -> dict[str, str]:
    """What applications see: `stringData` goes before `data`. `path` is for messages."""
    _assert_secret(path, text)
    return {name: _decoded(path, at.value) if part == "data" else at.value for part, name, at in _entries(path, text)}


def with_fields(path: Path, text: str, fields: Mapping[str, Any]) -> str:
    """The manifest with these values: comments and all else stay, letter by letter. Raises CannotAskError where they cannot."""
    there = read_fields(path, text)
    if there.keys() != fields.keys():
        message = f"{path} has the fields {', '.join(sorted(there))}, and the next value {', '.join(sorted(fields))}"
        raise CannotAskError(message, "let both have the same fields")
    made = text
    for part, name, at in sorted(_entries(path, text), key=lambda entry: -entry[2].start_mark.index):
        old = text[at.start_mark.index : at.end_mark.index]
        space = old[len(old.rstrip()) :]  # a block of lines ends with the last one's end
        new = _quoted(str(fields[name]), encoded=part == "data") + space
        made = made[: at.start_mark.index] + new + made[at.end_mark.index :]
    _assert_taken(path, made, fields)
    return made


def _assert_taken(path: Path, text: str, fields: Mapping[str, Any]) -> None:
    """Read back what is about to be written: an anchor that is used elsewhere would change more, or be lost."""
    try:
        taken = read_fields(path, text) == {name: str(value) for name, value in fields.items()}
    except CannotAskError:
        taken = False
    if not taken:
        raise CannotAskError(f"{path} has values that cannot be replaced alone", _ANCHORS)


def _entries(path: Path, text: str) -> Iterator[tuple[str, str, "ScalarNode"]]:
    """The fields of `data`, then those of `stringData`, each with where its value stands in the text."""
    import yaml

    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    parts = {key.value: value for key, value in root.value}
    for part in ("data", "stringData"):
        for key, value in parts[part].value if isinstance(parts.get(part), yaml.MappingNode) else ():
            if not isinstance(value, yaml.ScalarNode):
                raise CannotAskError(f"{path} has a value in {part} that is no text", _ANCHORS)
            yield part, key.value, value


def _quoted(text: str, *, encoded: bool) -> str:
    """As YAML, on one line."""
    import yaml

    said = base64.b64encode(text.encode()).decode() if encoded else text
    return str(yaml.safe_dump(said, default_style='"', width=math.inf)).rstrip("\n")


def _decoded(path: Path, text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        raise CannotAskError(f"{path} has data that is no text in base64", "keep the secret's fields as text") from None


def _assert_secret(path: Path, text: str) -> None:
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict) or found.get("kind") != "Secret":
        raise CannotAskError(
            f"{path} is no Secret manifest: one document of kind Secret is expected", "correct the file, or its format"
        )
    if found.get("immutable"):
        raise CannotAskError(
            f"{path} is immutable: a cluster takes no other value of it", "take immutable out, and apply it once"
        )
    for part in ("data", "stringData"):
        fields = found.get(part) or {}
        if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
            raise CannotAskError(f"{path} has {part} that is no map of texts", "put its values between quotation marks")
