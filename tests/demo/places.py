"""Folders for servers that may run as another user."""

import os
from pathlib import Path


def open_to_servers(folder: Path) -> None:
    """Let other users enter this folder of pytest's, and pytest's own folders above it."""
    for place in (folder, *folder.parents[:3]):
        if str(place).startswith("/tmp/") and os.access(place, os.W_OK):  # noqa: S108 - pytest's own folders
            place.chmod(place.stat().st_mode | 0o055)
