"""
A cluster that another tool restored into a folder of ours, started there as nothing but a copy.

Nothing that production's settings ask for is done: no WAL is archived, no subscription, job or library of anybody runs, nobody
logs in with production's passwords, and no link leads out of the folder.
"""

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from upkeep.errors import BrokenError, CannotAskError, UpkeepError
from upkeep.sources.control_data import Control, control_of
from upkeep.sources.scratch import ScratchServer
from upkeep.sources.server_user import give

# What takes rows or WAL from elsewhere, sends them there, or runs what others wrote, is off.
_ISOLATED = {
    "listen_addresses": "127.0.0.1", "timezone": "UTC", "log_timezone": "UTC",
    "lc_messages": "C", "ssl": "off", "logging_collector": "off", "log_min_error_statement": "panic",
    "archive_mode": "off", "shared_preload_libraries": "", "session_preload_libraries": "", "local_preload_libraries": "",
    "max_logical_replication_workers": "0", "primary_conninfo": "", "primary_slot_name": "", "hot_standby": "off",
    "wal_level": "logical", "synchronous_standby_names": "", "password_encryption": "scram-sha-256",
    "dynamic_library_path": "$libdir",
}  # fmt: skip
_EVENT_TRIGGERS_SINCE = 17
_NO_LOCALE = re.compile(r"(?:locale|collation)[^\n]*\b(?:incompatible|not recognized|not supported|not available)", re.IGNORECASE)
_NO_LIBRARY = re.compile(r"resource manager with ID \d+ not registered")
_LAST_COMMIT = re.compile(r"last completed transaction was at log time (\S+ \S+?)(?: UTC|\+00)")
_DATA_FULL = re.compile(r"No space left on device")
# Of postmaster.pid: starting, stopping, ready or standby.
_STATUS_LINE = 8
READERS = "upkeep_smoke"


@dataclass(frozen=True, slots=True)
class Recovered:
    """How far it came: the newest commit that was replayed, None where none was, and where the WAL ended."""

    newest_commit: datetime | None
    timeline: int
    end: int
    control: Control


class NotRecoveredError(UpkeepError):
    """A copy that was fetched whole and does not start."""


def refuse_links_out(folder: Path) -> None:
    """Raises BrokenError when a link in the folder leads out of it: the copy would write into what is not ours."""
    inside = folder.resolve()
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            reason = f"the restored copy has a link out of its folder ({path.relative_to(folder)}): it is not started"
            raise BrokenError(reason, "see the links and tablespace maps in the tool's configuration", retry=False)


def settle(
    server: ScratchServer, fast: Mapping[str, str], restore_command: str | None, *, at_once: bool, sockets: str = ""
) -> Control:
    """
    Write the settings of the copy over production's, for recovery to the end of the WAL or, `at_once`, until it is consistent.

    `sockets` is the folder of its socket, seen from its data; without it there is none.

    Raises BrokenError for a link that leads out, CannotAskError when the control file cannot be read.
    """
    refuse_links_out(server.folder)
    control = control_of(server)
    until = {"recovery_target": "immediate", "recovery_target_action": "promote"} if at_once else {}
    settings = {
        **fast, **_ISOLATED, **control.least, "unix_socket_directories": sockets,
        "restore_command": restore_command or "false", "recovery_target_timeline": "latest", **until,
    }  # fmt: skip
    if int(server.major or 0) >= _EVENT_TRIGGERS_SINCE:
        settings["event_triggers"] = "off"
    lines = [f"{name} = '{_quoted(value)}'" for name, value in settings.items()]
    _write(server.data / "postgresql.conf", "\n".join([*lines, ""]))
    _write(server.data / "pg_hba.conf", "host all all 0.0.0.0/0 reject\n")
    for name in ("postgresql.auto.conf", "pg_ident.conf", "recovery.signal", "upkeep_ready"):
        _write(server.data / name, "")
    for name in ("standby.signal", "postmaster.pid", "postmaster.opts"):
        (server.data / name).unlink(missing_ok=True)
    return control


