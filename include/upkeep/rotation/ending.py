"""
The end of a value that was replaced: when it is time, nobody uses it, the service refuses it, and a try of it was refused.

What is here is shared with what comes before it (`rotate`).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.outcome import Outcome, Policy
from upkeep.rotation.rotation import Rotation, RotationLog, State
from upkeep.rotation.service import Service
from upkeep.rotation.stages import SecretStore, Stage, Version

COMPROMISED = "compromised"
ENDED = (State.ROTATED, State.ROLLED_BACK)
UNDONE = (State.ROLLED_BACK, State.FAILED)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """One secret, its store, its service and its rows, with what ends an old value."""

    secret: str
    store: SecretStore
    service: Service
    log: RotationLog
    policy: Policy
    clock: Callable[[], datetime]
    say: Say = lambda _: None

    def _end_old(self, current: Version, *, at_once: bool) -> Outcome:
        """End the value before the current one, where it is time and nobody uses it."""
        outcome = Outcome(self.service.identity(current.value), self._age(current))
        old = self.store.read(Stage.PREVIOUS)
        if old is None or not self._separate(old, current):
            return outcome
        rotation = self._rotation_of(old)
        if rotation is None and self.service.is_dead(old.value):
            return outcome
        if rotation and rotation.state in ENDED:
            self._remove_in_time(old, rotation)
            return outcome
        rotation = rotation or self._new(self.service.identity(old.value), "found")
        rotation = self._in_grace(rotation, current)
        at_once = at_once or rotation.reason == COMPROMISED  # also where the run that was told so was killed
        until = (rotation.promoted_at or self.log.now()) + self.policy.grace
        # A clock that jumped must not end what is still used: this machine's and the report database's must both have passed it.
        if not at_once and min(self.clock(), self.log.now()) < until:
            return replace(outcome, waits_until=until)
        uses = () if at_once else tuple(self.service.uses(old.value, rotation.promoted_at or until))
        if uses:
            self._note(rotation, used_by=tuple(use.who for use in uses))
            return replace(outcome, uses=uses)
        return replace(outcome, ended=self._end(old, rotation, at_once=at_once))

    def _end(self, old: Version, rotation: Rotation, *, at_once: bool) -> str:
        identity = self.service.identity(old.value)
        self.say(f"end {identity}")
        self.service.retire(old.value, end_sessions=at_once)
        rotation = self._note(rotation, retired_at=self.clock())
        if not self.service.is_dead(old.value):
            raise BrokenError(
                f"{self.secret}: the old value of {identity} is still accepted", "see who else alters it", retry=True
            )
        self._note(rotation, dead_at=self.clock(), state=State.ROTATED, used_by=())
        return identity

    def _remove_in_time(self, old: Version, rotation: Rotation) -> None:
        """What is refused stays for another grace time, in which it can be taken back; then the service forgets it."""
        until = (rotation.dead_at or self.log.now()) + self.policy.grace
        if rotation.state is State.ROTATED and min(self.clock(), self.log.now()) >= until:
            self.service.remove(old.value)

    def _make_room(self, current: Version) -> None:
        """A service that holds two values forgets the one that it refuses already."""
        old = self.store.read(Stage.PREVIOUS)
        if old is not None and self._separate(old, current):
            self.service.remove(old.value)

    def _rotation_of(self, old: Version) -> Rotation | None:
        """The newest that put another value in the place of this one: what was proven and is not pending was made current."""
        identity = self.service.identity(old.value)
        past = [each for each in self.log.past(self.secret) if each.old == identity and (each.proven_at or each.promoted_at)]
        return next((each for each in past if each.promoted_at or each.state not in UNDONE), None)

    def _separate(self, old: Version, current: Version) -> bool:
        """Whether the old value can be ended without the current one; what others put there is left alone."""
        try:
            return self.service.separate(old.value, current.value)
        except (BrokenError, CannotAskError):
            return False

    def _in_grace(self, rotation: Rotation, current: Version) -> Rotation:
        """With when it became current, at the latest now, and when each consumer was first seen with the new value."""
        promoted = rotation.promoted_at or self.log.now()
        uses = self.service.uses(current.value, promoted)
        seen = {use.consumer: use.since for use in reversed(uses) if use.since and use.since >= promoted}
        by = {**seen, **rotation.picked_up_by}
        return self._note(
            rotation, promoted_at=promoted, picked_up_at=min(by.values(), default=None), picked_up_by=by, state=State.GRACE
        )

    def _new(self, old: str, reason: str) -> Rotation:
        made = str(uuid.uuid4())
        return Rotation(id=made, secret=self.secret, reason=reason, state=State.RUNNING, begun_at=self.log.now(), old=old)

    def _note(self, rotation: Rotation, **changes: Any) -> Rotation:
        changed = replace(rotation, **changes)
        if changed != rotation:
            self.log.put(changed)
        return changed

    def _age(self, current: Version) -> timedelta:
        return max(timedelta(0), self.log.asked_at - current.created_at)
