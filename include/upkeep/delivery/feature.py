"""A feature's record: a Markdown file that begins with YAML between two lines of dashes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from upkeep.delivery.gates import GATES, STAGES
from upkeep.suggestions import nearest

LARGEST = 256 * 1024
_FIELDS = frozenset({"feature", "stage", "owner", *GATES})
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_PATH = re.compile(
    r"[\w.@+-]+(?:/[\w.@+-]+)+(?:#\S*)?|[\w@+-]+\.(?:md|py|sql|ya?ml|json|ts|js|go|java|rb|proto|feature)(?:#\S*)?"
)
_NO_PATH = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|mailto:)")
_FENCE = re.compile(r"^\s*(?:```|~~~)")


class UnreadableFeatureError(Exception):
    """The record cannot be read: at which line, and what was expected."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True, slots=True)
class Reference:
    """A path that a record names, with the line where."""

    line: int
    path: str


@dataclass(frozen=True, slots=True)
class Feature:
    """One record. `passed` are the gates that it fills, `unsaid` those that it calls none without saying why."""

    name: str
    stage: str
    owner: str | None
    passed: frozenset[str]
    unsaid: frozenset[str]
    references: tuple[Reference, ...]


def read_feature(text: str) -> Feature:
    """Raises UnreadableFeatureError."""
    lines = text.removeprefix("\ufeff").splitlines()
    end = _end_of_front_matter(lines)
    fields, places = _front_matter("\n".join(lines[1:end]))
    stage = fields.get("stage")
    if stage not in STAGES:
        word = stage[:40] if isinstance(stage, str) else "no word"
        raise UnreadableFeatureError(places.get("stage", 1), f'stage is "{word}"{nearest(word, STAGES)}')
    name = fields.get("feature")
    if not isinstance(name, str) or not name.strip():
        raise UnreadableFeatureError(places.get("feature", 1), "feature has no name: write feature: what it is called")
    body = list(_prose(lines, end + 1))
    told = {gate: fields.get(gate) for gate in GATES}
    passed = frozenset(gate for gate, value in told.items() if _filled(value)) | frozenset(_headings(body))
    unsaid = frozenset(gate for gate, value in told.items() if _bare_none(value)) - passed
    owner = fields.get("owner")
    references = (*_named(fields, places), *_linked(body))
    return Feature(name.strip(), str(stage), owner if isinstance(owner, str) else None, passed, unsaid, references)


def _end_of_front_matter(lines: list[str]) -> int:
    if not lines or lines[0].rstrip() != "---":
        raise UnreadableFeatureError(1, "does not begin with --- and fields such as stage: build")
    end = next((place for place, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise UnreadableFeatureError(1, "its fields have no end: write --- below them")
    return end


def _front_matter(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The fields, and the line of each in the file."""
    try:
        node, fields = yaml.compose(text, yaml.SafeLoader), yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "is no YAML"
        raise UnreadableFeatureError((mark.line if mark else 0) + 2, str(problem)) from error
    except (ValueError, RecursionError) as error:  # such as a day that no month has
        raise UnreadableFeatureError(2, f"is no YAML: {error}") from error
    if not isinstance(node, yaml.MappingNode) or not isinstance(fields, dict):
        raise UnreadableFeatureError(2, "its fields are no names with values")
    places: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 2
        if key.value not in _FIELDS:
            raise UnreadableFeatureError(line, f'has no field "{key.value}"{nearest(key.value, _FIELDS)}')
        if key.value in places:
            raise UnreadableFeatureError(line, f"has {key.value} twice")
        places[key.value] = line
    return fields, places


def _filled(value: Any) -> bool:
    """Whether a gate is passed: something is said, or that there is none and why."""
    if isinstance(value, str):
        return bool(value.strip()) and not _bare_none(value)
    if isinstance(value, list):
        return any(_filled(each) for each in value if not isinstance(each, list | dict))
    return value is not None and not isinstance(value, bool | Mapping)


def _bare_none(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower().rstrip(":").strip() == "none"


def _prose(lines: list[str], start: int) -> Iterator[tuple[int, str]]:
    """Lines of the body with their numbers in the file, without blocks of code."""
    code = False
    for number, line in enumerate(lines[start:], start + 1):
        if _FENCE.match(line):
            code = not code
        elif not code:
            yield number, line


def _headings(body: list[tuple[int, str]]) -> Iterator[str]:
    """Gates that have a heading with something below it."""
    current: str | None = None
    for _, line in body:
        if found := _HEADING.match(line):
            name = found[1].strip().lower()
            current = name if name in GATES else None
        elif current and line.strip() and not _bare_none(line):
            yield current


def _named(fields: Mapping[str, Any], places: Mapping[str, int]) -> Iterator[Reference]:
    for gate in GATES:
        value = fields.get(gate)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and _PATH.fullmatch(each.strip()):
                yield Reference(places[gate], each.strip().partition("#")[0])


def _linked(body: list[tuple[int, str]]) -> Iterator[Reference]:
    for number, line in body:
        for target in _LINK.findall(line):
            path = target.partition("#")[0]
            if path and not _NO_PATH.match(target):
                yield Reference(number, path)
