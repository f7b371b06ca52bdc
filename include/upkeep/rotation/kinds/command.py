"""Any secret whose service has commands of its own: tokens with two slots, keys, client certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from upkeep.errors import BrokenError, CannotAskError
from upkeep.humanize import plural
from upkeep.rotation.run_command import MOST_BYTES, run_command
from upkeep.rotation.secret_value import SecretValue, new_password
from upkeep.rotation.service import KeepsNothing, Kind, RefusedError, Service, Use
from upkeep.sources.connections import Connections


class CommandKind(Kind):
    """
    Commands as lists of arguments, run without a shell; each reads the secret's value on its standard input, and nowhere else.

    They end with 0 when it is done or accepted, with 1 when the service refuses the value, and with anything else when they
    could not tell. What they print is thrown away, since it may hold the value.
    """

    kind: Literal["command"]
    install: tuple[str, ...] = Field(min_length=1, description="Lets the service accept the value beside the current one")
    prove: tuple[str, ...] = Field(min_length=1, description="Uses the value as applications do: 0 works, 1 is refused")
    retire: tuple[str, ...] = Field(min_length=1, description="Lets the service refuse the value")
    make: tuple[str, ...] = Field(
        default=(), description="Prints the next value, and is given the current one; without it the field is generated"
    )
    field: str = Field(default="value", description="Field of the secret that is generated; a plain secret has none")
    timeout_s: float = Field(default=60, gt=0, le=600, description="Longest run of one command, seconds")

    @field_validator("install", "prove", "retire", "make")
    @classmethod
    def _whole_path(cls, args: tuple[str, ...]) -> tuple[str, ...]:
        if args and not Path(args[0]).is_absolute():
            raise ValueError("give the program's whole path, beginning with /")
        return args

    @property
    def described(self) -> str:
        """The program that lets the service accept a value."""
        return f"a service, by {self.install[0]}"

    def open(self, connections: Connections) -> Service:  # noqa: ARG002 - the commands have their own
        """The commands."""
        return Commands(self)


@dataclass(frozen=True, slots=True)
class Commands(KeepsNothing):
    """
    A service behind the commands of `kind`. Each may be run again with the same value, also after it was killed.

    The old value stays installed until `retire`, so that the service must accept two at a time.
    """

    kind: CommandKind

    def identity(self, value: SecretValue) -> str:  # noqa: ARG002 - whose it is only the service knows
        """All are alike."""
        return f"value by {Path(self.kind.install[0]).name}"

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Any other value."""
        return old != current

    def check(self, current: SecretValue) -> None:
        """The current value must work, else it could not be told whether a new one does."""
        if not self._accepts(current):
            raise CannotAskError(f"{self.kind.prove[0]} refuses the current value", "put the value that works into its store")

    def propose(self, current: SecretValue) -> SecretValue:
        """What `make` prints, else the current value with a field of 256 random bits."""
        if not self.kind.make:
            current.get(self.kind.field)
            return current.replaced(**{self.kind.field: new_password()})
        printed = self._run(self.kind.make, current).strip()
        if not printed or len(printed) >= MOST_BYTES:
            text = f"{self.kind.make[0]} printed {plural(len(printed), 'byte')} where the next value is expected"
            raise BrokenError(text, retry=False)
        return SecretValue.parse(printed)

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """Any other value."""
        if pending == current:
            raise CannotAskError(
                "what is pending is what is current", "stop the other rotator, and take its pending value out of the store"
            )

    def install(self, pending: SecretValue) -> None:
        """Run `install`."""
        self._run(self.kind.install, pending)

    def prove(self, pending: SecretValue, current: SecretValue) -> None:  # noqa: ARG002 - the command compares nothing
        """Run `prove`, which must accept it."""
        if not self._accepts(pending):
            raise BrokenError(f"{self.kind.prove[0]} refuses the value that was just installed", retry=True, tries=2)

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:  # noqa: ARG002 - nobody knows
        """Nobody can say."""
        return ()

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:  # noqa: ARG002 - the command decides
        """Run `retire`."""
        self._run(self.kind.retire, old)

    def is_dead(self, old: SecretValue) -> bool:
        """Whether `prove` is refused with it."""
        return not self._accepts(old)

    def _accepts(self, value: SecretValue) -> bool:
        try:
            self._run(self.kind.prove, value)
        except RefusedError:
            return False
        return True

    def _run(self, args: Sequence[str], value: SecretValue) -> str:
        return run_command(args, value.text, self.kind.timeout_s)
