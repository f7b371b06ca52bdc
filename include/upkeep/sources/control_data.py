"""What pg_controldata says of a cluster that is not running."""

import subprocess
from dataclasses import dataclass

from upkeep.errors import CannotAskError
from upkeep.sources.scratch import ScratchServer
from upkeep.sources.server_user import as_server

_LEAST = {
    "max_connections": "max_connections setting", "max_worker_processes": "max_worker_processes setting",
    "max_prepared_transactions": "max_prepared_xacts setting", "max_locks_per_transaction": "max_locks_per_xact setting",
    "max_wal_senders": "max_wal_senders setting",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Control:
    """
    Facts of a cluster. `least` are settings below which its WAL cannot be replayed; `oldest_xid` is of 64 bits.

    Every transaction before `oldest_xid` had ended at the checkpoint that a backup begins with.
    """

    system_identifier: str
    timeline: int
    segment_bytes: int
    oldest_xid: int
    least: dict[str, str]


def control_of(server: ScratchServer) -> Control:
    """Read it with the program of the server's version. Raises CannotAskError when it cannot be read."""
    args = [str(server.program("pg_controldata")), "-D", str(server.data)]
    env = {"LC_ALL": "C", "TZ": "UTC"}
    done = subprocess.run(args, capture_output=True, text=True, errors="replace", check=False, env=env, cwd="/", **as_server())  # noqa: S603 - our own words
    if done.returncode:
        raise CannotAskError(f"the control file of the restored copy cannot be read: {done.stderr.strip()[:300]}")
    return parse(done.stdout)


def parse(text: str) -> Control:
    """Its lines of name and value. Raises CannotAskError when one that is needed is missing."""
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}
    try:
        epoch, following = map(int, fields["Latest checkpoint's NextXID"].split(":"))
        oldest = int(fields["Latest checkpoint's oldestActiveXID"]) or following
        return Control(
            system_identifier=fields["Database system identifier"],
            timeline=int(fields["Latest checkpoint's TimeLineID"]),
            segment_bytes=int(fields["Bytes per WAL segment"]),
            oldest_xid=((epoch - (oldest > following)) << 32) + oldest,
            least={setting: fields[name] for setting, name in _LEAST.items() if name in fields},
        )
    except (KeyError, ValueError) as error:
        raise CannotAskError(f"pg_controldata says nothing that Upkeep reads: {error!r}") from error
