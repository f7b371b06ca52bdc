"""Asking pgBackRest for its backups (2.32 and newer)."""

from upkeep.errors import BrokenError
from upkeep.formats.backup_listing import Listing
from upkeep.formats.pgbackrest import TOOL, parse
from upkeep.sources.foreign_backups import printed, reported


def listing(stanza: str, report: str | None = None) -> Listing:
    """
    Every backup of a stanza, asked here or read from a report file.

    Raises CannotAskError when pgBackRest is not here, BrokenError when what it prints is no report or says an error.
    """
    if report:
        return parse(stanza, *reported(TOOL, report))
    text, error, code = printed(TOOL, ["pgbackrest", "info", "--output=json", f"--stanza={stanza}"])
    if code:
        said = " ".join((error or text).split())[:300]
        raise BrokenError(f"pgbackrest info failed with {code}: {said}", "run it by hand as the same user", retry=True)
    return parse(stanza, text)
