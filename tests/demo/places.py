"""Folders for servers that may run as another user."""

import os
from pathlib import Path

from tests.folder import PREFIX


def open_to_servers(folder: Path) -> None:
    """Let other users enter this folder of pytest's, and pytest's own folders above it."""
    for place in (folder, *folder.parents[:3]):
        ours = PREFIX in str(place) or str(place).startswith("/tmp/")  # noqa: S108 - pytest's own folders
        if ours and os.access(place, os.W_OK):
            place.chmod(place.stat().st_mode | 0o055)
