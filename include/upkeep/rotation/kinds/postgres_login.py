"""What is done to a PostgreSQL login, and what a session tells of itself."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import RefusedError
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

APPLICATION = "upkeep secret_rotation"
REFUSED_USER = re.compile(r'authentication failed for user "([^"]+)"')
END_SESSIONS = b"""
    select pg_catalog.pg_terminate_backend(pid)
    from pg_catalog.pg_stat_activity
    where usename = %(user)s
"""
_POOLER_REFUSES = ("no such user", "SASL authentication failed", "password authentication failed", "auth failed")
_PORTS = range(1, 65_536)


@dataclass(frozen=True, slots=True)
class Server:
    """When it was started, which tells it from others, who we are there, and in which database."""

    started_at: datetime
    user: str
    database: str


def server_of(session: "psycopg.Connection[Any]") -> Server:
    """What the session says."""
    with translate_errors():
        row = session.execute(
            "select pg_catalog.pg_postmaster_start_time(), session_user::text, pg_catalog.current_database()::text"
        ).fetchone()
    if row is None:
        raise BrokenError("the server does not say who it is", retry=True)
    return Server(*row)


def may_log_in(session: "psycopg.Connection[Any]", user: str) -> bool:
    """Whether the server lets it in at all."""
    with translate_errors():
        row = session.execute("select rolcanlogin from pg_catalog.pg_roles where rolname = %s", [user]).fetchone()
    return bool(row and row[0])


def give_password(user: str, verifier: str, *, login: bool) -> Any:
    """The statement that gives it a password, and the right to log in where it shall have that too."""
    from psycopg import sql

    more = sql.SQL(" login" if login else "")
    return sql.SQL("alter role {}{} password {}").format(sql.Identifier(user), more, sql.Literal(verifier))


def quoted(user: str) -> str:
    """As it stands in a statement that somebody pastes."""
    return '"' + user.replace('"', '""') + '"'


def lock_out(user: str) -> Any:
    """The statement that takes login and password."""
    from psycopg import sql

    return sql.SQL("alter role {} nologin password null").format(sql.Identifier(user))


def assert_alterable(session: "psycopg.Connection[Any]", users: Sequence[str]) -> None:
    """Raise CannotAskError where this login is one of them, or may not alter each. What is tried is taken back."""
    from psycopg import sql

    own = server_of(session).user
    if own in users:
        message = f"the login that alters others is {own} itself, which would be locked out with its old password"
        raise CannotAskError(message, "give the inventory the connection of another login, with createrole and admin option")
    for user in users:
        with altering(session, user), session.transaction(force_rollback=True):
            session.execute(sql.SQL("alter role {} login").format(sql.Identifier(user)))


@contextmanager
def altering(session: "psycopg.Connection[Any]", user: str) -> Iterator[None]:
    """Say what stands against it in words: a missing right, a standby, a password that the server does not take."""
    import psycopg

    with translate_errors():
        try:
            yield
        except psycopg.errors.InsufficientPrivilege as error:
            own = session.info.user
            remedy = f"alter role {quoted(own)} createrole; grant {quoted(user)} to {quoted(own)} with admin option"
            raise CannotAskError(f"{own} may not alter {user}: {error.diag.message_primary}", remedy) from None
        except psycopg.errors.ReadOnlySqlTransaction:
            place = f"{session.info.host}:{session.info.port}"
            raise CannotAskError(f"{place} only reads: it is a standby", "give the connection the primary's host") from None
        except (psycopg.errors.InvalidPassword, psycopg.errors.InvalidParameterValue) as error:
            raise RefusedError(f"the server takes no such password for {user}: {error.diag.message_primary}") from None


def is_refused(error: BrokenError) -> bool:
    """PgBouncer refuses a login under the code of a broken protocol, so that its words have to tell."""
    return not error.retry or any(text in str(error) for text in _POOLER_REFUSES)


def tls(value: SecretValue) -> dict[str, str]:
    """As the application is told: a proof that falls back to plain text proves something else."""
    told = {name: str(value.fields[name]) for name in ("sslmode", "sslrootcert") if value.fields.get(name)}
    return told or ({"sslmode": "require"} if str(value.fields.get("ssl")).lower() == "true" else {})


def port_of(value: SecretValue) -> int | None:
    """The application's port, None where the secret has none. Raises CannotAskError, without what stands there."""
    told = str(value.fields.get("port") or "").strip()
    if not told:
        return None
    if not told.isdecimal() or int(told) not in _PORTS:
        raise CannotAskError('the secret\'s field "port" is no port', "one number between 1 and 65535, of one server")
    return int(told)


_USERLIST = """put the line that this prints into its auth_file: \
select pg_catalog.format('"%s" "%s"', pg_catalog.replace(rolname, '"', '""'), rolpassword) \
from pg_catalog.pg_authid where rolname = '{name}'; then reload on its console; the next run tries it. \
With auth_query none of this is needed"""


def userlist(user: str) -> str:
    """What a pooler needs that has passwords in a file of its own."""
    return _USERLIST.format(name=user.replace("'", "''"))
