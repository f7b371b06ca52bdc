"""A secret that is rotated under a simulated application, and struck at each of its calls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.lab import Lab
from tests.rotation.places import STORES, aws, put_first
from tests.rotation.scenes import FIRST, KINDS, Scene, first_value, prepare, scene_of, tokens, users
from tests.rotation.watch import FAULTS, KilledError, MemoryLog, Watch, Watched
from upkeep.errors import UpkeepError
from upkeep.rotation.outcome import Policy
from upkeep.rotation.rotate import Rotator
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import Service
from upkeep.rotation.stages import SecretStore, Stage
from upkeep.rotation.stores.secrets_manager import LABELS, SecretsManager

__all__ = [
    "BACK", "FAULTS", "FIRST", "KINDS", "PHASES", "STORES", "KilledError", "Watch", "World", "aws", "first_value", "go_on",
    "prepare", "put_first", "roll_back", "strike", "strike_back", "tokens", "users", "world",
]  # fmt: skip

GRACE, MAX_AGE = timedelta(hours=24), timedelta(days=90)


@dataclass
class World:
    """One secret with its application. `failed` are logins that the application made in vain."""

    scene: Scene
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
        made: Any = self.scene.service(Watch())
        return getattr(made, "unwatched", made)  # type: ignore[no-any-return]

    def look(self) -> None:
        """The application reads the secret and logs in; so does one that kept what it read before."""
        if self.current not in self.cached:
            self.cached.append(self.current)
        refused = filter(None, map(self._refused, self.cached))
        self.failed += [f"{len(self.watch.calls)} {self.watch.calls[-1:]}: {why}" for why in refused]

    def _refused(self, value: SecretValue) -> str:
        """Why an application that has this value does not get in: it may be one that reads again and tries what is pending."""
        why = self.scene.refused(value)
        if not why or not self.scene.tries_pending:
            return why
        read = (self.store.read(Stage.CURRENT), self.store.read(Stage.PENDING))
        return why if all(self.scene.refused(each.value) for each in read if each) else ""

    def leap(self, by: timedelta) -> None:
        """This machine's clock jumps; that of the report database does not."""
        self.leapt = by

    def pass_time(self, time: timedelta) -> None:
        """Time goes on, for longer than applications keep what they read."""
        self.true_time += time
        self.scene.pass_time(time.total_seconds())
        self.cached.clear()

    def rotator(self, number: int | str | None = None, fault: str = "", *, applied: bool = True) -> Rotator:
        """A rotator that is struck at its call of this number or name; without one it is not."""
        self.watch = Watch(number=number, fault=fault, looks=self.look if applied else lambda: None, leap=self.leap)
        self.leapt = timedelta(0)
        log: Any = Watched(self.log, self.watch, "log")
        service = self.scene.service(self.watch)
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

    with mock_aws():
        scene = scene_of(kind, lab, folder)
        yield World(scene, folder, put_first(store, folder, scene.first()))


PHASES = ("rotate", "end", "remove")


def go_on(made: World, phase: str, number: int | None = None, fault: str = "") -> None:
    """One run of the daily job when it is time for this phase, struck at a call or not."""
    if phase != "rotate":
        made.pass_time(GRACE + timedelta(minutes=1))
        made.look()
    made.rotator(number, fault).advance("by hand" if phase == "rotate" else None)


def strike(made: World, struck: str, number: int, fault: str) -> list[str]:
    """All phases of a rotation, one of which is struck at one call and run again. What does not hold, in words."""
    wrong: list[str] = []
    for phase in PHASES:
        with suppress(KilledError, UpkeepError) if phase == struck else nullcontext():
            go_on(made, phase, *((number, fault) if phase == struck else ()))
        made.scene.pass_time(60)  # until somebody runs it again
        made.rotator().advance("by hand" if made.current == made.first else None)
        wrong += [f"{phase}: {each}" for each in made.legal()]
        wrong += [] if made.current != made.first else [f"{phase}: it was not rotated"]
    wrong += _ended(made)
    return [*wrong, *made.legal(), *made.left(), *made.failed]


BACK = "roll back"


def roll_back(made: World, number: int | None = None, fault: str = "") -> None:
    """A rotation that was killed before its proven value became current is taken back, struck at a call or not."""

    def killed(step: str) -> None:
        if step == "make it current":
            raise KilledError

    made.look()
    with suppress(KilledError):
        replace(made.rotator(), say=killed).advance("by hand")
    made.scene.pass_time(60)
    made.rotator(number, fault).roll_back()


def strike_back(made: World, number: int, fault: str, *, goes_on: bool) -> list[str]:
    """A taking back that is struck at one call. Then somebody takes it back again, or it `goes_on` as the daily job does."""
    with suppress(KilledError, UpkeepError):
        roll_back(made, number, fault)
    made.scene.pass_time(60)
    made.look()
    if made.store.read(Stage.PENDING) and not goes_on:
        made.rotator().roll_back()
    wrong = [] if goes_on else made.left()
    wrong += [] if goes_on or made.current == made.first else ["another value is current"]
    for phase in PHASES:
        go_on(made, phase)
    return [*wrong, *_ended(made), *made.legal(), *made.left(), *made.failed]


def _ended(made: World) -> list[str]:
    """What is wrong with the old value and its row at the end."""
    wrong = [] if made.service.is_dead(made.first) else ["the old value still works"]
    newest, rows = made.log.newest("shop"), made.log.rows.values()
    wrong += [] if newest and newest.dead_at and newest.state.value == "rotated" else [f"the row says {newest}"]
    wrong += [] if sum(bool(row.promoted_at) for row in rows) == 1 else ["it was rotated twice"]
    return wrong
