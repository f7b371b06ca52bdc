"""What secrets open in these tests, one scene for each kind: a first value, the service, and an application that logs in."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from tests.lab import Lab
from tests.rotation.authority import DAYS, SHOP, Server, certify, pem, run_here
from tests.rotation.places import aws
from tests.rotation.slow_iam import USER, SlowIam
from tests.rotation.token_api import TokenApi
from tests.rotation.watch import Watch, Watched
from upkeep.errors import UpkeepError
from upkeep.rotation.client_certificate import is_admitted, read_pair
from upkeep.rotation.iam_user import IamUser
from upkeep.rotation.key_trial import KeyTrial
from upkeep.rotation.kinds.aws_access_key import AccessKeys, AwsAccessKeyKind
from upkeep.rotation.kinds.command import CommandKind, Commands
from upkeep.rotation.kinds.generated import Generated
from upkeep.rotation.kinds.postgres_user import PostgresUser, PostgresUserKind
from upkeep.rotation.kinds.postgres_users import PostgresUsers, PostgresUsersKind
from upkeep.rotation.kinds.tls_client_certificate import ClientCertificates
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import Service

FIRST = "the-first-password-0123456789"
WORDS = {"install": "add", "prove": "try", "retire": "drop"}


TOKENS = """
value=$(cat); test -e "$2" || : >> "$2"
case "$1" in
try) grep -qxF -e "$value" "$2" ;;
add) { grep -vxF -e "$value" "$2"; printf '%s\\n' "$value"; } > "$2.new"; mv "$2.new" "$2" ;;
drop) grep -vxF -e "$value" "$2" > "$2.new"; mv "$2.new" "$2" ;;
esac
"""
"""A service with tokens: those that a file has are accepted."""


class Scene(Protocol):
    """A kind of secret with an application that uses it."""

    def first(self) -> SecretValue:
        """What works before any rotation; made once."""
        ...

    def service(self, watch: Watch) -> Service:
        """The service, whose calls the watch counts."""
        ...

    def refused(self, value: SecretValue) -> str:
        """Why the application cannot use this value, "" when it can."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Time goes on, for services that have a clock of their own."""
        ...

    @property
    def tries_pending(self) -> bool:
        """Whether an application that is refused reads the secret again, and tries its pending value too."""
        ...


class Timeless:
    """A scene in which time changes nothing."""

    tries_pending = False

    def pass_time(self, seconds: float) -> None:
        """Nothing changes."""


class GeneratedScene(Timeless):
    """A value that nothing is told of."""

    def first(self) -> SecretValue:
        """With a field beside it."""
        return SecretValue({"value": FIRST, "note": "stays"})

    def service(self, watch: Watch) -> Service:
        """Watched as a whole."""
        return watched(Generated("value"), watch)

    def refused(self, value: SecretValue) -> str:  # noqa: ARG002 - there is nothing to log in to
        """Never."""
        return ""


@dataclass
class CommandScene(Timeless):
    """Tokens in a file."""

    folder: Path

    def first(self) -> SecretValue:
        """One that is in the file."""
        value = SecretValue({"value": FIRST, "note": "stays"})
        tokens(self.folder).install(value)
        return value

    def service(self, watch: Watch) -> Service:
        """Watched as a whole."""
        return watched(tokens(self.folder), watch)

    def refused(self, value: SecretValue) -> str:
        """When it is not in the file."""
        return "" if value.text in (self.folder / "tokens").read_text().splitlines() else "refused"


@dataclass
class PostgresScene(Timeless):
    """Two users of a real server."""

    lab: Lab

    def first(self) -> SecretValue:
        """The first user can log in."""
        prepare(self.lab)
        return first_value(self.lab)

    def service(self, watch: Watch) -> Service:
        """Watched as a whole."""
        kind = PostgresUsersKind(kind="postgres_users", connection="admin", users=users(self.lab))
        return watched(PostgresUsers(kind, self.lab.endpoint), watch)

    def refused(self, value: SecretValue) -> str:
        """By a login."""
        fields = value.fields
        place = replace(self.lab.endpoint, user=fields["username"], password=fields["password"], database=fields["dbname"])
        try:
            place.connect("shop").close()
        except UpkeepError as error:
            return str(error)
        return ""


@dataclass
class PostgresUserScene(PostgresScene):
    """One user, which owns what it works with."""

    tries_pending = True

    def first(self) -> SecretValue:
        """It owns a table."""
        value = super().first()
        self.lab.run(f'alter table orders owner to "{users(self.lab)[0]}"')
        return value

    def service(self, watch: Watch) -> Service:
        """Watched as a whole."""
        opens = {"kind": "postgres_user", "connection": "admin", "user": users(self.lab)[0], "when_refused": "try_pending"}
        return watched(PostgresUser(PostgresUserKind.model_validate(opens), self.lab.endpoint), watch)


