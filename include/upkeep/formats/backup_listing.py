"""One shape for backups whoever took them, and the JSON that pgBackRest and Barman print."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from upkeep.errors import BrokenError

COMPLETE, RUNNING, INCOMPLETE, DAMAGED, DELETED = "complete", "running", "incomplete", "damaged", "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    One backup. `at` is the moment whose data it holds (aware UTC); sizes in bytes, `seconds` how long it took.

    `state` is "complete", "running", "incomplete" (failed or half made), "damaged" or "deleted" (complete while it was there);
    `says` is what its tool says is wrong. `table_rows` are rows by quoted table name, where they are known. Durations are only
    comparable between backups of one `kind`. `server_version` is PostgreSQL's major, where it is known.
    """

    id: str
    at: datetime
    state: str = COMPLETE
    kind: str = "full"
    raw_bytes: int | None = None
    stored_bytes: int | None = None
    seconds: float | None = None
    system_identifier: str | None = None
    server_version: int | None = None
    table_rows: Mapping[str, int] = field(default_factory=dict)
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with the way backups are taken, beside any single one. `object` names it for ever."""

    rule: str
    object: str
    title: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """
    What one tool knows about one database's backups, in any order.

    `point_in_time` is the earliest and the latest moment that can be restored without a named backup. `read_at` is when a report
    was written that somebody else put into a file. `missing` says why there is none.
    """

    tool: str
    backups: tuple[Taken, ...]
    faults: tuple[Fault, ...] = ()
    point_in_time: tuple[datetime, datetime] | None = None
    read_at: datetime | None = None
    missing: str = ""
    remedy: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def from_epoch(seconds: float | str) -> datetime:
    """Seconds since 1970 as aware UTC."""
    return datetime.fromtimestamp(float(seconds), UTC)


def documents(tool: str, text: str) -> list[Any]:
    """Every JSON document of a text, one behind the other. Raises BrokenError when it is empty or cut off."""
    decoder, found, at = json.JSONDecoder(), [], 0
    text = text.strip()
    try:
        while at < len(text):
            document, end = decoder.raw_decode(text, at)
            found.append(document)
            at = end + len(text[end:]) - len(text[end:].lstrip())
    except (ValueError, RecursionError) as error:
        raise unreadable(tool, f"{error}; it begins with {text[:60]!r}") from error
    if not found:
        raise unreadable(tool, "it is empty")
    return found


def unreadable(tool: str, why: object) -> BrokenError:
    """What is raised for a report that is none, such as one that is being written."""
    remedy = "look at it; a report file is best written under another name and then renamed"
    return BrokenError(f"what {tool} printed is no report that Upkeep reads: {why}", remedy, retry=True)
