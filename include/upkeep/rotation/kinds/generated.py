"""Any generated value that nothing has to be told of: those who read it from the store use it from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from upkeep.errors import CannotAskError
from upkeep.rotation.secret_value import SecretValue, new_password
from upkeep.rotation.service import KeepsNothing, Kind, Service, Use
from upkeep.sources.connections import Connections


class GeneratedKind(Kind):
    """A random value, such as a signing key of which readers know the one before too."""

    kind: Literal["generated"]
    field: str = Field(default="value", description="Field of the secret that has it; a plain secret has none")

    @property
    def described(self) -> str:
        """What it is."""
        return "a generated value"

    def open(self, connections: Connections) -> Service:  # noqa: ARG002 - nothing is asked
        """Nothing to reach."""
        return Generated(self.field)


@dataclass(frozen=True, slots=True)
class Generated(KeepsNothing):
    """Only the store changes, so that what is proven is that the store gives the new value back."""

    field: str

    def identity(self, value: SecretValue) -> str:  # noqa: ARG002 - it has none
        """All are alike."""
        return "generated value"

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Any other value."""
        return old.get(self.field) != current.get(self.field)

    def check(self, current: SecretValue) -> None:
        """The field must be there: what is generated replaces a value, and invents no field."""
        current.get(self.field)

    def propose(self, current: SecretValue) -> SecretValue:
        """256 random bits."""
        return current.replaced(**{self.field: new_password()})

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """Any other value."""
        if pending.get(self.field) == current.get(self.field):
            raise CannotAskError(
                "what is pending is what is current", "stop the other rotator, and take its pending value out of the store"
            )

    def install(self, pending: SecretValue) -> None:
        """Nobody has to be told."""

    def prove(self, pending: SecretValue, current: SecretValue) -> None:
        """It was read back from the store already."""

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:  # noqa: ARG002 - nobody knows
        """Nobody can say."""
        return ()

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:
        """Nothing refuses it: its readers no longer know it."""

    def is_dead(self, old: SecretValue) -> bool:  # noqa: ARG002 - there is nothing to try
        """No service could be asked, so that its grace time is all there is."""
        return True
