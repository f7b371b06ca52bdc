"""What Slack's answers mean: another try later, or a person is needed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, NoReturn

from upkeep.errors import UpkeepError

# A request that ran out of time may still be worked on: look for its message only after this many seconds.
SETTLING_S = 20.0

_REMEDIES = {
    "invalid_auth": "put a valid bot token (xoxb-…) into the Airflow connection as password",
    "not_authed": "put a bot token (xoxb-…) into the Airflow connection as password",
    "account_inactive": "the bot was removed: install the app again and renew the token",
    "token_revoked": "install the app again and put its new token into the Airflow connection",
    "token_expired": "renew the token in the Airflow connection",
    "channel_not_found": "set notify.channel of the inventory to the channel's id (not its #name) and invite the bot there",
    "not_in_channel": "invite the bot to the channel: /invite @…",
    "is_archived": "unarchive the channel or set notify.channel of the inventory to another",
    "channel_is_archived": "unarchive the channel or make a webhook for another",
    "missing_scope": "give the app the scopes chat:write, files:write, channels:history and groups:history, and install it again",
    "restricted_action": "a workspace setting forbids the bot to post here: ask a Slack admin",
    "no_service": "the webhook was disabled or deleted: make a new one and put it into the Airflow connection",
    "no_service_id": "the webhook's address is wrong: copy it again into the Airflow connection",
    "no_team": "the webhook's address is wrong: copy it again into the Airflow connection",
    "invalid_token": "the webhook's address is wrong: copy it again into the Airflow connection",
    "no_active_hooks": "the webhook was disabled: make a new one",
    "action_prohibited": "a workspace setting forbids the webhook to post: ask a Slack admin",
}
_TOO_MUCH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "invalid_payload"})
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable", "request_timeout", "team_added_to_org"}
)
_UNCERTAIN = frozenset({"fatal_error", "internal_error"})


class LaterError(UpkeepError):
    """
    Another try may work, after `after_s` seconds if known.

    `delivery_uncertain`: it may have arrived. `limited`: Slack wants less.
    """

    def __init__(
        self, reason: str, *, after_s: float | None = None, delivery_uncertain: bool = False, limited: bool = False
    ) -> None:
        super().__init__(reason)
        self.after_s, self.delivery_uncertain, self.limited = after_s, delivery_uncertain, limited


class RefusedError(UpkeepError):
    """Slack will not take it until a person has mended something; `code` is Slack's word."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack says {code}: {_REMEDIES.get(code, 'see api.slack.com/methods/chat.postMessage for this word')}")
        self.code = code


def is_too_much(error: RefusedError) -> bool:
    """Whether Slack disliked the blocks, so that plain text may pass."""
    return error.code in _TOO_MUCH


@contextmanager
def translate_errors(*, delivery_uncertain: bool) -> Iterator[None]:
    """Turn the library's errors into LaterError and RefusedError; `delivery_uncertain` when the message may have arrived."""
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        yield
    except SlackApiError as error:
        answer: Any = error.response
        data = answer if isinstance(answer, dict) else answer.data
        raise_answer(
            getattr(answer, "status_code", 0),
            _error_code(data),
            getattr(answer, "headers", {}),
            delivery_uncertain=delivery_uncertain,
        )
    except SlackClientError:
        raise RefusedError("an address that is none") from None
    except (OSError, HTTPException, ValueError) as error:
        never_sent = _never_sent(error)
        raise LaterError(
            f"Slack does not answer: {_describe_cause(error)}",
            after_s=SETTLING_S if delivery_uncertain and not never_sent else None,
            delivery_uncertain=delivery_uncertain and not never_sent,
        ) from None


def raise_answer(status: int, code: str, headers: Mapping[str, Any], *, delivery_uncertain: bool) -> NoReturn:
    """Raise LaterError or RefusedError for an answer of Slack that is not "ok". `code` is its error code."""
    limited = status == HTTPStatus.TOO_MANY_REQUESTS or code in {"ratelimited", "rate_limited"}
    if limited:
        raise LaterError("Slack asked to wait", after_s=_retry_after(headers), limited=True)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in _UNCERTAIN:
        raise LaterError(f"Slack is in trouble: HTTP {status} {code}".strip(), delivery_uncertain=delivery_uncertain)
    if code in _PASSING:
        raise LaterError(f"Slack says {code}")
    if not code or " " in code or "<" in code:
        raise LaterError(f"what answers is not Slack: HTTP {status}", delivery_uncertain=delivery_uncertain)
    raise RefusedError(code)


def _error_code(data: Any) -> str:
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def _retry_after(headers: Mapping[str, Any]) -> float:
    given = {str(k).lower(): v for k, v in headers.items()}.get("retry-after", "")
    given = given[0] if isinstance(given, list) else given
    try:
        return min(max(float(given), 1.0), 3600.0)
    except ValueError:
        return 30.0


def _never_sent(error: Exception) -> bool:
    import socket
    import ssl

    cause = getattr(error, "reason", error)
    return isinstance(cause, (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError))


def _describe_cause(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    text = "no JSON" if isinstance(cause, json.JSONDecodeError) else str(cause)
    return text[:200] or type(error).__name__
