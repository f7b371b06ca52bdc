"""Secrets past their age, replaced without an outage."""

from collections.abc import Iterator
from datetime import UTC

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import Progress, job
from upkeep.humanize import plural, span
from upkeep.rotation.outcome import Outcome
from upkeep.rotation.rotation import RotationLog
from upkeep.sources.connections import Connections
from upkeep.targets.secret import Secret
from upkeep.units import Unit
from upkeep.window import Cadence


@job(Cadence.DAILY, owner="security", hours=0.5, at_once=4)
def secret_rotation(
    secret: Secret, connections: Connections, rotations: RotationLog, progress: Progress, *, dry_run: bool = False
) -> Answer:
    """
    Secrets past their age, replaced without an outage.

    Each day it does what is next: a value past `max_age` of the inventory gets a successor, which the service accepts beside it,
    which is proven by a login where the application logs in and by all rights being the same, and which then becomes current; and
    a value whose `grace` has passed, and which nobody is seen to use any more, is ended, and a login with it must fail. What is
    next follows from the store and the service, so that it may be killed at any point and run again: the value that applications
    read works at every moment. It rotates nothing in a backfill. `dry_run` says what stands where and changes nothing. At once:
    `upkeep secret rotate`; back: `upkeep secret rollback`.
    """
    rotator = secret.rotator(connections, rotations, lambda text: progress("rotate", text))
    if dry_run:
        return _answer(secret, rotator.look(), dry_run=True)
    progress("claim", f"to be the only one that rotates {secret.name}")
    with rotations.claimed(secret.name):
        return _answer(secret, rotator.advance())


def _answer(secret: Secret, outcome: Outcome, *, dry_run: bool = False) -> Answer:
    """What came of a run, as an answer."""
    days = outcome.age.total_seconds() / 86_400
    return Answer.judged(
        "; ".join([*_summary(secret, outcome), *(["dry run, nothing was changed"] if dry_run else [])]),
        findings=list(_findings(outcome)),
        metrics=[Metric(name="secret_age", value=round(days, 3), unit=Unit.DAYS)],
        evidence={"current": outcome.identity, "store": secret.store.described, "opens": secret.opens.described},
    )


def _summary(secret: Secret, outcome: Outcome) -> Iterator[str]:
    if outcome.rotated:
        yield f"rotated: {outcome.identity} is current"
    else:
        age = outcome.age.total_seconds()
        when = f"due in {span(secret.max_age - age)}" if age < secret.max_age else "due now"
        yield f"{outcome.identity} is current, {span(age)} old, {when}"
    if outcome.ended:
        yield f"{outcome.ended} was ended, and a try of it was refused"
    if outcome.waits_until:
        yield f"the one before still works until {outcome.waits_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if outcome.uses:
        yield f"the one before is still used, by {plural(len(outcome.uses), 'application')}, and was not ended"


def _findings(outcome: Outcome) -> Iterator[Finding]:
    for use in outcome.uses:
        yield Finding(
            rule="old_secret_in_use", object=use.consumer, severity=Severity.MEDIUM,
            title=f"the old value is still used past its grace time: {use.who}",
            remedy="let it read the secret again, or restart it; the old value is ended once nobody uses it",
        )  # fmt: skip