def recover(server: ScratchServer, control: Control, longest_s: float) -> Recovered:
    """Replay the WAL, in a server that lets nobody in. Raises NotRecoveredError with its last words, and CannotAskError."""
    try:
        server.start(longest_s)
        _wait(server, longest_s)
        server.stop()
    except CannotAskError:
        raise
    except (UpkeepError, OSError) as error:
        raise _not_recovered(server, error) from error
    timeline, end = _ended_at(server.data, control)
    commits = _LAST_COMMIT.findall(server.log.read_text(errors="replace"))
    newest = datetime.fromisoformat(f"{commits[-1]}+00:00") if commits else None
    return Recovered(newest, timeline, end, control)


def let_us_in(server: ScratchServer) -> None:
    """
    Make a login of our own in the stopped copy, and start it with that one let in. Raises CannotAskError and NotRecoveredError.

    It is made in single-user mode: nobody's name and password is needed, and no trigger of the owner's runs.
    """
    server.superuser = f"upkeep_test_{secrets.token_hex(4)}"
    login = f"create role {server.superuser} superuser login password '{server.endpoint().password}';\n\n"
    quiet = f"alter role {server.superuser} set session_replication_role = replica;\n\n"
    try:
        server.alone(login + quiet)
        ours = f'all "{server.superuser}","{READERS}"'
        _write(server.data / "pg_hba.conf", f"local {ours} scram-sha-256\nhost {ours} 127.0.0.1/32 scram-sha-256\n")
        server.start()
    except UpkeepError as error:
        raise _not_recovered(server, error) from error


def _wait(server: ScratchServer, longest_s: float) -> None:
    """Until it is out of recovery: pg_ctl calls a server started that lets nobody in while it replays. Raises UpkeepError."""
    deadline = time.monotonic() + longest_s
    while server.running():
        lines = (server.data / "postmaster.pid").read_text().splitlines()
        if len(lines) >= _STATUS_LINE and lines[_STATUS_LINE - 1].strip() == "ready":
            return
        if time.monotonic() > deadline:
            raise CannotAskError(f"its WAL was not replayed within {round(longest_s / 3600)} h", "back up more often")
        time.sleep(0.1)
    raise UpkeepError("its server ended while it replayed WAL")


def _not_recovered(server: ScratchServer, error: Exception) -> UpkeepError:
    log = server.log.read_text(errors="replace") if server.log.exists() else str(error)
    lines = [line for line in log.splitlines() if re.search(r"\b(?:FATAL|PANIC|ERROR)\b", line)]
    last = " ".join((lines[-1] if lines else str(error)).split())[:400]
    if _NO_LOCALE.search(log):
        return CannotAskError(f"the locale of the cluster is not on this worker: {last}", "install it there (locales)")
    if _NO_LIBRARY.search(log):
        return CannotAskError(f"its WAL needs a library that a copy does not load: {last}", "restore it by hand")
    if _DATA_FULL.search(log):
        return CannotAskError(f"the disk of this worker became full: {last}", "make room in TMPDIR")
    return NotRecoveredError(f"was restored, but does not start: {last}")


def _ended_at(data: Path, control: Control) -> tuple[int, int]:
    """The timeline and byte position at which the WAL of others ended, by the history that promotion wrote."""
    newest = max((data / "pg_wal").glob("*.history"), default=None)
    if newest is None:
        return control.timeline, 0
    fields = [line.split() for line in newest.read_text().splitlines() if line.strip() and not line.startswith("#")][-1]
    high, low = fields[1].split("/")
    return int(fields[0]), (int(high, 16) << 32) + int(low, 16)


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def _write(path: Path, text: str) -> None:
    """A new file in place of what is there, which may be a link to production's own."""
    new = path.with_name(f"{path.name}.upkeep")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o600)
    give(new)
    new.replace(path)
