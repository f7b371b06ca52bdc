"""Faults of a restored copy of the hostile database, as the files of SQL here have them."""

import re
from pathlib import Path

_FAULT = re.compile(r"^-- ([^|\n]+) \| (.+)\n((?:(?!-- ).*\n)+)", re.MULTILINE)
WITH_TWINS = " (with twins)"


def copies() -> list[tuple[str, str, str]]:
    """Faults on the same major version: name, statements, and what the comparison must say (a regular expression)."""
    return faults("copies")


def versions() -> list[tuple[str, str, str]]:
    """Faults of definitions on another major version."""
    return faults("versions")


def roles() -> list[tuple[str, str, str]]:
    """Faults of the server's roles, as far as the database needs them."""
    return faults("roles")


def faults(name: str) -> list[tuple[str, str, str]]:
    """Every fault of one file."""
    text = Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
    return [(match[1], match[3], match[2]) for match in _FAULT.finditer(text)]
