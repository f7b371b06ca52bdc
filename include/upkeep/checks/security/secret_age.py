"""Secrets that are older than they may be, or whose rotation stopped half-way."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.errors import CannotAskError
from upkeep.humanize import span
from upkeep.rotation.rotation import Rotation, RotationLog, State
from upkeep.rotation.stages import SecretStore, Stage
from upkeep.sources.connections import Connections
from upkeep.targets.secret import Secret
from upkeep.units import Unit
from upkeep.window import Cadence

_ROTATE = "see why secret_rotation did not: its newest answer says so; by hand: upkeep secret rotate {name}"


@check(Cadence.DAILY, owner="security", after=("secret_rotation",))
def secret_age(
    secret: Secret, connections: Connections, rotations: RotationLog, *, late_days: float = 3, stuck_hours: float = 24
) -> Answer:
    """
    Secrets that are older than they may be, or whose rotation stopped half-way.

    The age is that of the current value, by its store's own clock. It is high once it is more than `late_days` past `max_age`,
    and critical at twice `max_age`. A rotation is stuck when a pending value waits, or an old value still works, for more than
    `stuck_hours` longer than it should. That a value is young says nothing of who has seen it.
    """
    store = secret.store.open(connections)
    store.check()
    current = store.read(Stage.CURRENT)
    if current is None:
        raise CannotAskError(f"{secret.store.described} has no current value", "put the value that works there")
    now, newest = rotations.asked_at, rotations.newest(secret.name)
    age = (now - current.created_at).total_seconds()
    stuck = timedelta(hours=stuck_hours)
    findings = [*_old(secret, age, late_days), *_stuck(secret, store, newest, now, stuck)]
    return Answer.judged(
        f"{span(max(0.0, age))} old, rotated after {span(secret.max_age)}" + _proof(newest),
        findings=findings,
        metrics=[Metric(name="secret_age", value=round(age / 86_400, 3), unit=Unit.DAYS)],
        evidence={"current_since": current.created_at.isoformat(), "last_dead": _text(newest.dead_at if newest else None)},
    )


def _old(secret: Secret, age: float, late_days: float) -> Iterator[Finding]:
    if age < secret.max_age + late_days * 86_400:
        return
    severity = Severity.CRITICAL if age >= 2 * secret.max_age else Severity.HIGH
    title = f"{secret.name} is {span(age)} old and may be {span(secret.max_age)}"
    yield Finding(
        rule="secret_too_old", object=secret.name, severity=severity, title=title, remedy=_ROTATE.format(name=secret.name)
    )


def _stuck(secret: Secret, store: SecretStore, newest: Rotation | None, now: datetime, stuck: timedelta) -> Iterator[Finding]:
    pending = store.read(Stage.PENDING)
    if pending and now - pending.created_at > stuck:
        title = (
            f"a value of {secret.name} is pending for {span((now - pending.created_at).total_seconds())} and never became current"
        )
        remedy = f"{_ROTATE.format(name=secret.name)}; or forget it: upkeep secret rollback {secret.name}"
        yield Finding(rule="rotation_stuck", object=secret.name, severity=Severity.MEDIUM, title=title, remedy=remedy)
    if newest and newest.state is State.GRACE and newest.promoted_at:
        over = now - newest.promoted_at - timedelta(seconds=secret.grace)
        if over > stuck:
            who = f", used by {'; '.join(newest.used_by)}" if newest.used_by else ""
            title = f"the old value of {secret.name} ({newest.old}) works {span(over.total_seconds())} past its grace time{who}"
            remedy = "let those who use it read the secret again, or restart them; then clear secret_rotation"
            yield Finding(rule="old_secret_lives", object=secret.name, severity=Severity.MEDIUM, title=title, remedy=remedy)


def _proof(newest: Rotation | None) -> str:
    if newest is None:
        return "; no rotation of it is known"
    if newest.dead_at:
        return f"; {newest.old} was proven dead on {newest.dead_at:%Y-%m-%d}"
    return f"; {newest.old} is {'still in its grace time' if newest.state is State.GRACE else newest.state.value}"


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
