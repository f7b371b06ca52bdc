"""What a kind of secret does: makes the next value, has the service accept it, proves it, and ends the old one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from upkeep.errors import BrokenError
from upkeep.rotation.secret_value import SecretValue
from upkeep.sources.connections import Connections


class RefusedError(BrokenError):
    """The service does not take this value. It is forgotten, so that the next run tries another instead of the same for ever."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy, retry=True, tries=2)


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody who is known to use a value: `who` for people, since when and until when as far as the service says."""

    who: str
    since: datetime | None = None
    last: datetime | None = None

    @property
    def consumer(self) -> str:
        """Who it is, without how often or when."""
        return self.who.partition(", ")[0]


class Service(Protocol):
    """
    The service that a secret opens. Every method may be called again after it was cut off anywhere, and then ends right.

    Each raises CannotAskError for what a person has to change first, and BrokenError when the service is away.
    """

    def identity(self, value: SecretValue) -> str:
        """Whose secret it is, such as the login's name or the key's id; no secret itself."""
        ...

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Whether ending the old value leaves the current one alone. Raises for an old value that is not of this service."""
        ...

    def check(self, current: SecretValue) -> None:
        """Raise CannotAskError when rotating would do harm, before anything is done."""
        ...

    def propose(self, current: SecretValue) -> SecretValue:
        """A value to follow the current one, which nothing accepts yet unless the service makes its values itself."""
        ...

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """Raise CannotAskError when a pending value is none that `propose` could have made, such as another rotator's."""
        ...

    def install(self, pending: SecretValue) -> None:
        """
        Have the service accept it, beside the current one or in its place, which `restore` takes back.

        Raises RefusedError when it takes the value for a bad one.
        """
        ...

    def prove(self, pending: SecretValue, current: SecretValue) -> None:
        """Use it as the application does, and see that it may do what the current one may. Raises when not."""
        ...

    def restore(self, current: SecretValue) -> None:
        """Have the service accept the current value again, where a pending one took its place; that one is forgotten then."""
        ...

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:
        """Who still uses an old value, as far as the service knows; `since` is when another became current."""
        ...

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:
        """Have the service refuse it from now on."""
        ...

    def is_dead(self, old: SecretValue) -> bool:
        """Whether the service refuses it, found by trying."""
        ...

    def remove(self, old: SecretValue) -> None:
        """Forget what is left of a value, where it takes the place of a next one. One that is not refused yet is left alone."""
        ...


class Beside:
    """A service that accepts a pending value beside the current one."""

    __slots__ = ()

    def restore(self, current: SecretValue) -> None:
        """Nothing took its place."""


class KeepsNothing(Beside):
    """One in which nothing is left of a value that it refuses either."""

    __slots__ = ()

    def remove(self, old: SecretValue) -> None:
        """Nothing is left."""


class Kind(BaseModel):
    """What a secret opens, as the inventory says it. Each file of `kinds/` has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Whether nobody in `uses` means that nobody was there.
    tells_use: ClassVar[bool] = False

    def open(self, connections: Connections) -> Service:
        """The service; nothing is asked yet."""
        raise NotImplementedError

    @property
    def described(self) -> str:
        """The service for people."""
        raise NotImplementedError

    def outlives(self, ended_at: datetime) -> str:  # noqa: ARG002 - of most kinds nothing does
        """What was opened by a value that is known to others and lives on after its end, with what ends it; "" for nothing."""
        return ""
