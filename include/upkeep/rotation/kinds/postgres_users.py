"""
A PostgreSQL login by two users that alternate: one works while the other gets a new password.

The pattern is AWS's alternating users strategy (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html),
with both users alike in every right: what they own belongs to a third role that both are members of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.kinds import postgres_login as logins
from upkeep.rotation.kinds.postgres_doors import assert_asked_by_scram, assert_password_decides
from upkeep.rotation.kinds.postgres_login import APPLICATION, Server, altering, is_refused, server_of
from upkeep.rotation.kinds.postgres_rights import assert_alike, assert_rotatable, rights_of
from upkeep.rotation.secret_value import SecretValue, new_password
from upkeep.rotation.service import KeepsNothing, Kind, Service, Use
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

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
        """Both users are there, alike, own nothing, may be altered and log in by SCRAM, and no pooler makes another of them."""
        user, other = self.identity(current), self._other(current)
        database = self._entered(current)
        with self._session(database) as session:
            assert_rotatable(session, user, other)
            logins.assert_alterable(session, self.kind.users)
        assert_asked_by_scram(self._direct(current))
        assert_password_decides(replace(self._application(current), user=other), user)

    def _entered(self, current: SecretValue) -> str | None:
        """The database in which the application works; None where the current value is refused, which is no reason to keep it."""
        try:
            with self._application(current).connect(APPLICATION) as application:
                there = server_of(application)
        except BrokenError as error:
            if not is_refused(error):
                raise
            for named in logins.REFUSED_USER.findall(str(error)):
                self._assert_itself(named, self.identity(current))
            return None
        self._assert_itself(there.user, self.identity(current))
        return there.database

    def propose(self, current: SecretValue) -> SecretValue:
        """The other user with a new password; where the application connects to stays."""
        self._assert_idle(self._other(current))
        return current.replaced(**{self.kind.username: self._other(current), self.kind.password: new_password()})

    def _assert_idle(self, user: str) -> None:
        """Raise CannotAskError where somebody works as the user whose password would be set."""
        with self._session() as session:
            used = self._uses_of(session, user) if logins.may_log_in(session, user) else []
        if used:
            remedy = f"let it use another login; {user} is of this secret alone"
            raise CannotAskError(f"{user} is used by {used[0].who}, which would be locked out", remedy)

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """Only the other user may be pending: altering the one that works would lock the application out."""
        if self.identity(pending) != self._other(current):
            message = f"what is pending is of user {self.identity(pending)}, which the application uses now"
            raise CannotAskError(message, "stop the other rotator, and take its pending value out of the store")
        pending.get(self.kind.password)

    def install(self, pending: SecretValue) -> None:
        """Let the user log in with this password. A user that can already is left alone: a new salt would upset poolers."""
        user, password = self.identity(pending), pending.get(self.kind.password)
        with self._session() as session:
            if logins.may_log_in(session, user) and (
                self._logs_in(self._direct(pending)) or self._logs_in(self._application(pending))
            ):
                return
            verifier = session.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256").decode()
            with altering(session, user):
                session.execute(logins.let_log_in(user, verifier))

    def prove(self, pending: SecretValue, current: SecretValue) -> None:
        """Log in where the application does, see that it is the same server, and compare all rights of the two once more."""
        user = self.identity(pending)
        with self._as_application(pending) as application:
            theirs = server_of(application)
        with self._session(theirs.database) as session:
            self._assert_same(server_of(session), theirs, pending)
            self._assert_itself(theirs.user, user)
            assert_alike(rights_of(session, user), rights_of(session, self.identity(current)), user, self.identity(current))

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:  # noqa: ARG002 - open sessions tell enough
        """Its open sessions, by application and address."""
        with self._session() as session:
            return self._uses_of(session, self.identity(old))

    def _uses_of(self, session: "psycopg.Connection[Any]", user: str) -> list[Use]:
        with translate_errors():
            return [Use(*row) for row in session.execute(_USES.encode(), {"user": user}).fetchall()]

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:
        """Take login and password; with `end_sessions` its open sessions end too."""
        with self._session() as session, altering(session, self.identity(old)):
            session.execute(logins.lock_out(self.identity(old)))
            if end_sessions:
                session.execute(logins.END_SESSIONS, {"user": self.identity(old)})

    def is_dead(self, old: SecretValue) -> bool:
        """Whether a login where the application does is refused, and the server itself lets the user in nowhere."""
        if self._logs_in(self._application(old)):
            return False
        with self._session() as session:
            return not logins.may_log_in(session, self.identity(old))

    def _as_application(self, pending: SecretValue) -> "psycopg.Connection[Any]":
        """A session where the application logs in. Raises CannotAskError for a pooler that has passwords in a file of its own."""
        place, user = self._application(pending), self.identity(pending)
        try:
            return place.connect(APPLICATION)
        except BrokenError as error:
            if not is_refused(error) or not self._logs_in(self._direct(pending)):
                raise
        message = (
            f"{place.place} refuses {user}, whom the server itself lets in: a pooler there has passwords in a file of its own"
        )
        raise CannotAskError(message, logins.userlist(user)) from None

    def _assert_itself(self, became: str, user: str) -> None:
        """Raise CannotAskError where a login becomes another user: what the secret says then opens nothing."""
        if became != user:
            message = f"a login as {user} becomes {became}: a pooler has a forced user, or a map decides"
            raise CannotAskError(message, "take user= out of the pooler's line of the database, and use its auth_query")

    def _assert_same(self, ours: Server, theirs: Server, pending: SecretValue) -> None:
        if ours.started_at != theirs.started_at:
            message = f"{self._application(pending).place} is another server than {self.admin.place}"
            raise CannotAskError(message, "correct host and port in the secret, or the connection in the inventory")

    def _logs_in(self, place: Endpoint) -> bool:
        try:
            place.connect(APPLICATION).close()
        except BrokenError as error:
            if not is_refused(error):
                raise
            return False
        return True

    def _other(self, value: SecretValue) -> str:
        first, second = self.kind.users
        return second if self.identity(value) == first else first

    def _application(self, value: SecretValue) -> Endpoint:
        """Where the application goes, and as whom."""
        where = {name: str(value.fields[name]) for name in ("host", "dbname") if value.fields.get(name)}
        return Endpoint(
            where.get("host", self.admin.host), logins.port_of(value) or self.admin.port, value.get(self.kind.username),
            value.get(self.kind.password), where.get("dbname", self.admin.database), {**self.admin.options, **logins.tls(value)},
        )  # fmt: skip

    def _direct(self, value: SecretValue) -> Endpoint:
        """The same login at the server itself, past any pooler."""
        there = self._application(value)
        return replace(there, host=self.admin.host, port=self.admin.port)

    def _session(self, database: str | None = None) -> "psycopg.Connection[Any]":
        return replace(self.admin, database=database or self.admin.database).connect(APPLICATION)
