"""JSON that other programs left in a folder or bucket, with the day of each file, and what could not be read, by name."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from upkeep.errors import CannotAskError
from upkeep.humanize import plural, size
from upkeep.sources.access_log_files import Interval, LogFile, listed
from upkeep.sources.objects import ObjectStore

MOST_FILES = 300
MOST_OLDER = 50
LARGEST = 50 * 10**6


@dataclass(frozen=True, slots=True)
class LeftReport:
    """One file's document. `modified` is None where the store does not say."""

    name: str
    modified: datetime | None
    document: Any


@dataclass(frozen=True, slots=True)
class LeftReports:
    """Documents, the last written last, and why others that were written in the window could not be read, each with its name."""

    each: tuple[LeftReport, ...]
    unread: tuple[str, ...]


def left_reports(store: ObjectStore, pattern: str, window: Interval) -> LeftReports:
    """
    The first `MOST_FILES` since the window began, and the last `MOST_OLDER` before it, which tell since when nothing came.

    Raises CannotAskError when no file has such a name.
    """
    found = listed(store, pattern)
    if not found:
        raise CannotAskError(f"there is no file {pattern} at {store.url}", "have CI leave its reports there, and see the pattern")
    since = [file for file in found if file.modified is None or file.modified >= window.start]
    older = [file for file in reversed(found) if file.modified is not None and file.modified < window.start]
    read: list[LeftReport] = []
    unread = _too_many(since)
    for file in since[:MOST_FILES] + older[:MOST_OLDER]:
        told = _document(store, file)
        if not isinstance(told, _Unreadable):
            read.append(LeftReport(file.name, file.modified, told))
        elif counts(file.modified, window):
            unread.append(f"{file.name} {told.why}")
    return LeftReports(tuple(sorted(read, key=_written)), tuple(unread))


def counts(modified: datetime | None, window: Interval) -> bool:
    """Whether a file that cannot be read may be of the window."""
    return modified is None or window.start <= modified < window.end


@dataclass(frozen=True, slots=True)
class _Unreadable:
    why: str


def _written(file: LeftReport) -> datetime:
    return file.modified or datetime.max.replace(tzinfo=UTC)


def _too_many(since: Sequence[LogFile]) -> list[str]:
    more = len(since) - MOST_FILES
    return [f"{plural(more, 'file')} more than the {MOST_FILES} that are read"] if more > 0 else []


def _document(store: ObjectStore, file: LogFile) -> Any:
    if file.size > LARGEST:
        return _Unreadable(f"is larger than {size(LARGEST)}")
    try:
        text = store.get(file.name).decode("utf-8-sig")
    except UnicodeDecodeError:
        return _Unreadable("is no text in UTF-8")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        return _Unreadable(_why(error, text))
    except (RecursionError, ValueError):
        return _Unreadable("is nested too deep, or has a number that nobody can mean")


def _why(error: json.JSONDecodeError, text: str) -> str:
    if not text.strip():
        return "is empty"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        return f"was cut off in line {error.lineno}"
    return f"is no JSON: {error.msg} in line {error.lineno}"
