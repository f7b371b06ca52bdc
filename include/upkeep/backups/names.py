"""Names as people write them in SQL, the same whatever the server's version takes for a keyword."""

import re
from functools import lru_cache

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


def shown(*parts: str) -> str:
    """A qualified name, each part quoted only where lower case letters, digits and underscores do not do."""
    return ".".join(part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"' for part in parts)


def parts_of(qualified: str) -> list[str]:
    """The parts of a qualified name as SQL writes it."""
    found = re.findall(r'"((?:[^"]|"")*)"|([^."]+)', qualified)
    return [quoted.replace('""', '"') or plain for quoted, plain in found]


@lru_cache(maxsize=1 << 12)
def quoted(*parts: str) -> str:
    """A qualified name as any server of any version reads it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A string constant, whatever standard_conforming_strings says."""
    if "\\" not in text:
        return "'" + text.replace("'", "''") + "'"
    from psycopg.sql import Literal

    return Literal(text).as_string()
