"""Every call of a rotation as a moment at which it can be struck, and its rows in memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from upkeep.errors import BrokenError
from upkeep.rotation.rotation import Rotation

LEAP = timedelta(days=10)
FAULTS = ("SIGKILL before", "SIGKILL after", "away", "answer lost", "clock ahead", "clock behind")
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
    "list_access_keys",
    "get_access_key_last_used",
    "list_user_tags",
    "get_user",
)


class KilledError(BaseException):
    """The process is gone: nothing of ours catches it."""


@dataclass
class Watch:
    """Every call that is made, and the one that is struck, by its number or its name."""

    calls: list[str] = field(default_factory=list)
    number: int | str | None = None
    fault: str = ""
    looks: Callable[[], None] = lambda: None
    leap: Callable[[timedelta], None] = lambda _: None

    def call(self, name: str, work: Callable[[], Any]) -> Any:
        """Make it; the application looks after what changes something, which is before the next."""
        number = len(self.calls)
        self.calls.append(name)
        if isinstance(self.number, int) and number >= self.number and self.fault == "away":
            raise BrokenError(f"{name}: away", retry=True)
        struck = self.number in (number, name)
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

    @property
    def unwatched(self) -> Any:
        """What is watched."""
        return self._what


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
        mine = [row for row in reversed(self.rows.values()) if row.secret == secret]
        return sorted(mine, key=lambda row: row.begun_at, reverse=True)

    def put(self, rotation: Rotation) -> None:
        """By id."""
        self.rows[rotation.id] = rotation
