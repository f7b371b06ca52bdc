"""Dockerfiles and Containerfiles, as far as they say on which images they build."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from upkeep.formats.dockerfile_lines import Instruction, instructions

_NAMES = ("Dockerfile", "Containerfile", "Dockerfile.*", "Containerfile.*", "*.Dockerfile", "*.dockerfile", "*.Containerfile")
_NOT = ("*.dockerignore", "*.containerignore")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}$]*))?\})")
_ROUNDS = 5  # of variables within defaults of variables
Values = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class BaseImage:
    """
    An image that a file builds on or copies from, by the line where that stands.

    `written` is what stands there; `name` is None where that is only known when the image is built.
    """

    line: int
    written: str
    name: str | None


def is_dockerfile(path: str) -> bool:
    """Whether the file at a path is one by its name."""
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in _NAMES) and not any(fnmatchcase(name, end) for end in _NOT)


def base_images(text: str) -> list[BaseImage]:
    """
    The images of FROM, COPY --from and RUN --mount=from, without `scratch` and the file's own stages.

    Raises ValueError, by line, for a file that cannot be read whole.
    """
    values: Values = {}
    stages: list[str] = []
    found: list[BaseImage] = []
    for each in instructions(text):
        if each.word == "ARG" and not stages:
            _take(each, values)
        elif each.word == "FROM":
            found += _from(each, values, stages)
            stages.append(_stage(each.words))
        elif each.word in {"COPY", "RUN"}:
            own = {*stages, *map(str, range(len(stages)))}
            found += (
                BaseImage(each.line, text, None if "$" in text else text) for text in _copied(each) if text.lower() not in own
            )
    return found


def _take(argument: Instruction, values: Values) -> None:
    for part in argument.words:
        name, given, value = part.partition("=")
        values[name] = _expanded(_bare(value), values) if given else None


def _from(each: Instruction, values: Mapping[str, str | None], stages: list[str]) -> Iterator[BaseImage]:
    words = [word for word in each.words if not word.startswith("--")]
    if not words:
        raise ValueError(f"line {each.line}: FROM names no image")
    written = _bare(words[0])
    name = _expanded(written, values)
    if name is None or name.lower() not in {"scratch", *filter(None, stages)}:
        yield BaseImage(each.line, written, name or None)


def _stage(words: list[str]) -> str:
    """The name of a stage, in small letters; empty without one."""
    return words[-1].lower() if len(words) > 2 and words[-2].upper() == "AS" else ""  # noqa: PLR2004 - image, as, name


def _copied(each: Instruction) -> Iterator[str]:
    """What the options at the beginning of COPY and RUN name as their source."""
    for word in each.words:
        if not word.startswith("--"):
            return
        option, _, value = word.partition("=")
        if each.word == "COPY" and option == "--from":
            yield _bare(value)
        elif each.word == "RUN" and option == "--mount":
            yield from (part.removeprefix("from=") for part in _bare(value).split(",") if part.startswith("from="))


def _expanded(text: str, values: Mapping[str, str | None]) -> str | None:
    """A text with its variables replaced; None where one of them has no value yet."""
    for _ in range(_ROUNDS):
        text = _VARIABLE.sub(lambda found: _value(found, values), text)
    return None if "$" in text else text


def _value(found: re.Match[str], values: Mapping[str, str | None]) -> str:
    name, how, other = found[1] or found[2], found[3] or "", found[4] or ""
    value = values.get(name)
    is_set = bool(value) if how.startswith(":") else value is not None
    if how.endswith("+"):
        return other if is_set else ""
    if how.endswith("-"):
        return value or "" if is_set else other
    return found[0] if value is None else value


def _bare(text: str) -> str:
    return text.replace('"', "").replace("'", "")
