"""What libpq itself says that a connection may be told: its keywords, and the environment variables that carry them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from upkeep.errors import BrokenError

OURS = ("application_name", "client_encoding")
"""Keywords that Upkeep sets itself: its sessions are to be recognised, and its statements are UTF-8."""
_FILES = ("HOME", "PGSERVICEFILE", "PGSYSCONFDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "KRB5CCNAME", "KRB5_CONFIG")


@dataclass(frozen=True, slots=True)
class Keyword:
    """One thing that libpq can be told. `variable` is its environment variable, "" when it has none."""

    name: str
    variable: str
    secret: bool


@cache
def keywords() -> Mapping[str, Keyword]:
    """Every keyword of the libpq in use, by its name."""
    from psycopg.pq import Conninfo

    found = (Keyword(one.keyword.decode(), (one.envvar or b"").decode(), one.dispchar == b"*") for one in Conninfo.get_defaults())
    return {one.name: one for one in found}


def settings(options: Mapping[str, str]) -> dict[str, str]:
    """What a connection says, without what Upkeep says itself."""
    return {name: value for name, value in options.items() if name not in OURS}


def merged(own: str | None, more: str) -> str:
    """Two values of the keyword `options`; where both set a parameter, the second holds."""
    return f"{own or ''} {more}".strip()


def variables(options: Mapping[str, str]) -> dict[str, str]:
    """
    The same settings for PostgreSQL's own programs, as their environment, with all that libpq would find in ours.

    Raises BrokenError for a secret that has no variable, since it would have to be an argument, which others can read.
    """
    known = keywords()
    unfit = [name for name in settings(options) if name in known and known[name].secret and not known[name].variable]
    if unfit:
        remedy = "put it into a connection service file, and name that by `service` in the connection's extras"
        raise BrokenError(f"PostgreSQL's programs cannot be given {', '.join(unfit)} without showing it", remedy, retry=False)
    inherited = {*_FILES, *(one.variable for one in known.values() if one.name not in OURS)}
    own = {known[name].variable: value for name, value in settings(options).items() if name in known and known[name].variable}
    return {**{name: os.environ[name] for name in inherited if name in os.environ}, **own}


def without_variable(options: Mapping[str, str]) -> dict[str, str]:
    """Settings that no environment variable carries, such as keepalives: they go into a program's connection string."""
    known = keywords()
    return {name: value for name, value in options.items() if name in known and not known[name].variable}
