"""Asking pgBackRest for its backups (2.32 and newer), and having it restore one."""

from shlex import join

from upkeep.errors import BrokenError
from upkeep.formats.backup_listing import Listing
from upkeep.formats.pgbackrest import TOOL, parse
from upkeep.sources.foreign_backups import Landing, carry_out, printed, program_of, reported


def listing(stanza: str, report: str | None = None) -> Listing:
    """
    Every backup of a stanza, asked here or read from a report file.

    Raises CannotAskError when pgBackRest is not here, BrokenError when what it prints is no report or says an error.
    """
    if report:
        return parse(stanza, *reported(TOOL, report))
    text, error, code = printed(TOOL, ["pgbackrest", "info", "--output=json", f"--stanza={stanza}"])
    if code:
        message = " ".join((error or text).split())[:300]
        raise BrokenError(f"pgbackrest info failed with {code}: {message}", "run it by hand as the same user", retry=True)
    return parse(stanza, text)


def fetch(stanza: str, label: str, landing: Landing) -> str:
    """
    Restore one backup into a folder; gives the command that fetches WAL, for the copy alone.

    Whatever its configuration says of hosts, links and spooling, nothing is written elsewhere. Raises CannotAskError when it
    is not here and NotRestoredError when it fails; it may be killed anywhere, and a rerun uses another folder.
    """
    program = program_of(TOOL, "pgbackrest")
    common = [f"--stanza={stanza}", f"--pg1-path={landing.data}", "--reset-pg1-host", "--log-level-file=off"]
    own = [
        f"--set={label}", "--type=default", "--archive-mode=off", "--no-delta", "--no-link-all",
        "--reset-link-map", "--reset-tablespace-map", f"--tablespace-map-all={landing.tablespaces}",
        "--reset-db-include", "--reset-recovery-option", f"--process-max={landing.jobs}", "--log-level-console=warn",
    ]  # fmt: skip
    carry_out(TOOL, [program, *common, *own, "restore"], landing)
    return f'{join([program, *common, "--no-archive-async", "archive-get"])} %f "%p"'
