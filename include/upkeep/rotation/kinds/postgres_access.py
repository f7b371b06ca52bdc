"""Where the login of a secret goes: to the place that its application has, and to the server itself, past any pooler."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.kinds import postgres_login as logins
from upkeep.rotation.kinds.postgres_login import APPLICATION, Server, altering, is_refused, server_of
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import Use
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg

_USES = (Path(__file__).parent / "postgres_uses.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Access:
    """A server by the login that may alter others, `admin`, and the fields of a secret that have user and password."""

    admin: Endpoint
    username: str
    password: str

    def user(self, value: SecretValue, known: Sequence[str]) -> str:
        """Whose login it is. Raises CannotAskError for one that is none of those known."""
        user = value.get(self.username)
        if user not in known:
            message = f"the secret is of user {user}, and the inventory names {' and '.join(known)}"
            raise CannotAskError(message, "correct the inventory, or the secret in its store")
        return user

    def application(self, value: SecretValue) -> Endpoint:
        """Where the application goes, and as whom."""
        where = {name: str(value.fields[name]) for name in ("host", "dbname") if value.fields.get(name)}
        return Endpoint(
            where.get("host", self.admin.host), logins.port_of(value) or self.admin.port, value.get(self.username),
            value.get(self.password), where.get("dbname", self.admin.database), {**self.admin.options, **logins.tls(value)},
        )  # fmt: skip

    def direct(self, value: SecretValue) -> Endpoint:
        """The same login at the server itself."""
        return replace(self.application(value), host=self.admin.host, port=self.admin.port)

    def session(self, database: str | None = None) -> "psycopg.Connection[Any]":
        """One of the login that may alter others."""
        return replace(self.admin, database=database or self.admin.database).connect(APPLICATION)

    def logs_in(self, place: Endpoint) -> bool:
        """Whether it is let in. Raises BrokenError where that cannot be told."""
        return not self.refusal(place)

    def refusal(self, place: Endpoint) -> str:
        """Why it is not let in, "" when it is. Raises BrokenError where that cannot be told."""
        try:
            place.connect(APPLICATION).close()
        except BrokenError as error:
            if not is_refused(error):
                raise
            return str(error)
        return ""

    def entered(self, current: SecretValue) -> str | None:
        """The database in which the application works, None where it is refused. Raises CannotAskError as `proven` does."""
        user = current.get(self.username)
        try:
            with self.application(current).connect(APPLICATION) as application:
                there = server_of(application)
        except BrokenError as error:
            if not is_refused(error):
                raise
            for named in logins.REFUSED_USER.findall(str(error)):
                _assert_itself(named, user)
            return None
        self._assert_expected(there, current)
        return there.database

    def proven(self, pending: SecretValue) -> Server:
        """What a login where the application goes says. Raises CannotAskError for another server, or as somebody else."""
        with self._as_application(pending) as application:
            theirs = server_of(application)
        self._assert_expected(theirs, pending)
        return theirs

    def set_password(self, session: "psycopg.Connection[Any]", value: SecretValue, *, login: bool) -> None:
        """By a verifier that is computed here, with the server's own iterations; with `login` the user may log in from now on."""
        user, password = value.get(self.username), value.get(self.password)
        verifier = session.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256").decode()
        with altering(session, user):
            session.execute(logins.give_password(user, verifier, login=login))

    def uses(self, user: str, since: "datetime | None" = None) -> list[Use]:
        """Its open sessions by application and address, each with the first since then, where it has one."""
        with self.session() as session, translate_errors():
            return [Use(*row) for row in session.execute(_USES.encode(), {"user": user, "since": since}).fetchall()]

    def _assert_expected(self, theirs: Server, value: SecretValue) -> None:
        _assert_itself(theirs.user, value.get(self.username))
        with self.session(theirs.database) as session:
            ours = server_of(session)
        if ours.started_at != theirs.started_at:
            message = f"{self.application(value).place} is another server than {self.admin.place}"
            raise CannotAskError(message, "correct host and port in the secret, or the connection in the inventory")

    def _as_application(self, pending: SecretValue) -> "psycopg.Connection[Any]":
        """A session where the application logs in. Raises CannotAskError for a pooler that has passwords in a file of its own."""
        place, user = self.application(pending), pending.get(self.username)
        try:
            return place.connect(APPLICATION)
        except BrokenError as error:
            if not is_refused(error) or not self.logs_in(self.direct(pending)):
                raise
        message = (
            f"{place.place} refuses {user}, whom the server itself lets in: a pooler there has passwords in a file of its own"
        )
        raise CannotAskError(message, logins.userlist(user)) from None


def _assert_itself(became: str, user: str) -> None:
    """Raise CannotAskError where a login becomes another user: what the secret says then opens nothing."""
    if became != user:
        message = f"a login as {user} becomes {became}: a pooler has a forced user, or a map decides"
        raise CannotAskError(message, "take user= out of the pooler's line of the database, and use its auth_query")
