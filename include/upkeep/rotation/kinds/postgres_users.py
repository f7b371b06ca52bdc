"""
A PostgreSQL login by two users that alternate: one works while the other gets a new password.

The pattern is AWS's alternating users strategy (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html),
with both users alike in every right: what they own belongs to a third role that both are members of.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.kinds.postgres_rights import assert_alike, assert_rotatable, rights_of
from upkeep.rotation.secret_value import SecretValue, new_password
from upkeep.rotation.service import KeepsNothing, Kind, RefusedError, Service, Use
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

APPLICATION = "upkeep secret_rotation"
_USES = (Path(__file__).parent / "postgres_uses.sql").read_text(encoding="utf-8")


class PostgresUsersKind(Kind):
    """Two logins of one server. The secret is a JSON object; host, port and dbname in it are where the application goes."""

    tells_use: ClassVar[bool] = True

    kind: Literal["postgres_users"]
    connection: str = Field(description="Airflow connection of a login that may alter both users (CREATEROLE, ADMIN on them)")
    users: tuple[str, str] = Field(description="The two users that alternate")
    username: str = Field(default="username", description="Field of the secret that has the user")
    password: str = Field(default="password", description="Field of the secret that has the password")

    @field_validator("users")
    @classmethod
    def _two(cls, users: tuple[str, str]) -> tuple[str, str]:
        if users[0] == users[1]:
            raise ValueError("two different users are needed: one works while the other gets a new password")
        return users

    @property
    def described(self) -> str:
        """The two users."""
        return f"PostgreSQL users {self.users[0]} and {self.users[1]}"

    def open(self, connections: Connections) -> Service:
        """The two users, by the login that may alter them."""
        return PostgresUsers(self, connections.postgres(self.connection))


@dataclass(frozen=True, slots=True)
class PostgresUsers(KeepsNothing):
    """
    The two users of `kind` on the server of `admin`.

    Passwords reach the server as SCRAM-SHA-256 verifiers, which libpq computes here with the server's own iterations. The user
    that works is never altered while it does: `install` alters the other one, and `retire` takes login and verifier in one
    statement from a user that nobody uses.
    """

    kind: PostgresUsersKind
    admin: Endpoint

    def identity(self, value: SecretValue) -> str:
        """The user. Raises CannotAskError for one that is none of the two."""
        user = value.get(self.kind.username)
        if user not in self.kind.users:
            message = f"the secret is of user {user}, and the inventory names {self.kind.users[0]} and {self.kind.users[1]}"
            raise CannotAskError(message, "correct the inventory, or the secret in its store")
        return user

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Only another user can be ended."""
        return self.identity(old) != self.identity(current)

    def check(self, current: SecretValue) -> None:
        """The server takes SCRAM, both users are there, alike, and own nothing, and no pooler makes another of them."""
        with self._session() as session:
            assert_rotatable(session, self.identity(current), self._other(current))
        try:
            with self._application(current).connect(APPLICATION) as application:
                self._assert_itself(_server(application)[1], self.identity(current))
        except BrokenError as error:
            if not _is_refused(error):
                raise  # one that is refused is no reason to keep it
            for named in _REFUSED_USER.findall(str(error)):
                self._assert_itself(named, self.identity(current))

    def propose(self, current: SecretValue) -> SecretValue:
        """The other user with a new password; where the application connects to stays."""
        return current.replaced(**{self.kind.username: self._other(current), self.kind.password: new_password()})

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """Only the other user may be pending: altering the one that works would lock the application out."""
        if self.identity(pending) != self._other(current):
            message = f"what is pending is of user {self.identity(pending)}, which the application uses now"
            raise CannotAskError(message, "stop the other rotator, and take its pending value out of the store")
        pending.get(self.kind.password)

    def install(self, pending: SecretValue) -> None:
        """Let the user log in with this password. A user that can already is left alone: a new salt would upset poolers."""
        import psycopg

        user, password = self.identity(pending), pending.get(self.kind.password)
        with self._session() as session:
            if _may_log_in(session, user) and (self._logs_in(self._direct(pending)) or self._logs_in(self._application(pending))):
                return
            verifier = session.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256").decode()
            try:
                session.execute(_let_log_in(user, verifier))
            except psycopg.errors.InvalidPassword as error:
                raise RefusedError(f"the server takes no such password for {user}: {error.diag.message_primary}") from None

    def prove(self, pending: SecretValue, current: SecretValue) -> None:
        """Log in where the application does, see that it is the same server, and compare all rights of the two once more."""
        user = self.identity(pending)
        with self._session() as session, self._as_application(pending) as application:
            ours, theirs = (_server(each) for each in (session, application))
            if ours[0] != theirs[0]:
                message = f"{self._application(pending).place} is another server than {self.admin.place}"
                raise CannotAskError(message, "correct host and port in the secret, or the connection in the inventory")
            self._assert_itself(theirs[1], user)
            assert_alike(rights_of(session, user), rights_of(session, self.identity(current)), user, self.identity(current))

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:  # noqa: ARG002 - open sessions tell enough
        """Its open sessions, by application and address."""
        with self._session() as session, translate_errors():
            return [Use(*row) for row in session.execute(_USES.encode(), {"user": self.identity(old)}).fetchall()]

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:
        """Take login and password; with `end_sessions` its open sessions end too."""
        with self._session() as session, translate_errors():
            session.execute(_lock_out(self.identity(old)))
            if end_sessions:
                session.execute(_END_SESSIONS, {"user": self.identity(old)})

    def is_dead(self, old: SecretValue) -> bool:
        """Whether a login where the application does is refused, and the server itself lets the user in nowhere."""
        if self._logs_in(self._application(old)):
            return False
        with self._session() as session:
            return not _may_log_in(session, self.identity(old))

    def _as_application(self, pending: SecretValue) -> "psycopg.Connection[Any]":
        """A session where the application logs in. Raises CannotAskError for a pooler that has passwords in a file of its own."""
        place, user = self._application(pending), self.identity(pending)
        try:
            return place.connect(APPLICATION)
        except BrokenError as error:
            if not _is_refused(error) or not self._logs_in(self._direct(pending)):
                raise
        message = (
            f"{place.place} refuses {user}, whom the server itself lets in: a pooler there has passwords in a file of its own"
        )
        raise CannotAskError(message, _USERLIST.format(user=user)) from None

    def _assert_itself(self, became: str, user: str) -> None:
        """Raise CannotAskError where a login becomes another user: what the secret says then opens nothing."""
        if became != user:
            message = f"a login as {user} becomes {became}: a pooler has a forced user, or a map decides"
            raise CannotAskError(message, "take user= out of the pooler's line of the database, and use its auth_query")

    def _logs_in(self, place: Endpoint) -> bool:
        try:
            place.connect(APPLICATION).close()
        except BrokenError as error:
            if not _is_refused(error):
                raise
            return False
        return True

    def _other(self, value: SecretValue) -> str:
        first, second = self.kind.users
        return second if self.identity(value) == first else first

    def _application(self, value: SecretValue) -> Endpoint:
        """Where the application goes, and as whom."""
        where = {name: value.fields[name] for name in ("host", "port", "dbname") if value.fields.get(name)}
        return Endpoint(
            str(where.get("host", self.admin.host)), int(where.get("port", self.admin.port)), value.get(self.kind.username),
            value.get(self.kind.password), str(where.get("dbname", self.admin.database)), {**self.admin.options, **_tls(value)},
        )  # fmt: skip

    def _direct(self, value: SecretValue) -> Endpoint:
        """The same login at the server itself, past any pooler."""
        there = self._application(value)
        return replace(there, host=self.admin.host, port=self.admin.port)

    def _session(self) -> "psycopg.Connection[Any]":
        return self.admin.connect(APPLICATION)


