"""Asking Barman 3 for its backups, and having it restore one."""

from datetime import datetime
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.backup_listing import Listing, documents
from upkeep.formats.barman import TOOL, newest_done, parse
from upkeep.sources.foreign_backups import Landing, carry_out, printed, program_of, reported

_SHOWN = 12


def listing(server: str, before: datetime, report: str | None = None) -> Listing:
    """
    Every backup of a server, asked here or read from a report file; sizes and times of the newest that ended by `before`.

    Raises CannotAskError when Barman or the server is not there, BrokenError when what it prints is no report.
    """
    if report:
        text, read_at = reported(TOOL, report)
        return parse(server, documents(TOOL, text), read_at)
    listed = _run("list-backups", server)
    shown = [_run("show-backup", server, each) for each in newest_done(server, listed, before, _SHOWN)]
    return parse(server, [listed, *shown])


def _run(*args: str) -> dict[str, Any]:
    text, error, code = printed(TOOL, ["barman", "-f", "json", *args])
    if code and not text.strip():
        message = " ".join(error.split())[:300]
        raise BrokenError(f"barman {args[0]} failed with {code}: {message}", "run it by hand as the same user", retry=True)
    found: dict[str, Any] = documents(TOOL, text)[0]
    wrong = " ".join(map(str, found.get("_ERROR", ())))
    if wrong.startswith("Unknown server"):
        raise CannotAskError(f"Barman: {wrong}", "write the name that `barman list-servers` shows as backup.name")
    if wrong or code:
        raise BrokenError(f"barman {args[0]} failed with {code}: {wrong or error.strip()}", "run it by hand", retry=True)
    return found


def fetch(server: str, backup: str, landing: Landing) -> str | None:
    """
    Restore one backup with the WAL that Barman has since into a folder.

    Raises CannotAskError when it is not here and NotRestoredError when it fails; it may be killed anywhere, and a rerun uses
    another folder.
    """
    program = program_of(TOOL, "barman")
    # The WAL lies beside the copy then: none is to be fetched.
    shown = _run("show-backup", server, backup)[server]
    maps = [f"--tablespace={each['name']}:{landing.tablespaces / each['name']}" for each in shown.get("tablespaces") or ()]
    carry_out(
        TOOL, [program, "recover", "--jobs", str(landing.jobs), "--no-get-wal", *maps, server, backup, str(landing.data)], landing
    )
    return None