@dataclass
class AccessKeyScene:
    """Keys of an IAM user, each change of which AWS sees late. Each call of IAM is one of the watch."""

    tries_pending = False
    iam: SlowIam = field(default_factory=lambda: SlowIam(aws("iam")))

    def first(self) -> SecretValue:
        """A key that works for long."""
        self.iam.moto.create_user(UserName=USER)
        made = self.iam.create_access_key(UserName=USER)["AccessKey"]
        self.iam.sleep(3600)
        return SecretValue(
            {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"], "region": "eu-central-1"}
        )

    def service(self, watch: Watch) -> Service:
        """By a watched client."""
        kind = AwsAccessKeyKind(kind="aws_access_key", user=USER)
        client: Any = Watched(self.iam, watch, "iam")
        return AccessKeys(kind, IamUser(client, USER), KeyTrial(self.iam.whoami, self.iam.sleep))

    def refused(self, value: SecretValue) -> str:
        """By a call with the key, without a second try."""
        fields = value.fields
        known = self.iam.whoami(fields["aws_access_key_id"], fields["aws_secret_access_key"], "s3")
        return "" if known else "InvalidClientTokenId"

    def pass_time(self, seconds: float) -> None:
        """AWS's clock goes on."""
        self.iam.sleep(seconds)


@dataclass
class TokenScene(Timeless):
    """Two slots of an HTTP API. Each request of its administrator is one call."""

    api: TokenApi = field(default_factory=lambda: TokenApi({"primary": "token-0-of-primary"}))

    def first(self) -> SecretValue:
        """In the first slot."""
        return SecretValue({"slot": "primary", "token": "token-0-of-primary", "note": "stays"})

    def service(self, watch: Watch) -> Service:
        """By a watched administrator."""
        made = self.api.service()
        admin: Any = Watched(made.admin, watch, "api")
        return replace(made, admin=admin)

    def refused(self, value: SecretValue) -> str:
        """When it is in no slot."""
        return "" if value.fields["token"] in self.api.slots.values() else "401"


@dataclass
class CertificateScene(Timeless):
    """A certificate that a real server asks for."""

    server: Server

    def first(self) -> SecretValue:
        """One that ends soon."""
        key = ec.generate_private_key(ec.SECP256R1())
        (self.server.folder / DAYS).write_text("30")
        chain = certify(self.server.folder, SHOP, key.public_key())
        (self.server.folder / DAYS).write_text("90")
        return SecretValue({"tls.crt": chain.decode(), "tls.key": pem(key).decode()})

    def service(self, watch: Watch) -> Service:
        """Watched as a whole."""
        return watched(ClientCertificates(self.server.kind, run_here), watch)

    def refused(self, value: SecretValue) -> str:
        """By a handshake."""
        pair = read_pair(value.fields["tls.crt"], value.fields["tls.key"])
        admitted = is_admitted("localhost", self.server.port, self.server.kind.authority, pair)
        return "" if admitted else "certificate revoked"


def watched(service: Service, watch: Watch) -> Service:
    """Each method is one call."""
    made: Any = Watched(service, watch, "service")
    return made  # type: ignore[no-any-return]


def first_value(lab: Lab) -> SecretValue:
    """What the application has before any rotation."""
    place = lab.endpoint
    fields = {"host": place.host, "port": str(place.port), "dbname": lab.database}
    return SecretValue({"username": users(lab)[0], "password": FIRST, **fields})


def users(lab: Lab) -> tuple[str, str]:
    """The two users, whose names carry the database's: roles are the server's."""
    return f"{lab.database}_a", f"{lab.database}_b"


def prepare(lab: Lab) -> None:
    """A role that owns, and two that stand for one application: the first can log in."""
    first, second = users(lab)
    owner = f"{lab.database}_owner"
    lab.run("drop table if exists orders")
    for role in (first, second, owner):
        if lab.value(f"select count(*) from pg_roles where rolname = '{role}'"):
            lab.run(f'drop owned by "{role}"')
            lab.run(f'drop role "{role}"')
    lab.run(f"""
        create role "{owner}" nologin;
        create role "{first}" login password '{FIRST}' in role "{owner}";
        create role "{second}" nologin in role "{owner}";
        create table orders (id int);
        alter table orders owner to "{owner}";
    """)


def tokens(folder: Path) -> Commands:
    """The service, by three commands."""
    program = folder / "tokens.sh"
    program.write_text(TOKENS)
    args = {name: ("/bin/sh", str(program), word, str(folder / "tokens")) for name, word in WORDS.items()}
    return Commands(CommandKind(kind="command", **args))


def scene_of(kind: str, lab: Lab | None, folder: Path) -> Scene:
    """The scene of a kind."""
    return SCENES[kind](lab, folder)


def _postgres(made: Callable[[Lab], Scene]) -> Callable[[Lab | None, Path], Scene]:
    """All is on the server."""

    def scene(lab: Lab | None, folder: Path) -> Scene:  # noqa: ARG001 - it needs none
        assert lab
        return made(lab)

    return scene


SCENES: dict[str, Callable[[Lab | None, Path], Scene]] = {
    "postgres_users": _postgres(PostgresScene),
    "postgres_user": _postgres(PostgresUserScene),
    "generated": lambda lab, folder: GeneratedScene(),  # noqa: ARG005 - it needs neither
    "aws_access_key": lambda lab, folder: AccessKeyScene(),  # noqa: ARG005 - it needs neither
    "token": lambda lab, folder: TokenScene(),  # noqa: ARG005 - it needs neither
    "tls_client_certificate": lambda lab, folder: CertificateScene(Server(folder)),  # noqa: ARG005 - it has a server of its own
    "command": lambda lab, folder: CommandScene(folder),  # noqa: ARG005 - it needs no server
}
KINDS = tuple(SCENES)
