"""Backups that pgBackRest took, as `pgbackrest info --output=json` lists them (2.32 and newer)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from upkeep.errors import BrokenError
from upkeep.formats.backup_listing import COMPLETE, DAMAGED, Fault, Listing, Taken, documents, from_epoch, unreadable

TOOL = "pgBackRest"
_OK, _NO_STANZA, _NO_BACKUP, _NO_DATA = 0, 1, 2, 3
_NOTHING_THERE = {_NO_STANZA, _NO_BACKUP, _NO_DATA}
_SEGMENT = slice(8, 24)

Json = Mapping[str, Any]


def parse(stanza: str, text: str, read_at: datetime | None = None) -> Listing:
    """Every backup of a stanza. Raises BrokenError when the text is no report or says an error."""
    try:
        return _parsed(stanza, documents(TOOL, text)[0], read_at)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unreadable(TOOL, repr(error)) from error


def _parsed(stanza: str, document: Any, read_at: datetime | None) -> Listing:
    found: Json | None = next((each for each in document if each["name"] == stanza), None)
    if found is None:
        known = ", ".join(f'"{each["name"]}"' for each in document) or "none"
        return _nothing(f'its report has no stanza "{stanza}" (it has {known})', read_at)
    status = found["status"]
    backups = tuple(_taken(found, each) for each in found["backup"])
    if status["code"] in _NOTHING_THERE and not backups:
        return _nothing(f'stanza "{stanza}": {status["message"]}', read_at)
    if not backups and status["code"] != _OK:
        raise BrokenError(
            f'pgBackRest cannot read stanza "{stanza}": {_describe_status(found)}', "run pgbackrest info by hand", retry=True
        )
    maxima = {f"{each['id']} repo{each['database']['repo-key']}": each["max"] for each in found["archive"]}
    running = bool(status.get("lock", {}).get("backup", {}).get("held"))
    details = {"wal_archived_to": maxima, "backup_running": running}
    return Listing(tool=TOOL, backups=backups, faults=tuple(_faults(found)), read_at=read_at, details=details)


def _nothing(why: str, read_at: datetime | None) -> Listing:
    remedy = "see that `name` in the inventory is the stanza; pgbackrest --stanza=… stanza-create, then backup"
    return Listing(tool=TOOL, backups=(), missing=why, remedy=remedy, read_at=read_at)


def _taken(stanza: Json, backup: Json) -> Taken:
    start, stop = (backup["timestamp"][name] for name in ("start", "stop"))
    wrong = _wrong(stanza, backup)
    info, database = backup["info"], backup["database"]
    cluster: Json = next((each for each in stanza["db"] if _same(each, database)), {})
    system, version = cluster.get("system-id"), str(cluster.get("version", "")).split(".")[0]
    return Taken(
        id=str(backup["label"]),
        at=from_epoch(stop),
        state=DAMAGED if wrong else COMPLETE,
        kind=str(backup["type"]),
        raw_bytes=int(info["size"]),
        stored_bytes=info["repository"].get("size", info["repository"]["delta"]),
        seconds=float(stop - start),
        system_identifier=None if system is None else str(system),
        server_version=int(version) if version.isdigit() else None,
        says=wrong,
    )


def _wrong(stanza: Json, backup: Json) -> str:
    if backup.get("error"):
        files = ", ".join(map(str, backup.get("error-list") or ()))
        return "pages of the database failed their checksums while it was taken" + (f": {files}" if files else "")
    last = (backup.get("archive") or {}).get("stop")
    archived = [each["max"] for each in stanza["archive"] if _same(each["database"], backup["database"])]
    # A backup cannot be brought to a consistent state without the WAL written while it was taken.
    if last and not any(most and most[_SEGMENT] >= last[_SEGMENT] for most in archived):
        reaches = max(filter(None, archived), default="nothing")
        return f"the WAL that it needs up to {last} is not in the archive, which reaches {reaches}"
    return ""


def _same(database: Json, other: Json) -> bool:
    return bool(database["id"] == other["id"]) and bool(database.get("repo-key", 1) == other.get("repo-key", 1))


def _faults(stanza: Json) -> Iterator[Fault]:
    for repository in stanza.get("repo", ()):
        if repository["status"]["code"] != _OK:
            yield Fault(
                rule="repository_fault",
                object=f"repo{repository['key']}",
                title=f"pgBackRest says of repository {repository['key']}: {repository['status']['message']}",
                remedy=f"pgbackrest info --stanza={stanza['name']} --repo={repository['key']}; then pgbackrest check",
            )


def _describe_status(stanza: Json) -> str:
    messages = [each["status"]["message"] for each in stanza.get("repo", ())] or [stanza["status"]["message"]]
    return "; ".join(" ".join(str(each).split()) for each in messages)[:300]
