"""Faults of a restored copy of the hostile database, as copies.sql has them."""

import re
from pathlib import Path

_FAULT = re.compile(r"^-- ([^|\n]+) \| (.+)\n((?:(?!-- ).*\n)+)", re.MULTILINE)


def copies() -> list[tuple[str, str, str]]:
    """Name, statements, and what the comparison must say (a regular expression)."""
    text = Path(__file__).with_name("copies.sql").read_text(encoding="utf-8")
    return [(match[1], match[3], match[2]) for match in _FAULT.finditer(text)]
