"""Where the signals of a service are read, and what each kind of place tells."""

from dataclasses import dataclass, field
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minutes
from upkeep.sources.connections import Connections
from upkeep.window import Window

SHARES = (0.5, 0.95, 0.99)
"""The percentiles that every place tells where it can."""


@dataclass(frozen=True, slots=True)
class Told:
    """
    What a place knows of a service over a window.

    `latency` has one entry for each of `SHARES` that can be told, none without requests. `notes` say what a reader must know,
    such as lines that could not be read.
    """

    minutes: Minutes
    latency: tuple[Percentile, ...] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class EndpointTold:
    """One endpoint (method and route, without ids) over a window. Times are seconds; `total_s` is None where no time is known."""

    endpoint: str
    requests: int
    errors: int
    total_s: float | None
    latency: tuple[Percentile, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointsTold:
    """Each endpoint over a window, and the share of its minutes that were seen."""

    coverage: float
    each: tuple[EndpointTold, ...]


class Signals(Protocol):
    """
    An opened place.

    Each method raises BrokenError when it is away or answers in part, and CannotAskError for what a person has to change: a
    right, a name, a format, a window that the place does not reach back to.
    """

    def check(self) -> str:
        """One line on what is there, for doctor. Nothing of it is judged."""
        ...

    def tell(self, window: Window, slow_s: float) -> Told:
        """Minutes and latency of the window; `slow` counts answers later than `slow_s` where that can be told."""
        ...

    def endpoints(self, window: Window) -> EndpointsTold:
        """Each endpoint, by one reading. Raises CannotAskError where the place does not tell them apart."""
        ...


class SignalPlace(BaseModel):
    """What the inventory says of a place. Subclasses are the kinds, one file each, told apart by a literal field `kind`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @property
    def described(self) -> str:
        """The place in a few words, for messages."""
        raise NotImplementedError

    def open(self, connections: Connections) -> Signals:
        """Open it; nothing is asked yet."""
        raise NotImplementedError
