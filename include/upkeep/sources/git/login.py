"""How to log in to a git server. Secrets reach git through its environment or a private file, never as arguments."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from upkeep.errors import BrokenError
from upkeep.sources.scratch_folder import scratch_folder

_HELPER = """!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$UPKEEP_GIT_USER" "$UPKEEP_GIT_PASSWORD"; }; f"""
_SSH = "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o PermitLocalCommand=no"


@dataclass(frozen=True, slots=True)
class GitLogin:
    """
    A user with a token (HTTPS) or a private key (SSH).

    `known_hosts` are lines of an OpenSSH file that name the server's key; without them this machine's own count.
    """

    user: str | None = None
    token: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    known_hosts: str | None = None


@runtime_checkable
class GitConnections(Protocol):
    """Connections of which some lead to git servers."""

    def git(self, connection_id: str) -> GitLogin:
        """A login. Raises BrokenError when the connection is missing or of another kind."""
        ...


def login_of(connections: object, connection_id: str | None) -> GitLogin:
    """The login behind a connection, an empty one without. Raises BrokenError when it cannot be had."""
    if connection_id is None:
        return GitLogin()
    if not isinstance(connections, GitConnections):
        raise BrokenError(f"there is no connection {connection_id} to a git server here", retry=False)
    return connections.git(connection_id)


@contextmanager
def environment(login: GitLogin, url: str) -> Iterator[Mapping[str, str]]:
    """
    What git is told of this login while it talks to this server, and to no other: a redirect elsewhere gets no token.

    A key lies in a private folder meanwhile. Killed anywhere, the folder is swept by the next that makes one.
    """
    if login.private_key or url_is_ssh(url):
        with scratch_folder() as folder:
            yield {"GIT_SSH_COMMAND": _ssh(folder, login), "HOME": os.environ.get("HOME", str(folder))}
    elif login.token:
        parts = urlsplit(url)
        yield {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"credential.{parts.scheme}://{parts.netloc}.helper",
            "GIT_CONFIG_VALUE_0": _HELPER,
            "UPKEEP_GIT_USER": login.user or "x-access-token",
            "UPKEEP_GIT_PASSWORD": login.token,
        }
    else:
        yield {}


def url_is_ssh(url: str) -> bool:
    """Whether git reaches this address by SSH: ssh://… or user@host:path."""
    return url.startswith("ssh://") or "://" not in url


def _ssh(folder: Path, login: GitLogin) -> str:
    command = _SSH
    if login.private_key:
        command += f" -o IdentitiesOnly=yes -i {_private(folder / 'key', login.private_key)}"
    if login.known_hosts:
        command += f" -o UserKnownHostsFile={_private(folder / 'known_hosts', login.known_hosts)}"
    return command


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text.replace("\r\n", "\n").rstrip("\n") + "\n", encoding="utf-8")
    return path
