"""What a rotation is told and what it tells: how old a value may become, and where a secret stands after a run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from upkeep.rotation.service import Use


@dataclass(frozen=True, slots=True)
class Policy:
    """How old a value may become, and for how long the one before it still works."""

    max_age: timedelta
    grace: timedelta


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    Where a secret stands after a run. `age` is that of its current value.

    `waits_until` is when the old one may be ended; `uses` are those who keep it from being ended, past that moment.
    """

    identity: str
    age: timedelta
    rotated: bool = False
    ended: str | None = None
    waits_until: datetime | None = None
    uses: tuple[Use, ...] = ()
