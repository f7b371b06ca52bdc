"""
A PostgreSQL login by two users that alternate: one works while the other gets a new password.

The pattern is AWS's alternating users strategy (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html),
with both users alike in every right: what they own belongs to a third role that both are members of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from upkeep.errors import CannotAskError
from upkeep.rotation.kinds import postgres_login as logins
from upkeep.rotation.kinds.postgres_access import Access
from upkeep.rotation.kinds.postgres_doors import assert_asked_by_scram, assert_password_decides
from upkeep.rotation.kinds.postgres_login import altering
from upkeep.rotation.kinds.postgres_rights import assert_alike, assert_lets_in, assert_rotatable, rights_of
from upkeep.rotation.secret_value import SecretValue, new_password
from upkeep.rotation.service import KeepsNothing, Kind, Service, Use
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Endpoint


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

    @property
    def _access(self) -> Access:
        return Access(self.admin, self.kind.username, self.kind.password)

    def identity(self, value: SecretValue) -> str:
        """The user. Raises CannotAskError for one that is none of the two."""
        return self._access.user(value, self.kind.users)

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Only another user can be ended."""
        return self.identity(old) != self.identity(current)

    def check(self, current: SecretValue) -> None:
        """
        Both users are there, alike, own nothing, may be altered and log in by SCRAM, and no pooler makes another of them.

        That the current value is refused is no reason to keep it.
        """
        access, user, other = self._access, self.identity(current), self._other(current)
        with access.session() as session:
            assert_lets_in(session, user)
        with access.session(access.entered(current)) as session:
            assert_rotatable(session, user, other)
            logins.assert_alterable(session, self.kind.users)
        assert_asked_by_scram(access.direct(current))
        assert_password_decides(replace(access.application(current), user=other), f"what {user} has")

    def propose(self, current: SecretValue) -> SecretValue:
        """The other user with a new password; where the application connects to stays."""
        self._assert_idle(self._other(current))
        return current.replaced(**{self.kind.username: self._other(current), self.kind.password: new_password()})

    def _assert_idle(self, user: str) -> None:
        """Raise CannotAskError where somebody works as the user whose password would be set."""
        with self._access.session() as session:
            used = self._access.uses(user) if logins.may_log_in(session, user) else []
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
        access, user = self._access, self.identity(pending)
        with access.session() as session:
            if logins.may_log_in(session, user) and (
                access.logs_in(access.direct(pending)) or access.logs_in(access.application(pending))
            ):
                return
            access.set_password(session, pending, login=True)

    def prove(self, pending: SecretValue, current: SecretValue) -> None:
        """Log in where the application does, see that it is the same server, and compare all rights of the two once more."""
        user, other = self.identity(pending), self.identity(current)
        with self._access.session(self._access.proven(pending).database) as session:
            assert_alike(rights_of(session, user), rights_of(session, other), user, other)

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:
        """Its open sessions, by application and address."""
        return self._access.uses(self.identity(old), since)

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:
        """Take login and password; with `end_sessions` its open sessions end too."""
        user = self.identity(old)
        with self._access.session() as session, altering(session, user):
            session.execute(logins.lock_out(user))
            if end_sessions:
                session.execute(logins.END_SESSIONS, {"user": user})

    def is_dead(self, old: SecretValue) -> bool:
        """Whether a login where the application does is refused, and the server itself lets the user in nowhere."""
        if self._access.logs_in(self._access.application(old)):
            return False
        with self._access.session() as session:
            return not logins.may_log_in(session, self.identity(old))

    def _other(self, value: SecretValue) -> str:
        first, second = self.kind.users
        return second if self.identity(value) == first else first
