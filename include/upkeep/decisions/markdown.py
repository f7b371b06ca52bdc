"""Foreign text in Markdown: names of roles, tables and people may hold anything."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&:-])")


def code(text: str) -> str:
    """As code on one line, which no character ends; "unnamed" for nothing."""
    line = " ".join(text.split()).replace("`", "'").replace("|", "¦")
    return f"`{line}`" if line else "unnamed"


def plain(text: str) -> str:
    """As plain words on one line: no link, no emphasis, no end of a cell."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
