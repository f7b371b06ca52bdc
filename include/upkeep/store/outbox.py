"""The outbox: what people are to be told, written before it is sent, claimed while it is sent, and marked when it has arrived."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.answer import Json
from upkeep.store.answers import sql

if TYPE_CHECKING:
    import psycopg

LEASE_S = 120
PAUSE_S = 3
LONGEST_BACKOFF_S = 1800
# One claim at a time, since a webhook's limit of failures is counted over all of them.
_CLAIMING = "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('upkeep.message claims'))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    Something to tell. `key` identifies it for ever, `thread` is its thread; `kind` is summary, backfill, failure or picture.

    `body` has `text` (the fallback) and `blocks`. While `final` is false the next revision may overtake this one.
    """

    key: str
    thread: str
    kind: str
    body: Json
    final: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """
    A message that this process alone may send until `claimed_until`.

    `delivery_uncertain`: an earlier try was begun and never finished. `thread_ts`: ts of its thread's head. `slack_ref`: where it
    stands already.
    """

    key: str
    thread: str
    kind: str
    body: dict[str, Any]
    revision: int
    attempts: int
    claimed_until: datetime
    delivery_uncertain: bool
    slack_ref: dict[str, Any] | None
    thread_ts: str | None
    created_at: datetime


def put(connection: "psycopg.Connection[Any]", message: Message) -> bool:
    """Write it, or change what it says; True if anything is to be sent. The same body again does nothing."""
    params = asdict(message) | {"body": _json(message.body)}
    return connection.execute(sql("put_message"), params).fetchone() is not None


def body_of(connection: "psycopg.Connection[Any]", key: str) -> dict[str, Any] | None:
    """What a message says at present, or None."""
    row = connection.execute(sql("message_body"), [key]).fetchone()
    return row[0] if row else None


def claim(connection: "psycopg.Connection[Any]", *, editable: bool, failures: int, lease_s: float = LEASE_S) -> Claim | None:
    """
    The next message that is due, now ours for `lease_s` seconds; None when there is none.

    `editable` is true for a bot token. Through a webhook at most `failures` of a thread are sent, the rest counted.
    """
    from psycopg.rows import class_row

    with connection.transaction(), connection.cursor(row_factory=class_row(Claim)) as cursor:
        cursor.execute(_CLAIMING)
        if not editable:
            cursor.execute(sql("settle_uneditable"), {"failures": failures})
        params = {"editable": editable, "pause_s": PAUSE_S, "lease_s": lease_s}
        cursor.execute(sql("claim_message"), params)
        return cursor.fetchone()


def delivered(connection: "psycopg.Connection[Any]", claim: Claim, slack_ref: Json) -> None:
    """It has arrived. What was put in the meantime stays to be sent."""
    _mark(connection, "message_delivered", claim, {"revision": claim.revision, "slack_ref": _json(slack_ref)})


def postponed(
    connection: "psycopg.Connection[Any]", claim: Claim, error: str, *, after_s: float | None, delivery_uncertain: bool
) -> None:
    """Try again after `after_s` seconds, by default twice as long each time: it has not arrived, or nobody knows."""
    pause = after_s if after_s is not None else min(2.0 ** min(claim.attempts, 20), LONGEST_BACKOFF_S)
    _mark(connection, "message_postponed", claim, {"error": error, "after_s": pause, "delivery_uncertain": delivery_uncertain})


def refused(connection: "psycopg.Connection[Any]", claim: Claim, error: str, *, delivery_uncertain: bool) -> None:
    """It cannot arrive until a person has mended something; then `retry_failed`."""
    _mark(connection, "message_refused", claim, {"error": error, "delivery_uncertain": delivery_uncertain})


def hold(connection: "psycopg.Connection[Any]", after_s: float) -> None:
    """Nothing is sent for `after_s` seconds, as Slack asked."""
    connection.execute(sql("hold_messages"), {"after_s": after_s})


def wait_s(connection: "psycopg.Connection[Any]", *, editable: bool) -> float | None:
    """Seconds until something can be sent that should not be left to a later call; None when there is nothing."""
    row = connection.execute(sql("message_wait"), {"editable": editable}).fetchone()
    return row[0] if row else None


def counted(connection: "psycopg.Connection[Any]", thread: str) -> int:
    """How many failures of a thread have no message of their own."""
    row = connection.execute(sql("failures_counted"), [thread]).fetchone()
    return int(row[0]) if row else 0


def retry_failed(connection: "psycopg.Connection[Any]") -> int:
    """Make what had failed due again, after the connection was mended; how many there were."""
    return connection.execute(sql("retry_failed_messages")).rowcount


def _mark(connection: "psycopg.Connection[Any]", statement: str, claim: Claim, params: Mapping[str, Any]) -> None:
    connection.execute(sql(statement), {"key": claim.key, "claimed_until": claim.claimed_until, **params})


def _json(content: Json) -> str:
    return json.dumps(content, ensure_ascii=True).replace("\\u0000", "\\ufffd")
