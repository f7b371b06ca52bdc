"""Who our own PostgreSQL servers run as, since PostgreSQL refuses root."""

import os
import pwd
from functools import cache
from pathlib import Path
from typing import Any


@cache
def server_user() -> pwd.struct_passwd | None:
    """Who our servers run as when we are root; else None."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def give(path: Path) -> None:
    """Let that user have a file or folder, when we are root."""
    owner = server_user()
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def as_server() -> dict[str, Any]:
    """What a subprocess is told so that it runs as that user."""
    owner = server_user()
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
