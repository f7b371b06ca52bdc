"""A login that is rotated under a simulated application, and every call of the rotation as a moment at which it can be struck."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from tests.lab import Lab
from upkeep.errors import BrokenError, UpkeepError
from upkeep.rotation.kinds.command import CommandKind, Commands
from upkeep.rotation.kinds.generated import Generated
from upkeep.rotation.kinds.postgres_users import PostgresUsers, PostgresUsersKind
from upkeep.rotation.outcome import Policy
from upkeep.rotation.rotate import Rotator
from upkeep.rotation.rotation import Rotation
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import Service
from upkeep.rotation.slots import SlotStore
from upkeep.rotation.stages import SecretStore, Stage
from upkeep.rotation.stores.file import SecretFiles
from upkeep.rotation.stores.parameter_store import Parameters
from upkeep.rotation.stores.secrets_manager import LABELS, SecretsManager

GRACE, MAX_AGE, LEAP = timedelta(hours=24), timedelta(days=90), timedelta(days=10)
FIRST = "the-first-password-0123456789"
FAULTS = ("SIGKILL before", "SIGKILL after", "away", "answer lost", "clock ahead", "clock behind")
STORES = ("text file", "manifest", "secrets_manager", "parameter_store")
WORDS = {"install": "add", "prove": "try", "retire": "drop"}
READS = (
    "get",
    "get_parameter",
    "get_secret_value",
    "describe_secret",
    "identity",
    "separate",
    "check",
    "accepts",
    "newest",
    "uses",
)
KINDS = ("postgres_users", "generated", "command")


TOKENS = """
value=$(cat); test -e "$2" || : >> "$2"
case "$1" in
try) grep -qxF -e "$value" "$2" ;;
add) { grep -vxF -e "$value" "$2"; printf '%s\\n' "$value"; } > "$2.new"; mv "$2.new" "$2" ;;
drop) grep -vxF -e "$value" "$2" > "$2.new"; mv "$2.new" "$2" ;;
esac
"""
"""A service with tokens: those that a file has are accepted."""


class KilledError(BaseException):
    """The process is gone: nothing of ours catches it."""


@dataclass
class Watch:
    """Every call that is made, and the one that is struck."""

    calls: list[str] = field(default_factory=list)
    number: int | None = None
    fault: str = ""
    looks: Callable[[], None] = lambda: None
    leap: Callable[[timedelta], None] = lambda _: None

    def call(self, name: str, work: Callable[[], Any]) -> Any:
        """Make it; the application looks after what changes something, which is before the next."""
        number = len(self.calls)
        self.calls.append(name)
        if self.number is not None and number >= self.number and self.fault == "away":
            raise BrokenError(f"{name}: away", retry=True)
        struck = number == self.number
        if struck and self.fault == "SIGKILL before":
            raise KilledError
        result = work()
        if name.rpartition(".")[2] not in READS:
            self.looks()
        if struck and self.fault == "SIGKILL after":
            raise KilledError
        if struck and self.fault == "answer lost":
            raise BrokenError(f"{name}: no answer", retry=True)
        if struck and self.fault.startswith("clock"):
            self.leap(LEAP if self.fault == "clock ahead" else -LEAP)
        return result


class Watched:
    """Anything, whose methods are calls of a watch."""

    def __init__(self, what: Any, watch: Watch, name: str) -> None:
        self._what, self._watch, self._name = what, watch, name

    def __getattr__(self, name: str) -> Any:
        """A method that is watched; what is no method is as it is."""
        found = getattr(self._what, name)
        if not callable(found) or name in {"claimed", "now"}:
            return found
        return lambda *args, **named: self._watch.call(f"{self._name}.{name}", lambda: found(*args, **named))


@dataclass
class MemoryLog:
    """Rows of rotations, in memory; its clock is the true one."""

    true: Callable[[], datetime]
    rows: dict[str, Rotation] = field(default_factory=dict)

    @property
    def asked_at(self) -> datetime:
        """Now."""
        return self.true()

    def now(self) -> datetime:
        """Now."""
        return self.true()

    def claimed(self, secret: str) -> AbstractContextManager[None]:
        """Nobody else is there."""
        assert secret
        return nullcontext()

    def newest(self, secret: str) -> Rotation | None:
        """The one that began last."""
        return next(iter(self.past(secret)), None)

    def past(self, secret: str) -> list[Rotation]:
        """The newest first."""
        return [row for row in reversed(self.rows.values()) if row.secret == secret]

    def put(self, rotation: Rotation) -> None:
        """By id."""
        self.rows[rotation.id] = rotation


@cache
def aws(service: str) -> Any:
    """A client of moto's. It outlives a test, since reading what botocore knows of a service takes longer than most tests."""
    return boto3.client(service, region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")


def first_value(lab: Lab | None, kind: str) -> SecretValue:
    """What the application has before any rotation."""
    if kind != "postgres_users" or lab is None:
        return SecretValue({"value": FIRST, "note": "stays"})
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


def put_first(store: str, folder: Path, value: SecretValue) -> Callable[[Watch], SecretStore]:
    """A store that has this value; the function opens it for a watch."""
    if store == "secrets_manager":
        aws("secretsmanager").create_secret(Name="shop", SecretString=value.text)
        return lambda watch: SecretsManager(Watched(aws("secretsmanager"), watch, "store"), "shop")
    if store == "parameter_store":
        aws("ssm").put_parameter(Name="/shop", Value=value.text, Type="SecureString")
        return lambda watch: SlotStore(Watched(Parameters(aws("ssm"), "/shop"), watch, "store"))
    path = folder / "shop.secret"
    if store == "manifest":
        path.write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: shop}\nstringData: " + json.dumps(dict(value.fields)))
    else:
        path.write_text(value.text)
    return lambda watch: SlotStore(Watched(SecretFiles(path, kubernetes=store == "manifest"), watch, "store"))


