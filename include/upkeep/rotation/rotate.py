"""
The steps of a rotation, each of which may be done again, in the order in which no application is ever locked out.

    pending is put into the store, the service accepts it, it is proven, it becomes current,
    applications pick it up, the grace time passes, the old one is refused, and that is proven.

What is next follows from what the store and the service say. The rows say when things were done; without them a rotation goes
on all the same, and its grace time begins anew.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.outcome import Outcome, Policy
from upkeep.rotation.rotation import Rotation, RotationLog, State
from upkeep.rotation.service import RefusedError, Service
from upkeep.rotation.stages import SecretStore, Stage, Version

COMPROMISED, ROLLBACK = "compromised", "rollback"
ENDED = (State.ROTATED, State.ROLLED_BACK)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rotator:
    """
    One secret, its store and its service. The caller holds the claim on it.

    Killed at any point, the next call goes on from what the store and the service say. The application's value is never touched
    before another one is current, was proven, and its grace time has passed.
    """

    secret: str
    store: SecretStore
    service: Service
    log: RotationLog
    policy: Policy
    clock: Callable[[], datetime]
    say: Say = lambda _: None

    def advance(self, reason: str | None = None) -> Outcome:
        """
        Go on as far as it goes now. With a `reason` it rotates whatever its age.

        "compromised" ends the old value at once, with its sessions. Raises CannotAskError for what a person has to mend first.
        """
        self.store.check()
        current, at_once = self._settled(), reason == COMPROMISED
        pending = self.store.read(Stage.PENDING)
        before = Outcome(self.service.identity(current.value), self._age(current))
        if pending is None:
            before = self._end_old(current, at_once=at_once)
            due = reason or ("age" if before.age >= self.policy.max_age else None)
            if before.waits_until or before.uses or not due:
                return before
            reason = due
        current = self._replace(current, pending, reason or "found")
        after = self._end_old(current, at_once=at_once)
        return replace(after, rotated=True, ended=after.ended or before.ended)

    def look(self) -> Outcome:
        """Where it stands. Nothing is changed."""
        self.store.check()
        current = self.store.read(Stage.CURRENT)
        if current is None:
            raise CannotAskError(f"{self.secret} has no current value in its store", "put the value that works there first")
        newest, until = self.log.newest(self.secret), None
        if newest and newest.state is State.GRACE and newest.promoted_at:
            until = newest.promoted_at + self.policy.grace
        return Outcome(self.service.identity(current.value), self._age(current), waits_until=until)

    def roll_back(self) -> Outcome:
        """Forget a value that is not current yet, else make the one before current again. Raises CannotAskError without one."""
        self.store.check()
        current, previous = self._settled(), self.store.read(Stage.PREVIOUS)
        pending = self.store.read(Stage.PENDING)
        if pending is not None:
            return self._forget(current, pending)
        if previous is None or not self._separate(previous, current):
            raise CannotAskError(f"{self.secret} has no value before its current one", "rotate it: upkeep secret rotate")
        earlier = self.log.newest(self.secret)
        self.service.check(current.value)
        self.store.stage(previous.value)
        current = self._replace(current, self.store.read(Stage.PENDING), ROLLBACK)
        if earlier and earlier.state is State.GRACE:
            self._note(earlier, state=State.ROLLED_BACK)
        return Outcome(self.service.identity(current.value), self._age(current), rotated=True)

    def _forget(self, current: Version, pending: Version) -> Outcome:
        """The row is first: what is forgotten must never be taken for what became current."""
        self.service.accepts(pending.value, current.value)
        previous = self._assert_spared(pending)
        self._note(self._open(current, "found"), state=State.ROLLED_BACK)
        self.store.discard()
        if previous is None or previous.value != pending.value:
            self.service.retire(pending.value, end_sessions=False)
        return Outcome(self.service.identity(current.value), self._age(current))

    def _settled(self) -> Version:
        """The current version, after a `promote` that was cut off was brought to its end."""
        current, pending = self.store.read(Stage.CURRENT), self.store.read(Stage.PENDING)
        if current is None:
            raise CannotAskError(f"{self.secret} has no current value in its store", "put the value that works there first")
        if pending is not None and pending.value == current.value:
            self.store.promote()
        return current

    def _replace(self, current: Version, pending: Version | None, reason: str) -> Version:
        """From no or a pending value to a new current one."""
        if pending is not None:
            self._assert_spared(pending)
        rotation = self._open(current, reason)
        self.log.put(rotation)
        if pending is None:
            self.service.check(current.value)
            self.say("make the next value and put it into the store")
            self.store.stage(self.service.propose(current.value))
            pending = self.store.read(Stage.PENDING)
        if pending is None:
            raise BrokenError(
                f"{self.secret}: the store took the next value and does not have it", "see what else writes there", retry=True
            )
        self.service.accepts(pending.value, current.value)
        rotation = self._note(rotation, new=self.service.identity(pending.value), staged_at=rotation.staged_at or self.clock())
        self._install(pending)
        rotation = self._note(rotation, installed_at=self.clock())
        self.say("prove that it may do what the current one may")
        self.service.prove(pending.value, current.value)
        rotation = self._note(rotation, proven_at=self.clock())
        self.say("make it current")
        self.store.promote()
        self._note(rotation, promoted_at=self.log.now(), state=State.GRACE)
        return self._current_is(pending)

    def _assert_spared(self, pending: Version) -> Version | None:
        """The previous value. Raises CannotAskError when another pending one would take the place of it while it still works."""
        previous, newest = self.store.read(Stage.PREVIOUS), self.log.newest(self.secret)
        if previous is None or newest is None or newest.state is not State.GRACE or pending.value == previous.value:
            return previous
        if self.service.identity(previous.value) != self.service.identity(pending.value):
            return previous
        reason = f"a value of {newest.old} is pending, whose value before still works: somebody else rotates {self.secret} too"
        raise CannotAskError(reason, "stop the other rotator, and take its pending value out of the store")

    def _install(self, pending: Version) -> None:
        self.say("let the service accept it")
        try:
            self.service.install(pending.value)
        except RefusedError:
            self.store.discard()
            raise

    def _current_is(self, pending: Version) -> Version:
        current = self.store.read(Stage.CURRENT)
        if current is None or current.value != pending.value:
            raise BrokenError(
                f"{self.secret}: the store did not make the new value current", "see what else writes there", retry=True
            )
        return current

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

    def _rotation_of(self, old: Version) -> Rotation | None:
        """The newest that put another value in the place of this one: what was proven and is not pending was made current."""
        identity = self.service.identity(old.value)
        past = [each for each in self.log.past(self.secret) if each.old == identity and (each.proven_at or each.promoted_at)]
        return next((each for each in past if each.promoted_at or each.state is not State.ROLLED_BACK), None)

    def _separate(self, old: Version, current: Version) -> bool:
        """Whether the old value can be ended without the current one; what others put there is left alone."""
        try:
            return self.service.separate(old.value, current.value)
        except (BrokenError, CannotAskError):
            return False

    def _in_grace(self, rotation: Rotation, current: Version) -> Rotation:
        """With when it became current, at the latest now, and when an application was first seen with the new value."""
        promoted = rotation.promoted_at or self.log.now()
        seen = [use.since for use in self.service.uses(current.value, promoted) if use.since and use.since >= promoted]
        picked = rotation.picked_up_at or min(seen, default=None)
        return self._note(rotation, promoted_at=promoted, picked_up_at=picked, state=State.GRACE)

    def _open(self, current: Version, reason: str) -> Rotation:
        """The rotation under way, or a new one."""
        newest = self.log.newest(self.secret)
        if newest and newest.state is State.RUNNING:
            return newest
        return self._new(self.service.identity(current.value), reason)

    def _new(self, old: str, reason: str) -> Rotation:
        made = str(uuid.uuid4())
        return Rotation(id=made, secret=self.secret, reason=reason, state=State.RUNNING, begun_at=self.clock(), old=old)

    def _note(self, rotation: Rotation, **changes: Any) -> Rotation:
        changed = replace(rotation, **changes)
        if changed != rotation:
            self.log.put(changed)
        return changed

    def _age(self, current: Version) -> timedelta:
        return max(timedelta(0), self.log.asked_at - current.created_at)
