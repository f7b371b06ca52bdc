"""TOML, JSON and YAML as plain values: what is wrong is said by line, and nothing in them can make the reading dear."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.lockfiles.yaml_tree import yaml_values

_DOTS = 60
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){60}""")
_KEY = re.compile(r'^[ \t]*"((?:[^"\\\n]|\\.)*)"[ \t]*:[ \t]*[\[{]', re.MULTILINE)
_COMMENT_OR_COMMA = re.compile(r'("(?:[^"\\\n]|\\.)*+"?)|//[^\n]*+|/\*.*?(?:\*/|\Z)|,(?=\s*+[\]}])', re.DOTALL)


def toml_document(text: str) -> dict[str, Any]:
    """A TOML file. Raises UnreadableError when it is none."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") >= _DOTS and _LONG_KEY.search(line):
            raise UnreadableError(f"line {number}: a key of more than {_DOTS} parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableError(f"is no TOML: {_plain(error)}") from None
    except ValueError as error:
        raise UnreadableError(f"a number that nobody can mean ({_plain(error)})") from None


def json_document(text: str) -> dict[str, Any]:
    """A JSON file that holds an object. Raises UnreadableError when it is none, and for a key that stands twice."""
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"line {error.lineno}: is no JSON ({error.msg})") from None
    except UnreadableError:
        raise
    except ValueError as error:
        raise UnreadableError(f"a number that nobody can mean ({_plain(error)})") from None
    return _object(found)


def jsonc_document(text: str) -> dict[str, Any]:
    """The same with comments and with commas before a closing bracket."""
    return json_document(_COMMENT_OR_COMMA.sub(lambda found: found[1] or "\n" * found[0].count("\n"), text))


def yaml_documents(text: str) -> list[dict[str, Any]]:
    """
    The documents of a YAML file, each a mapping; every plain value is text as it stands there.

    Raises UnreadableError when it is none, and for what `yaml_tree` refuses.
    """
    import yaml

    try:
        return [_object(document) for document in yaml_values(text) if document]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise UnreadableError(f"{where}is no YAML ({_plain(getattr(error, 'problem', None) or error)})") from None


def key_lines(text: str) -> dict[str, int]:
    """The line on which each key of a JSON file first opens an object or a list; keys with escapes are left out."""
    lines: dict[str, int] = {}
    line, place = 1, 0
    for found in _KEY.finditer(text):
        line += text.count("\n", place, found.start(1))
        place = found.start(1)
        lines.setdefault(found[1], line)
    return lines


def table_lines(text: str, table: str) -> Iterator[int]:
    """The line of each `[[table]]` of a TOML file, in order."""
    header = re.compile(rf"\[\[\s*{re.escape(table)}\s*\]\]")
    return (number for number, line in enumerate(text.split("\n"), 1) if header.match(line))


def mapping(value: Any) -> Mapping[str, Any]:
    """The value when it is a mapping, else an empty one: for parts of a file that may be missing."""
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> str | None:
    """The value when it is text that is not empty, else None."""
    return value if isinstance(value, str) and value else None


def _object(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise UnreadableError(f"holds {'a list' if isinstance(found, list) else 'a plain value'} where a mapping should be")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise UnreadableError(f'the key "{shown(twice)}" stands twice in one object')
    return made


def _plain(error: object) -> str:
    return shown(" ".join(str(error).split()))
