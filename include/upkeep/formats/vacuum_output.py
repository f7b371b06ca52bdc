"""What VACUUM (VERBOSE) says of a table, from version 13 to 18: rows removed, rows that had to stay, WAL written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TUPLES = re.compile(r"tuples: (\d+) removed, \d+ remain, (\d+) are dead but not yet removable")
_WAL = re.compile(r"WAL usage: \d+ records, \d+ full page images, (\d+) bytes")
_OLD_REMOVED = re.compile(r"found (\d+) removable, \d+ nonremovable row versions")
_OLD_KEPT = re.compile(r"(\d+) dead row versions cannot be removed yet")


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """Sums over a table and its TOAST table; None where the server said nothing of it, or in a language that is not read."""

    removed: int | None = None
    kept: int | None = None
    wal_bytes: int | None = None


def read(texts: Iterable[str]) -> Vacuumed:
    """From everything that one statement said."""
    whole = "\n".join(texts)
    return Vacuumed(
        removed=_sum([m[1] for m in _TUPLES.finditer(whole)] or [m[1] for m in _OLD_REMOVED.finditer(whole)]),
        kept=_sum([m[2] for m in _TUPLES.finditer(whole)] or [m[1] for m in _OLD_KEPT.finditer(whole)]),
        wal_bytes=_sum([m[1] for m in _WAL.finditer(whole)]),
    )


def _sum(numbers: list[str]) -> int | None:
    return sum(map(int, numbers)) if numbers else None
