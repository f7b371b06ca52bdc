"""One shape for backups whoever took them, and reading what pgBackRest and Barman print as JSON."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from upkeep.errors import BrokenError, CannotAskError

TIMEOUT_S = 120
COMPLETE, RUNNING, INCOMPLETE, DAMAGED, DELETED = "complete", "running", "incomplete", "damaged", "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    One backup. `at` is the moment whose data it holds (aware UTC); sizes in bytes, `seconds` how long it took.

    `state` is "complete", "running", "incomplete" (failed or half made), "damaged" or "deleted" (complete while it was there);
    `says` is what its tool says is wrong. `table_rows` are rows by quoted table name, where they are known. Durations are only
    comparable between backups of one `kind`.
    """

    id: str
    at: datetime
    state: str = COMPLETE
    kind: str = "full"
    raw_bytes: int | None = None
    stored_bytes: int | None = None
    seconds: float | None = None
    system_identifier: str | None = None
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


def printed(tool: str, words: Sequence[str]) -> tuple[str, str, int]:
    """
    Standard output, standard error and exit code of one of these programs.

    Raises CannotAskError when it is not installed here, BrokenError when it does not end.
    """
    program = shutil.which(words[0])
    if program is None:
        raise CannotAskError(
            f"{tool} is not installed where this task runs, so that its backups cannot be listed",
            f"install {words[0]} here, or have its host print the JSON into a file and name that file as backup.report",
        )
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; its words come from the validated inventory
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokenError(f"{' '.join(words)} did not end within {TIMEOUT_S} s", retry=True) from error
    except OSError as error:
        raise BrokenError(f"{' '.join(words)} could not be started: {error}", retry=False) from error
    return done.stdout, done.stderr, done.returncode


def reported(tool: str, path: str) -> tuple[str, datetime]:
    """The text of a report file and when it was written. Raises BrokenError when it cannot be read."""
    file = Path(path)
    try:
        return file.read_text(encoding="utf-8", errors="replace"), from_epoch(file.stat().st_mtime)
    except OSError as error:
        raise BrokenError(
            f"the report of {tool} at {path} cannot be read: {error.strerror or error}",
            "see that its host writes it there and that this machine may read it",
            retry=not isinstance(error, PermissionError),
        ) from error


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
