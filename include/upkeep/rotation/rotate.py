"""
The steps of a rotation, each of which may be done again, in the order in which no application is ever locked out.

    pending is put into the store, the service accepts it, it is proven, it becomes current,
    applications pick it up, the grace time passes, the old one is refused, and that is proven.

What is next follows from what the store and the service say. The rows say when things were done; without them a rotation goes
on all the same, and its grace time begins anew.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

from upkeep.errors import BrokenError, CannotAskError, UpkeepError
from upkeep.rotation.ending import COMPROMISED, Ending
from upkeep.rotation.outcome import Outcome
from upkeep.rotation.rotation import Rotation, State
from upkeep.rotation.service import RefusedError
from upkeep.rotation.stages import Stage, Version

ROLLBACK, _MOST = "rollback", 500


@dataclass(frozen=True, slots=True)
class Rotator(Ending):
    """
    One secret, its store and its service. The caller holds the claim on it.

    Killed at any point, the next call goes on from what the store and the service say. The application's value is never touched
    before another one is current, was proven, and its grace time has passed.
    """

    def advance(self, reason: str | None = None) -> Outcome:
        """
        Go on as far as it goes now. With a `reason` it rotates whatever its age.

        "compromised" ends the old value at once, with its sessions; told so again after it was killed, it ends what it began and
        rotates nothing more. Raises CannotAskError for what a person has to mend first.
        """
        self.store.check()
        current, at_once = self._settled(), reason == COMPROMISED
        pending, begun = self.store.read(Stage.PENDING), self.log.newest(self.secret)
        before = Outcome(self.service.identity(current.value), self._age(current))
        if pending is None:
            before = self._end_old(current, at_once=at_once)
            if at_once and before.ended and begun and begun.reason == COMPROMISED:
                return before
            due = reason or ("age" if before.age >= self.policy.max_age else None)
            if before.waits_until or before.uses or not due:
                self._end_unmade()
                return before
            reason = due
        current = self._replace(current, pending, reason or "found")
        after = self._end_old(current, at_once=at_once)
        return replace(after, rotated=True, ended=after.ended or before.ended)

    def look(self) -> Outcome:
        """Where it stands. Nothing is changed. Raises CannotAskError for what would keep it from being rotated."""
        self.store.check()
        current, pending = self.store.read(Stage.CURRENT), self.store.read(Stage.PENDING)
        if current is None:
            raise CannotAskError(f"{self.secret} has no current value in its store", "put the value that works there first")
        self.service.check(current.value)
        if pending is not None and pending.value != current.value:
            self.service.accepts(pending.value, current.value)
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
        self._discard(current)
        if previous is None or previous.value != pending.value:
            self.service.retire(pending.value, end_sessions=False)
            if self.service.is_dead(pending.value):
                self.service.remove(pending.value)
        return Outcome(self.service.identity(current.value), self._age(current))

    def _discard(self, current: Version) -> None:
        """Applications may have the pending value alone that works: the current one works before that is forgotten."""
        self.service.restore(current.value)
        self.store.discard()

    def _settled(self) -> Version:
        """The current version, after a `promote` that was cut off was brought to its end."""
        current, pending = self.store.read(Stage.CURRENT), self.store.read(Stage.PENDING)
        if current is None:
            raise CannotAskError(f"{self.secret} has no current value in its store", "put the value that works there first")
        if pending is not None and pending.value == current.value:
            self.store.promote()
        return current

    def _replace(self, current: Version, pending: Version | None, reason: str) -> Version:
        """From no or a pending value to a new current one. What goes wrong is in its row."""
        try:
            return self._make_current(current, pending, reason)
        except UpkeepError as error:
            self._stopped(str(error))
            raise

    def _make_current(self, current: Version, pending: Version | None, reason: str) -> Version:
        if pending is not None:
            self._assert_spared(pending)
        rotation = self._open(current, reason)
        self.log.put(rotation)
        if pending is None:
            self.service.check(current.value)
            self._make_room(current)
            self.say("make the next value and put it into the store")
            self.store.stage(self.service.propose(current.value))
            pending = self.store.read(Stage.PENDING)
        if pending is None:
            raise BrokenError(
                f"{self.secret}: the store took the next value and does not have it", "see what else writes there", retry=True
            )
        self.service.accepts(pending.value, current.value)
        rotation = self._note(rotation, new=self.service.identity(pending.value), staged_at=rotation.staged_at or self.clock())
        rotation = self._install(current, pending, rotation)
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

    def _install(self, current: Version, pending: Version, rotation: Rotation) -> Rotation:
        """A value that is refused is forgotten, after its row: what is forgotten must never be taken for what became current."""
        self.say("let the service accept it")
        try:
            self.service.install(pending.value)
        except RefusedError:
            self._note(rotation, installed_at=None, proven_at=None)
            self._discard(current)
            raise
        return self._note(rotation, installed_at=self.clock())

    def _stopped(self, why: str) -> None:
        """The row says why it went no further. One that left nothing to go on with has failed, and the next begins anew."""
        with suppress(UpkeepError):
            newest = self.log.newest(self.secret)
            if newest and newest.state is State.RUNNING:
                state = State.RUNNING if newest.proven_at or self._has_pending() else State.FAILED
                self._note(newest, state=state, stopped_at=self.log.now(), stopped_why=why[:_MOST])

    def _end_unmade(self) -> None:
        """One that was cut off before it made a value is over."""
        newest = self.log.newest(self.secret)
        if newest and newest.state is State.RUNNING and not newest.proven_at:
            why = newest.stopped_why or "it was cut off before its next value was in the store"
            self._note(newest, state=State.FAILED, stopped_at=newest.stopped_at or self.log.now(), stopped_why=why)

    def _has_pending(self) -> bool:
        """Also where the store does not say."""
        try:
            return self.store.read(Stage.PENDING) is not None
        except UpkeepError:
            return True

    def _current_is(self, pending: Version) -> Version:
        current = self.store.read(Stage.CURRENT)
        if current is None or current.value != pending.value:
            raise BrokenError(
                f"{self.secret}: the store did not make the new value current", "see what else writes there", retry=True
            )
        return current

    def _open(self, current: Version, reason: str) -> Rotation:
        """The rotation under way, which may turn out to be urgent, or a new one: in the place of one that failed just before."""
        newest = self.log.newest(self.secret)
        if newest and newest.state is State.RUNNING:
            urgent = COMPROMISED if reason == COMPROMISED else newest.reason
            return replace(newest, reason=urgent, stopped_at=None, stopped_why=None)
        begun = self._new(self.service.identity(current.value), reason)
        return replace(begun, id=newest.id) if newest and newest.state is State.FAILED else begun
