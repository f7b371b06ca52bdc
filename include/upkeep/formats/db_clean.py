"""What `airflow db clean` prints: rows that it found by table, the column that dates them, and what it could not clean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_FOUND = re.compile(r"^Checking table (\S+)\s*\nFound (\d+) rows meeting deletion criteria", re.MULTILINE)
_FAILED = re.compile(r"attempting to clean table '([^']+)'")
_CONFIGURED = re.compile(r"^(\S+)\s*\|\s*(\S+)\.(\S+)\s*\|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """`rows` are those that go, by table in the command's order; `dated_by` is the column that dates the rows of a table."""

    rows: Mapping[str, int]
    dated_by: Mapping[str, str]
    failed: tuple[str, ...]


def parse(text: str) -> Cleaning:
    """What a run of the command, dry or not, said."""
    dated = {table: column for table, of, column in _CONFIGURED.findall(text) if table == of}
    rows = {table: int(found) for table, found in _FOUND.findall(text)}
    return Cleaning(rows, dated, tuple(dict.fromkeys(_FAILED.findall(text))))
