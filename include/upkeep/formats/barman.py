"""Backups that Barman took, as `barman -f json list-backups` and `show-backup` print them (Barman 3)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.formats.backup_listing import COMPLETE, INCOMPLETE, RUNNING, Listing, Taken, from_epoch, unreadable

TOOL = "Barman"
_STATES = {"DONE": COMPLETE, "STARTED": RUNNING, "SYNCING": RUNNING, "EMPTY": RUNNING}
_MEANINGS = {
    "WAITING_FOR_WALS": "its base is copied, but WAL that it needs has not arrived",
    "FAILED": "Barman says that it failed",
    "STARTED": "it was begun and has not ended",
    "SYNCING": "it is still being copied from the primary Barman",
    "EMPTY": "nothing of it was copied",
}

Json = Mapping[str, Any]


def parse(server: str, found: list[Any], read_at: datetime | None = None) -> Listing:
    """
    Every backup of a server, from what list-backups printed and, where wanted, what show-backup printed of some of them.

    Only the latter knows when a backup began. Raises BrokenError when these documents are no report.
    """
    with _as_report():
        return _parsed(server, found, read_at)


def newest_done(server: str, listed: Json, before: datetime, most: int) -> list[str]:
    """Ids of the newest backups that ended by `before`, oldest first. Raises BrokenError when this is no list."""
    with _as_report():
        done = [each["backup_id"] for each in listed[server] if "end_time_timestamp" in each and _end(each) <= before]
    return sorted(done)[-most:]


@contextmanager
def _as_report() -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unreadable(TOOL, repr(error)) from error


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
    reaches = max(
        (s["wal_information"].get("last_available") or "" for s in shows.values() if "wal_information" in s), default=""
    )
    return Listing(
        tool=TOOL, backups=backups, read_at=read_at, missing=missing, remedy=f"barman backup {server}; barman check {server}",
        details={"wal_archived_to": {server: reaches}} if reaches else {},
    )  # fmt: skip


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
        server_version=int(shown["postgresql_version"]) // 10000 if shown.get("postgresql_version") else None,
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