_USERLIST = (
    """put the line that this prints into its auth_file: select pg_catalog.format('"%s" "%s"', rolname, rolpassword) """
    "from pg_catalog.pg_authid where rolname = '{user}'; then reload on its console; the next run tries it. "
    "With auth_query none of this is needed"
)
_REFUSED_USER = re.compile(r'authentication failed for user "([^"]+)"')
_POOLER_REFUSES = ("no such user", "SASL authentication failed", "password authentication failed", "auth failed")
_END_SESSIONS = b"""
    select pg_catalog.pg_terminate_backend(pid)
    from pg_catalog.pg_stat_activity
    where usename = %(user)s
"""


def _tls(value: SecretValue) -> dict[str, str]:
    """As the application is told: a proof that falls back to plain text proves something else."""
    told = {name: str(value.fields[name]) for name in ("sslmode", "sslrootcert") if value.fields.get(name)}
    return told or ({"sslmode": "require"} if str(value.fields.get("ssl")).lower() == "true" else {})


def _is_refused(error: BrokenError) -> bool:
    """PgBouncer refuses a login under the code of a broken protocol, so that its words have to tell."""
    return not error.retry or any(text in str(error) for text in _POOLER_REFUSES)


def _let_log_in(user: str, verifier: str) -> Any:
    from psycopg import sql

    return sql.SQL("alter role {} login password {}").format(sql.Identifier(user), sql.Literal(verifier))


def _lock_out(user: str) -> Any:
    from psycopg import sql

    return sql.SQL("alter role {} nologin password null").format(sql.Identifier(user))


def _may_log_in(session: "psycopg.Connection[Any]", user: str) -> bool:
    row = session.execute("select rolcanlogin from pg_catalog.pg_roles where rolname = %s", [user]).fetchone()
    return bool(row and row[0])


def _server(session: "psycopg.Connection[Any]") -> tuple[Any, str]:
    """When it was started, which tells it from others, and who we are there."""
    with translate_errors():
        row = session.execute("select pg_catalog.pg_postmaster_start_time(), session_user::text").fetchone()
    return (row[0], row[1]) if row else (None, "")
