"""Whether there is room for a copy before any of it is made."""

import shutil
import tempfile

from upkeep.errors import CannotAskError
from upkeep.humanize import size

# Rows as text, their tables, indexes and WAL, and a server with nothing in it.
TIMES, AT_LEAST = 2.5, 200 * 10**6


def check_room(raw_bytes: int, about: str) -> None:
    """Raises CannotAskError that says how much a copy needs and how much is free."""
    folder = tempfile.gettempdir()
    needed, free = raw_bytes * TIMES + AT_LEAST, shutil.disk_usage(folder).free
    if free < needed:
        reason = f"a copy of the {about} needs about {size(needed)}, and {folder} has {size(free)} free: nothing was started"
        raise CannotAskError(reason, "make room there, or name a larger folder in TMPDIR of the workers of queue heavy")
