"""Giving way: between two deletes, to replicas that are behind and to a server that has much to do."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from upkeep.archive.session import Session
from upkeep.duty import Deadline
from upkeep.errors import CannotAskError
from upkeep.humanize import plural, size

_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What pace.sql says."""

    lag_bytes: int
    unseen: int
    active: int


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits. Nothing is deleted while a replica is more than `lag_bytes` behind or more than `active` sessions work."""

    lag_bytes: float
    active: int
    deadline: Deadline
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep

    def give_way(self, session: Session) -> str | None:
        """
        Wait until the server has room again; why to stop when it has none until the deadline.

        Raises CannotAskError when a replica's place is hidden from the login.
        """
        while why := self._busy(session):
            if not self.deadline.allows(_LOOK_EVERY_S):
                return f"stopped for the time that the job has: {why}"
            self.say(f"waiting: {why}")
            self.sleep(_LOOK_EVERY_S)
        return "stopped for the time that the job has" if self.deadline.passed else None

    def _busy(self, session: Session) -> str | None:
        seen = session.rows("pace", Seen, {})[0]
        if seen.unseen:
            raise CannotAskError(
                f"how far {plural(seen.unseen, 'replica')} may be behind cannot be seen",
                "grant pg_monitor to the maintenance login;",
            )
        if seen.lag_bytes > self.lag_bytes:
            return f"a replica is {size(seen.lag_bytes)} behind (limit {size(self.lag_bytes)})"
        if seen.active > self.active:
            return f"{seen.active} sessions are at work (limit {self.active})"
        return None
