"""
A PostgreSQL login by one user, whose password is replaced while it works: for users that cannot be two, as they own objects.

The server knows one password of a user. From the moment at which it takes the next one until that is current in the store, it
refuses what applications have; those that then try the pending value get in. The pattern is AWS's single user strategy
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html), with what that leaves to chance declared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.kinds import postgres_login as logins
from upkeep.rotation.kinds.postgres_access import Access
from upkeep.rotation.kinds.postgres_doors import assert_asked_by_scram, assert_password_decides
from upkeep.rotation.kinds.postgres_login import APPLICATION, altering
from upkeep.rotation.kinds.postgres_rights import assert_only_password_changes
from upkeep.rotation.secret_value import SecretValue, fingerprint, new_password
from upkeep.rotation.service import KeepsNothing, Kind, Service, Use
from upkeep.sources.connections import Connections
from upkeep.sources.pooler import Pooling, pooling
from upkeep.sources.postgres import Endpoint

_TWO = "or use postgres_users, which asks nothing of applications"
_HBA = "a line of its own"
_REFUSED = (
    "where a rotation stopped half-way, let it go on or take it back: upkeep secret rotate, upkeep secret rollback; else put "
    "what works into the store, or let in what is there, from here too: \\password {user}, pg_hba.conf"
)


class PostgresUserKind(Kind):
    """One login of one server. The secret is a JSON object; host, port and dbname in it are where the application goes."""

    tells_use: ClassVar[bool] = True

    kind: Literal["postgres_user"]
    connection: str = Field(description="Airflow connection of a login that may alter the user (CREATEROLE, ADMIN on it)")
    user: str = Field(min_length=1, description="The user")
    when_refused: Literal["try_pending"] = Field(
        description="try_pending: each application that is refused reads the secret again and tries its pending value too. Where "
        "one does not, it would be locked out for some moments, and for longer when a rotation stops half-way: use postgres_users"
    )
    pooler: Literal["auth_query"] | None = Field(
        default=None, description="auth_query, where the application goes through a pooler that asks the server for passwords"
    )
    username: str = Field(default="username", description="Field of the secret that has the user")
    password: str = Field(default="password", description="Field of the secret that has the password")

    @property
    def users(self) -> tuple[str]:
        """Whose logins it opens."""
        return (self.user,)

    @property
    def described(self) -> str:
        """The user."""
        return f"PostgreSQL user {self.user}"

    def open(self, connections: Connections) -> Service:
        """The user, by the login that may alter it."""
        return PostgresUser(self, connections.postgres(self.connection))


@dataclass(frozen=True, slots=True)
class PostgresUser(KeepsNothing):
    """
    The user of `kind` on the server of `admin`.

    `install` is the moment at which the old value is refused, so that `retire` has only sessions to end, and `restore` is what
    makes the current value work again before a pending one is forgotten.
    """

    kind: PostgresUserKind
    admin: Endpoint

    @property
    def _access(self) -> Access:
        return Access(self.admin, self.kind.username, self.kind.password)

    def identity(self, value: SecretValue) -> str:
        """The user, with what tells its passwords apart. Raises CannotAskError for another user."""
        user = self._access.user(value, self.kind.users)
        return f"{user} ({fingerprint(value.get(self.kind.password))})"

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Another password of the user."""
        known = self.kind.users
        same = self._access.user(old, known) == self._access.user(current, known)
        return same and old.get(self.kind.password) != current.get(self.kind.password)

    def check(self, current: SecretValue) -> None:
        """The user may be altered and logs in by its SCRAM password, where the application does and at the server itself."""
        access, user = self._access, self._access.user(current, self.kind.users)
        with access.session() as session:
            assert_only_password_changes(session, user)
            logins.assert_alterable(session, self.kind.users)
        self._assert_works(current)
        assert_asked_by_scram(access.direct(current))
        for place in (access.direct(current), access.application(current)):
            assert_password_decides(place, _HBA)
        self._assert_reached_well(current)

    def propose(self, current: SecretValue) -> SecretValue:
        """The same user with a new password."""
        return current.replaced(**{self.kind.password: new_password()})

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """Only another password of the user may be pending."""
        if not self.separate(pending, current):
            raise CannotAskError(
                "what is pending is what is current", "stop the other rotator, and take its pending value out of the store"
            )

    def install(self, pending: SecretValue) -> None:
        """Give the user this password. One that the server itself lets in is left alone: a new salt would upset poolers."""
        access = self._access
        access.user(pending, self.kind.users)
        if not access.logs_in(access.direct(pending)):
            with access.session() as session:
                access.set_password(session, pending, login=False)

    def prove(self, pending: SecretValue, current: SecretValue) -> None:  # noqa: ARG002 - the rights are the user's own
        """Log in at the server itself, since a pooler may have sessions from before, then where the application does."""
        self._assert_let_in(pending)
        self._access.proven(pending)

    def restore(self, current: SecretValue) -> None:
        """Give the user the current password again, and see that it works."""
        self.install(current)
        self._assert_let_in(current)

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:
        """Sessions of the user where the value logs in. What the server refuses opens none; those from before need it no more."""
        access = self._access
        user = access.user(old, self.kind.users)
        return access.uses(user, since) if access.logs_in(access.direct(old)) else ()

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:
        """It is refused since another one was installed; with `end_sessions` all sessions of the user end."""
        user = self._access.user(old, self.kind.users)
        if end_sessions:
            with self._access.session() as session, altering(session, user):
                session.execute(logins.END_SESSIONS, {"user": user})

    def is_dead(self, old: SecretValue) -> bool:
        """Whether a login is refused where the application does it, and at the server itself."""
        access = self._access
        return not access.logs_in(access.application(old)) and not access.logs_in(access.direct(old))

    def _assert_works(self, current: SecretValue) -> None:
        """Raise CannotAskError where the application's value is refused: something else than the store then says what works."""
        access = self._access
        access.entered(current)  # on the same server as itself
        for place in (access.application(current), access.direct(current)):
            if why := access.refusal(place):
                message = f"the current value of {self.kind.user} is refused: {why}"
                raise CannotAskError(message, _REFUSED.format(user=self.kind.user))

    def _assert_reached_well(self, current: SecretValue) -> None:
        """Raise CannotAskError for a pooler that may keep passwords in a file, which has one a user, as the server has."""
        if pooling(self._access.direct(current), APPLICATION) is not Pooling.NONE:
            message = f"{self.admin.place} is a pooler, which may know another password than the server"
            raise CannotAskError(message, "give the connection the host and port of the server itself")
        place = self._access.application(current)
        if self.kind.pooler is None and pooling(place, APPLICATION) is not Pooling.NONE:
            message = (
                f"{place.place} is a pooler: with passwords in a file of its own it would refuse {self.kind.user} for a while"
            )
            raise CannotAskError(message, f"where it has an auth_query, say so in the inventory (pooler: auth_query); {_TWO}")

    def _assert_let_in(self, value: SecretValue) -> None:
        direct = self._access.direct(value)
        if not self._access.logs_in(direct):
            message = f"{direct.place} refuses the password that {self.kind.user} was just given"
            raise BrokenError(message, "see what else sets it, and pg_hba.conf", retry=True, tries=2)
