"""A secret that a system uses: where it is kept, what it opens, how old it may become."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias, Union

from pydantic import Field, model_validator

from upkeep.errors import UpkeepError
from upkeep.field_types import Seconds
from upkeep.need import Need
from upkeep.rotation.ending import Say
from upkeep.rotation.no_core import without_core
from upkeep.rotation.outcome import Policy
from upkeep.rotation.registry import places, services
from upkeep.rotation.rotate import Rotator
from upkeep.rotation.rotation import RotationLog
from upkeep.rotation.service import Kind
from upkeep.rotation.stages import Place, SecretStore, Stage
from upkeep.sources.connections import Connections
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.target import Target

if TYPE_CHECKING:
    Kept: TypeAlias = Place
    Opens: TypeAlias = Kind
else:
    Kept = Annotated[Union[places()], Field(discriminator="kind")]  # noqa: UP007 - made of what was found
    Opens = Annotated[Union[services()], Field(discriminator="kind")]  # noqa: UP007 - made of what was found


class Secret(Target):
    """One secret. Its value is in its store only: never in the inventory, a row, a message or a log."""

    section: ClassVar[str] = "secrets"

    store: Kept = Field(description="Where it is kept")
    opens: Opens = Field(description="What it opens, and how that is told of a new one")
    max_age: Seconds = Field(default=90 * 86_400, description="Age from which it is rotated, such as 90 d")
    grace: Seconds = Field(default=86_400, description="How long the old value still works, such as 24 h")
    cache: Seconds = Field(default=300, description="For how long applications keep what they read, such as 5 min")

    @model_validator(mode="after")
    def _outlives_caches(self) -> "Secret":
        if self.grace <= self.cache:
            raise ValueError("grace must be longer than cache: applications would go on with a value that no longer works")
        if self.max_age <= self.grace:
            raise ValueError("max_age must be longer than grace: a value would be due while the one before it still works")
        return self

    def opened(self, connections: Connections) -> SecretStore:
        """Its store; from now on this process leaves no core file, in which its values would stand. Nothing is asked yet."""
        without_core()
        return self.store.open(connections)

    def rotator(self, connections: Connections, log: RotationLog, say: Say) -> Rotator:
        """What rotates it; nothing is asked yet."""
        policy = Policy(timedelta(seconds=self.max_age), timedelta(seconds=self.grace))
        store, service = self.opened(connections), self.opens.open(connections)
        return Rotator(self.name, store, service, log, policy, lambda: datetime.now(UTC), say)

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:  # noqa: ARG002 - rights are found by asking
        """Read the secret, and see whether rotating it would do harm. Nothing is changed, and no value is shown."""
        try:
            store, service = self.opened(connections), self.opens.open(connections)
            store.check()
            current = store.read(Stage.CURRENT)
            if current is not None:
                service.check(current.value)
        except UpkeepError as error:
            yield self._no(str(error), getattr(error, "remedy", ""))
            return
        if current is None:
            yield self._no(f"{self.store.described} has no current value", "put the value that works there")
            return
        text = f"{self.store.described} opens {self.opens.described}; {service.identity(current.value)} is current"
        yield Diagnosis(subject=self.name, about="rotation", level=Level.OK, text=text, field="store")

    def _no(self, text: str, remedy: str) -> Diagnosis:
        return Diagnosis(subject=self.name, about="rotation", level=Level.NO, text=text, remedy=remedy, field="store", unmet=None)
