"""Secrets that are older than they may be, whose rotation stopped half-way, or that nobody uses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote
from typing import ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import History, check
from upkeep.errors import CannotAskError, UpkeepError
from upkeep.humanize import span
from upkeep.record import Record
from upkeep.rotation.rotation import Rotation, RotationLog, State, halted
from upkeep.rotation.service import Service
from upkeep.rotation.stages import Stage, Version
from upkeep.sources.connections import Connections
from upkeep.targets.secret import Secret
from upkeep.units import Unit
from upkeep.window import Cadence

_ROTATE = "see why secret_rotation did not: its newest answer says so; by hand: upkeep secret rotate {name}"
_GO_ON = (
    "go on: upkeep secret rotate {name}; or take it back: upkeep secret rollback {name}; "
    "each goes on from what the store and the service say"
)
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class SecretSeen(Record):
    """One secret as it stands; the fields are the columns."""

    table: ClassVar[str] = "secret"

    store: str
    opens: str
    identity: str
    max_age_seconds: float
    grace_seconds: float
    cache_seconds: float
    current_since: datetime
    pending_since: datetime | None
    used_by: list[str] | None
    used_at: datetime | None
    watched_since: datetime | None


@check(Cadence.DAILY, owner="security", after=("secret_rotation",))
def secret_age(
    secret: Secret,
    connections: Connections,
    rotations: RotationLog,
    history: History,
    *,
    late_days: float = 3,
    stuck_hours: float = 24,
    still_hours: float = 1,
    unused_days: float = 90,
) -> Answer:
    """
    Secrets that are older than they may be, whose rotation stopped half-way, or that nobody uses.

    The age is that of the current value, by its store's own clock. It is high once it is more than `late_days` past `max_age`,
    and critical at twice `max_age`; one that was never rotated is told apart. A rotation is stuck when it has done
    nothing for `still_hours` and has not ended, or when a pending value that no rotation is known of waits, or an old value still
    works, for more than `stuck_hours` longer than it should. A secret that no look of `unused_days` has seen
    in use is a door that nobody needs: this is judged only where the service tells of use, and a look sees open sessions, not
    those between two looks. That a value is young says nothing of who has seen it.
    """
    current, pending = _read(secret, connections)
    now, past = rotations.asked_at, rotations.past(secret.name)
    newest, never = next(iter(past), None), not any(each.promoted_at for each in past)
    seen = _seen(secret, secret.opens.open(connections), current, pending, _remembered(history), now)
    findings = [
        *_old(secret, seen, now, late_days, never=never),
        *_stuck(secret, seen, newest, now, timedelta(hours=still_hours), timedelta(hours=stuck_hours)),
        *_unused(secret, seen, now, unused_days),
    ]
    age = max(0.0, (now - seen.current_since).total_seconds())
    return Answer.judged(
        f"{span(age)} old, rotated after {span(secret.max_age)}" + _proof(newest),
        findings=findings,
        metrics=[Metric(name="secret_age", value=round(age / _DAY, 3), unit=Unit.DAYS)],
        evidence={"current_since": _text(seen.current_since), "last_dead": _text(newest.dead_at if newest else None)},
        state={"used_at": _text(seen.used_at), "watched_since": _text(seen.watched_since)},
        records=[seen],
    )


def _read(secret: Secret, connections: Connections) -> tuple[Version, Version | None]:
    """The current and the pending value."""
    store = secret.opened(connections)
    store.check()
    current, pending = store.read(Stage.CURRENT), store.read(Stage.PENDING)
    if current is None:
        raise CannotAskError(f"{secret.store.described} has no current value", "put the value that works there")
    return current, pending


def _seen(
    secret: Secret, service: Service, current: Version, pending: Version | None,
    remembered: tuple[datetime | None, datetime | None], now: datetime,
) -> SecretSeen:  # fmt: skip
    """With who uses it, and what earlier looks have seen of that."""
    used_at, watched_since = remembered
    used_by: list[str] | None = None
    try:
        uses = service.uses(current.value, current.created_at)
    except UpkeepError:
        pass
    else:
        used_by = [use.who for use in uses]
        used_at = max([use.last or now for use in uses], default=used_at)
        watched_since = watched_since or (now if uses or secret.opens.tells_use else None)
    return SecretSeen(
        secret.store.described, secret.opens.described, service.identity(current.value), secret.max_age, secret.grace,
        secret.cache, current.created_at, pending.created_at if pending else None, used_by, used_at, watched_since,
    )  # fmt: skip


def _old(secret: Secret, seen: SecretSeen, now: datetime, late_days: float, *, never: bool) -> Iterator[Finding]:
    age = (now - seen.current_since).total_seconds()
    if age < secret.max_age + late_days * _DAY:
        return
    severity = Severity.CRITICAL if age >= 2 * secret.max_age else Severity.HIGH
    known = "; no rotation of it has ended well" if never else ""
    yield Finding(
        rule="secret_never_rotated" if never else "secret_too_old", object=secret.name, severity=severity,
        title=f"{secret.name} is {span(age)} old and may be {span(secret.max_age)}{known}",
        remedy=_ROTATE.format(name=quote(secret.name)), value=round(age / _DAY, 3), limit=secret.max_age / _DAY, unit=Unit.DAYS,
    )  # fmt: skip


def _stuck(
    secret: Secret, seen: SecretSeen, newest: Rotation | None, now: datetime, still: timedelta, stuck: timedelta
) -> Iterator[Finding]:
    halt = halted(newest, now, still) if newest else None
    if newest and halt:
        why = f": {newest.stopped_why}" if newest.stopped_why else ""
        yield Finding(
            rule="rotation_stuck", object=secret.name, severity=Severity.MEDIUM,
            title=f"a rotation of {secret.name} stopped half-way since {halt.since:%Y-%m-%d %H:%M}, at step {halt.step}{why}",
            remedy=_GO_ON.format(name=quote(secret.name)),
        )  # fmt: skip
    elif seen.pending_since and now - seen.pending_since > stuck:
        waits = span((now - seen.pending_since).total_seconds())
        yield Finding(
            rule="rotation_stuck", object=secret.name, severity=Severity.MEDIUM,
            title=f"a value of {secret.name} is pending for {waits} and never became current",
            remedy=_GO_ON.format(name=quote(secret.name)),
        )  # fmt: skip
    if newest and newest.state is State.GRACE and newest.promoted_at:
        over = now - newest.promoted_at - timedelta(seconds=secret.grace)
        if over > stuck:
            who = f", used by {'; '.join(newest.used_by)}" if newest.used_by else ""
            title = f"the old value of {secret.name} ({newest.old}) works {span(over.total_seconds())} past its grace time{who}"
            remedy = "let those who use it read the secret again, or restart them; then clear secret_rotation"
            yield Finding(rule="old_secret_lives", object=secret.name, severity=Severity.MEDIUM, title=title, remedy=remedy)


def _unused(secret: Secret, seen: SecretSeen, now: datetime, unused_days: float) -> Iterator[Finding]:
    since = seen.used_at or seen.watched_since
    if seen.used_by is None or seen.watched_since is None or since is None or now - since < timedelta(days=unused_days):
        return
    idle = (now - since) / timedelta(days=1)
    yield Finding(
        rule="secret_unused", object=secret.name, severity=Severity.LOW,
        title=f"nobody was seen using {secret.name} for {span(idle * _DAY)} (limit {unused_days:g} d)",
        remedy="find out what it is for; when nothing needs it, end the login or key and take the secret out of the inventory",
        value=round(idle, 3), limit=unused_days, unit=Unit.DAYS,
    )  # fmt: skip


def _remembered(history: History) -> tuple[datetime | None, datetime | None]:
    """When it was last seen in use, and since when that is looked for."""
    state = history.state() or {}
    used, watched = (state.get(name) for name in ("used_at", "watched_since"))
    return datetime.fromisoformat(used) if used else None, datetime.fromisoformat(watched) if watched else None


def _proof(newest: Rotation | None) -> str:
    if newest is None:
        return "; no rotation of it is known"
    if newest.dead_at:
        return f"; {newest.old} was proven dead on {newest.dead_at:%Y-%m-%d}"
    if newest.state is State.RUNNING:
        return f"; a rotation that began on {newest.begun_at:%Y-%m-%d} has not ended"
    if newest.state is State.FAILED:
        return f"; a rotation failed on {newest.begun_at:%Y-%m-%d}: {newest.stopped_why}"
    return f"; {newest.old} is {'still in its grace time' if newest.state is State.GRACE else newest.state.value}"


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