@dataclass
class World:
    """One secret with its application. `failed` are logins that the application made in vain."""

    lab: Lab | None
    kind: str
    folder: Path
    opened: Callable[[Watch], SecretStore]
    watch: Watch = field(default_factory=Watch)
    true_time: datetime = field(default_factory=lambda: datetime.now(UTC))
    leapt: timedelta = timedelta(0)
    max_age: timedelta = MAX_AGE
    failed: list[str] = field(default_factory=list)
    cached: list[SecretValue] = field(default_factory=list)
    log: MemoryLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = MemoryLog(lambda: self.true_time)
        self.first = self.current

    @property
    def store(self) -> SecretStore:
        """The store, not watched."""
        return self.opened(Watch())

    @property
    def current(self) -> SecretValue:
        """What applications read now."""
        found = self.store.read(Stage.CURRENT)
        assert found
        return found.value

    @property
    def service(self) -> Service:
        """The service, not watched."""
        if self.kind == "generated":
            return Generated("value")
        if self.kind == "command":
            return tokens(self.folder)
        assert self.lab
        kind = PostgresUsersKind(kind="postgres_users", connection="admin", users=users(self.lab))
        return PostgresUsers(kind, self.lab.endpoint)

    def look(self) -> None:
        """The application reads the secret and logs in; so does one that kept what it read before."""
        if self.current not in self.cached:
            self.cached.append(self.current)
        for value in self.cached:
            if self.kind == "postgres_users":
                self._log_in(value)
            elif self.kind == "command" and value.text not in (self.folder / "tokens").read_text().splitlines():
                self.failed.append(f"{len(self.watch.calls)} {self.watch.calls[-1:]}: refused")

    def _log_in(self, value: SecretValue) -> None:
        place, fields = self.lab.endpoint if self.lab else None, value.fields
        assert place
        try:
            replace(place, user=fields["username"], password=fields["password"], database=fields["dbname"]).connect(
                "shop"
            ).close()
        except UpkeepError as error:
            self.failed.append(f"{len(self.watch.calls)} {self.watch.calls[-1:]}: {error}")

    def leap(self, by: timedelta) -> None:
        """This machine's clock jumps; that of the report database does not."""
        self.leapt = by

    def pass_time(self, time: timedelta) -> None:
        """Time goes on, for longer than applications keep what they read."""
        self.true_time += time
        self.cached.clear()

    def rotator(self, number: int | None = None, fault: str = "", *, applied: bool = True) -> Rotator:
        """A rotator that is struck at its call of this number; without one it is not."""
        self.watch = Watch(number=number, fault=fault, looks=self.look if applied else lambda: None, leap=self.leap)
        self.leapt = timedelta(0)
        log: Any = Watched(self.log, self.watch, "log")
        service: Any = Watched(self.service, self.watch, "service")
        policy = Policy(self.max_age, GRACE)
        return Rotator("shop", self.opened(self.watch), service, log, policy, lambda: self.true_time + self.leapt)

    def legal(self) -> list[str]:
        """What is wrong with the labels: at any end nothing is pending, or what is pending is what is current."""
        store = self.store
        if isinstance(store, SecretsManager):
            stages = store.client.describe_secret(SecretId="shop")["VersionIdsToStages"]
            pending = [labels for labels in stages.values() if LABELS[Stage.PENDING] in labels]
            return [f"labels {labels}" for labels in pending if LABELS[Stage.CURRENT] not in labels]
        left = store.read(Stage.PENDING)
        return ["a pending value is left"] if left and left.value != self.current else []

    def left(self) -> list[str]:
        """What is left after all reruns, where even a legal pending value is too much."""
        return ["a pending value is left"] if self.store.read(Stage.PENDING) else []


@contextmanager
def world(lab: Lab | None, folder: Path, kind: str, store: str) -> Iterator[World]:
    """A fresh one."""
    from moto import mock_aws

    if lab and kind == "postgres_users":
        prepare(lab)
    with mock_aws():
        first = first_value(lab, kind)
        opened = put_first(store, folder, first)
        made = World(lab, kind, folder, opened)
        if kind == "command":
            made.service.install(made.first)
        yield made


def strike(made: World, number: int, fault: str) -> list[str]:
    """Rotate, struck at one call; run again; let the grace time pass; run again. What does not hold, in words."""
    with suppress(KilledError, UpkeepError):
        made.rotator(number, fault).advance("by hand")
    if made.current == made.first:
        made.rotator().advance("by hand")
    wrong = [*made.legal(), *(["it was not rotated"] if made.current == made.first else [])]
    second = made.current
    made.rotator().advance()
    made.pass_time(GRACE + timedelta(minutes=1))
    made.look()
    made.rotator().advance()
    made.rotator().advance()
    wrong += ["it was rotated twice"] if made.current != second else []
    wrong += [] if made.service.is_dead(made.first) else ["the old value still works"]
    newest = made.log.newest("shop")
    wrong += [] if newest and newest.dead_at and newest.state.value == "rotated" else [f"the row says {newest}"]
    return [*wrong, *made.legal(), *made.left(), *made.failed]
