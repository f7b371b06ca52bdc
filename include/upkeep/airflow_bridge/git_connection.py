"""An Airflow connection as a login to a git server."""

from typing import Any

from upkeep.airflow_bridge.connection_lookup import look_up
from upkeep.errors import BrokenError
from upkeep.sources.git.login import GitLogin

TYPES = frozenset({"git", "github", "generic", "http", "https", "ssh"})


def git_login(connection_id: str) -> GitLogin:
    """
    The login of a connection: its password is a token; `private_key` or `key_file` in its extra is a key.

    `known_hosts` there names the server's key.

    Raises BrokenError when it cannot be had or holds neither.
    """
    found = look_up(connection_id, TYPES)
    extra: dict[str, Any] = found.extra_dejson
    key = extra.get("private_key") or _file(connection_id, extra.get("key_file"))
    if not key and not found.password:
        remedy = "give it a token as password, or private_key in its extra"
        raise BrokenError(f'connection "{connection_id}" has no token and no key', remedy, retry=False)
    return GitLogin(found.login or None, found.password or None, key or None, extra.get("known_hosts") or None)


def _file(connection_id: str, path: Any) -> str | None:
    if not path:
        return None
    try:
        with open(str(path), encoding="utf-8") as file:  # noqa: PTH123 - one small file of a worker
            return file.read()
    except (OSError, ValueError) as error:
        reason = f'the key_file of connection "{connection_id}" cannot be read ({type(error).__name__})'
        raise BrokenError(reason, "put it where the workers see it, or give private_key itself", retry=False) from None
