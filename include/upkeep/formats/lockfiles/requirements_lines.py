"""The lines of a requirements file as pip takes them apart: continued ones joined, comments cut, options apart."""

import re
import shlex
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_QUOTES = re.compile(r"[\"'\\#]")
_OPTION = re.compile(r"(?:^|\s)(?=-)")
_VALUED = frozenset(
    [
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-e",
        "--editable",
        "-i",
        "--index-url",
        "--extra-index-url",
        "-f",
        "--find-links",
        "--no-binary",
        "--only-binary",
        "--trusted-host",
        "--use-feature",
        "--pypi-url",
        "--hash",
        "--config-settings",
        "-C",
        "--global-option",
        "--install-option",
    ]
)
_PLAIN = frozenset(
    ["--no-index", "--pre", "--prefer-binary", "--require-hashes", "--always-unzip", "-Z", "--process-dependency-links"]
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line that says something: its number, the requirement before any option, the options with their values."""

    number: int
    text: str
    options: tuple[tuple[str, str], ...]
    unknown: str = ""


def logical_lines(text: str) -> Iterator[Line]:
    """Every line that says something."""
    for number, line in _joined(text):
        if plain := _COMMENT.sub("", line).strip():
            yield _taken_apart(number, plain)


def _joined(text: str) -> Iterator[tuple[int, str]]:
    parts: list[str] = []
    first = 0
    for number, line in enumerate(text.split("\n"), 1):
        comment = bool(re.match(r"\s*#", line))
        if not parts:
            first = number
        if line.endswith("\\") and not comment:
            parts.append(line.strip("\\"))
            continue
        yield first, "".join([*parts, f" {line}" if comment else line])
        parts = []
    if parts:
        yield first, "".join(parts)


def _words(text: str) -> list[str]:
    """As a shell splits it; the slow way only where something is quoted."""
    return shlex.split(text) if _QUOTES.search(text) else text.split()


def _taken_apart(number: int, plain: str) -> Line:
    place = _OPTION.search(plain)
    text = plain[: place.start()].strip() if place else plain
    try:
        waiting = deque(_words(plain[place.start() :]) if place else [])
    except ValueError:
        return Line(number, text, (), unknown=plain)
    options: list[tuple[str, str]] = []
    while waiting:
        word = waiting.popleft()
        name, equals, value = word.partition("=")
        if re.match(r"-[recif]\S", word) and not word.startswith("--"):
            name, equals, value = word[:2], "=", word[2:].removeprefix("=")
        if name in _PLAIN and not equals:
            options.append((name, ""))
        elif name in _VALUED and (equals or waiting):
            options.append((name, value if equals else waiting.popleft()))
        else:
            return Line(number, text, tuple(options), unknown=word)
    return Line(number, text, tuple(options))
