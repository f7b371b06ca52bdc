"""How a PostgreSQL server lets a login in, found by trying: whether by its password at all, and by which kind of it."""

from dataclasses import replace
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.kinds.postgres_login import APPLICATION
from upkeep.rotation.secret_value import new_password
from upkeep.sources.libpq import settings
from upkeep.sources.postgres import Endpoint
from upkeep.sources.refusal import refused_with

# What a server answers to a wrong password is another code; this one says that none was asked for, or nobody is let in.
_NO_PASSWORD = "28000"  # noqa: S105 - an SQLSTATE
_MD5 = "requested a hashed password"
_SINCE = 160_000  # libpq's, which can be told what to accept


def assert_password_decides(place: Endpoint, wanted: str) -> None:
    """
    Raise CannotAskError where the login of `place` gets in, or is kept out, by something else than its password.

    Lines of pg_hba.conf and pg_ident.conf may name one user alone. A password that nobody has must be what is refused.
    `wanted` are the lines that it should have there.
    """
    tried = replace(place, password=new_password())
    try:
        tried.connect(APPLICATION).close()
    except BrokenError as error:
        words = str(error)
        if "password authentication failed" in words or _code(tried) != _NO_PASSWORD:
            return
    else:
        words = "any password opens it"
    remedy = f"in pg_hba.conf and pg_ident.conf give it {wanted}, by scram-sha-256; then: select pg_reload_conf()"
    raise CannotAskError(f"{place.place} does not ask {place.user} for its password, or keeps it out: {words}", remedy)


def assert_asked_by_scram(place: Endpoint) -> None:
    """Raise CannotAskError where the login's password is still md5: its drivers may know no SCRAM, which a new one needs."""
    import psycopg

    if psycopg.pq.version() < _SINCE:
        return
    options: dict[str, Any] = {**place.options, "require_auth": "scram-sha-256"}
    try:
        replace(place, options=options).connect(APPLICATION).close()
    except BrokenError as error:
        if _MD5 in str(error):
            remedy = f"\\password {place.user} on a server whose password_encryption is scram-sha-256; then see that all log in"
            raise CannotAskError(f"{place.user} has an md5 password, whose drivers may know no SCRAM", remedy) from None


def _code(place: Endpoint) -> str:
    told = {"host": place.host or None, "port": place.port or None, "user": place.user, "password": place.password}
    return refused_with({**told, "dbname": place.database, **settings(place.options)})
