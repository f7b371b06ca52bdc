"""Backups that Barman took, as `barman -f json list-backups` and `show-backup` print them (Barman 3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.foreign_backups import (
    COMPLETE,
    INCOMPLETE,
    RUNNING,
    Listing,
    Taken,
    documents,
    from_epoch,
    printed,
    reported,
    unreadable,
)

TOOL = "Barman"
_SHOWN = 12
_STATES = {"DONE": COMPLETE, "STARTED": RUNNING, "SYNCING": RUNNING, "EMPTY": RUNNING}
_MEANINGS = {
    "WAITING_FOR_WALS": "its base is copied, but WAL that it needs has not arrived",
    "FAILED": "Barman says that it failed",
    "STARTED": "it was begun and has not ended",
    "SYNCING": "it is still being copied from the primary Barman",
    "EMPTY": "nothing of it was copied",
}

Json = Mapping[str, Any]


def listing(server: str, before: datetime, report: str | None = None) -> Listing:
    """
    Every backup of a server, asked here or read from a report file; sizes and times of the newest that ended by `before`.

    A report file holds what list-backups printed and, where wanted, what show-backup printed of some of them behind it: only the
    latter knows when a backup began. Raises CannotAskError when Barman or the server is not there, BrokenError for no report.
    """
    try:
        if report:
            text, read_at = reported(TOOL, report)
            return _parsed(server, documents(TOOL, text), read_at)
        return _asked(server, before)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unreadable(TOOL, repr(error)) from error


def _asked(server: str, before: datetime) -> Listing:
    listed = _run("list-backups", server)
    done = [each["backup_id"] for each in listed[server] if "end_time_timestamp" in each and _end(each) <= before]
    return _parsed(server, [listed, *(_run("show-backup", server, each) for each in sorted(done)[-_SHOWN:])], None)


def _run(*words: str) -> Json:
    text, error, code = printed(TOOL, ["barman", "-f", "json", *words])
    if code and not text.strip():
        said = " ".join(error.split())[:300]
        raise BrokenError(f"barman {words[0]} failed with {code}: {said}", "run it by hand as the same user", retry=True)
    found: Json = documents(TOOL, text)[0]
    wrong = " ".join(map(str, found.get("_ERROR", ())))
    if wrong.startswith("Unknown server"):
        raise CannotAskError(f"Barman: {wrong}", "write the name that `barman list-servers` shows as backup.name")
    if wrong or code:
        raise BrokenError(f"barman {words[0]} failed with {code}: {wrong or error.strip()}", "run it by hand", retry=True)
    return found


def _parsed(server: str, found: list[Any], read_at: datetime | None) -> Listing:
    lists = [document[server] for document in found if isinstance(document.get(server), list)]
    shows = {s["backup_id"]: s for s in (document.get(server) for document in found) if isinstance(s, dict)}
    if not lists and not shows:
        known = ", ".join(sorted({f'"{name}"' for document in found for name in document})) or "none"
        return Listing(
            tool=TOOL,
            backups=(),
            missing=f'its report has no server "{server}" (it has {known})',
            remedy="write the name that `barman list-servers` shows as backup.name",
            read_at=read_at,
        )
    listed = {each["backup_id"]: each for each in (lists[0] if lists else ())}
    ahead = _ahead_of_utc(listed.values())
    backups = tuple(_taken(key, listed.get(key, {}), shows.get(key, {}), ahead) for key in sorted({*listed, *shows}))
    missing = "" if backups else f'Barman lists no backup of server "{server}"'
    return Listing(
        tool=TOOL, backups=backups, read_at=read_at, missing=missing, remedy=f"barman backup {server}; barman check {server}"
    )


def _taken(key: str, listed: Json, shown: Json, ahead: timedelta) -> Taken:
    base = shown.get("base_backup_information", {})
    status = str(shown.get("status") or listed["status"])
    state = _STATES.get(status, INCOMPLETE)
    begun = datetime.fromisoformat(base["begin_time"]) if base else None
    ended = datetime.fromisoformat(base["end_time"]) if base else _end(listed) if "end_time_timestamp" in listed else None
    says = "" if state == COMPLETE else f"{_MEANINGS.get(status, status)}{': ' + shown['error'] if shown.get('error') else ''}"
    return Taken(
        id=key,
        at=(ended or datetime.strptime(key[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) - ahead).astimezone(UTC),
        state=state,
        raw_bytes=base.get("disk_usage_bytes"),
        stored_bytes=base.get("incremental_size_bytes") or listed.get("size_bytes"),
        seconds=(ended - begun).total_seconds() if ended and begun else None,
        says=says,
    )


def _end(listed: Json) -> datetime:
    return from_epoch(listed["end_time_timestamp"])


def _ahead_of_utc(listed: Any) -> timedelta:
    """How far the clock is ahead by which Barman names backups: failed ones have no other time."""
    for each in listed:
        if "end_time_timestamp" in each:
            local = datetime.strptime(each["end_time"], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
            return local - _end(each)
    return timedelta()
