"""Delivery: what is due in the outbox goes to Slack, by whoever calls first, each message once."""

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from upkeep.errors import UpkeepError
from upkeep.notify import wire
from upkeep.notify.blocks import repeated, with_counted
from upkeep.notify.picture import PICTURE, drawing, instead
from upkeep.notify.slack_errors import LaterError, RefusedError, is_too_much
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.postgres import Endpoint
from upkeep.store import outbox
from upkeep.store.answers import connected
from upkeep.store.outbox import Claim

if TYPE_CHECKING:
    import psycopg

__all__ = ["Delivery", "SlackEndpoint", "deliver"]

_PATIENCE_S = 0.5
_CLOCK_SKEW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one call did: messages sent or changed, tries that failed, and the last problem in words ("" when there was none)."""

    sent: int = 0
    failed: int = 0
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.sent} messages sent" + (
            f", {self.failed} tries failed: {self.problem}" if self.failed or self.problem else ""
        )


def deliver(store: Endpoint, slack: SlackEndpoint, *, budget_s: float, lease_s: float = outbox.LEASE_S) -> Delivery:
    """
    Send what is due, for at most `budget_s` seconds plus the request under way; never raises for Slack or the store being away.

    Any number of processes may call it at once: a message is claimed before it is sent. What fails is tried again by this call
    while its budget lasts, else by the next call of anyone.

    A process killed after Slack took a message but before that was marked leaves the message in doubt. Through the bot API the
    next process then looks for the message's key in the channel's history (or the thread) and goes on from what it finds, so
    nothing is lost or doubled. A webhook cannot be asked: there, and where the bot may not read the history, the message is sent
    again and says that it may be a repeat. At least once, not at most once: an alarm told twice costs a glance, an alarm not told
    costs the night.
    """
    deadline, done = time.monotonic() + budget_s, Delivery()
    try:
        with connected(store, "upkeep deliver") as connection:
            while time.monotonic() < deadline:
                claim = outbox.claim(connection, editable=slack.editable, failures=slack.failures_per_run, lease_s=lease_s)
                if claim:
                    done = _deliver(connection, slack, claim, done)
                elif not _wait(connection, slack, deadline):
                    break
    except UpkeepError as error:
        return replace(done, problem=f"the report database is away: {error}")
    return done


def _wait(connection: "psycopg.Connection[Any]", slack: SlackEndpoint, deadline: float) -> bool:
    wait_s = outbox.wait_s(connection, editable=slack.editable)
    if wait_s is None or time.monotonic() + wait_s >= deadline:
        return False
    time.sleep(min(wait_s, _PATIENCE_S))
    return True


def _deliver(connection: "psycopg.Connection[Any]", slack: SlackEndpoint, claim: Claim, done: Delivery) -> Delivery:
    body = {"text": claim.body["text"], "blocks": claim.body["blocks"]}
    if not slack.editable and claim.kind != "failure":
        body = with_counted(body, outbox.counted(connection, claim.thread))
    try:
        slack_ref = _send(slack, claim, body)
    except LaterError as error:
        if error.limited and error.after_s:
            outbox.hold(connection, error.after_s)
        # Only arrival ends an uncertainty: what this try did says nothing about the one before.
        outbox.postponed(
            connection,
            claim,
            str(error),
            after_s=error.after_s,
            delivery_uncertain=error.delivery_uncertain or claim.delivery_uncertain,
        )
        return replace(done, failed=done.failed + 1, problem=str(error))
    except RefusedError as error:
        outbox.refused(connection, claim, str(error), delivery_uncertain=claim.delivery_uncertain)
        return replace(done, failed=done.failed + 1, problem=str(error))
    outbox.delivered(connection, claim, slack_ref)
    return replace(done, sent=done.sent + 1)


def _send(slack: SlackEndpoint, claim: Claim, body: dict[str, Any]) -> dict[str, str]:
    """Send or change it, as plain text if Slack dislikes its blocks."""
    if claim.kind == PICTURE:
        return _picture(slack, claim)
    try:
        return _place(slack, claim, body)
    except RefusedError as error:
        if not is_too_much(error):
            raise
        return _place(slack, claim, {"text": body["text"], "blocks": []})


def _place(slack: SlackEndpoint, claim: Claim, body: dict[str, Any]) -> dict[str, str]:
    place, unsure = claim.slack_ref, False
    if claim.delivery_uncertain and not (place and place.get("ts")):
        place, unsure = _look(slack, claim)
    if slack.editable and place and place.get("ts") and wire.update(slack, body, place):
        return place
    return wire.post(slack, claim.key, repeated(body) if unsure else body, claim.thread_ts)


def _picture(slack: SlackEndpoint, claim: Claim) -> dict[str, str]:
    """Upload it once, the one before taken away; where Slack forbids that, say why in its place."""
    drawn = drawing(claim.key, claim.body)
    if claim.delivery_uncertain and (place := _look(slack, claim, drawn.name)[0]):
        return place
    if before := (claim.slack_ref or {}).get("file"):
        wire.remove_file(slack, before)
    try:
        return wire.upload(slack, drawn, claim.thread_ts)
    except RefusedError as error:
        return wire.post(slack, claim.key, instead(claim.body, str(error)), claim.thread_ts)


def _look(slack: SlackEndpoint, claim: Claim, file: str = "") -> tuple[dict[str, str] | None, bool]:
    """Where an earlier try left the message, and whether that cannot be told."""
    if not slack.editable:
        return None, True
    try:
        since = (claim.created_at - _CLOCK_SKEW).timestamp()
        return wire.find(slack, claim.key, since, claim.thread_ts, file), False
    except RefusedError:
        return None, True
