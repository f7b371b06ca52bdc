"""Talking to Slack: one request at a time, and what its end means for the message."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from upkeep.errors import UpkeepError

if TYPE_CHECKING:
    from slack_sdk import WebClient

TIMEOUT_S = 10
# A webhook cannot be asked whether it took a message: rather wait long than not know.
WEBHOOK_TIMEOUT_S = 25
# A request that ran out of time may still be worked on: look for its message only after this many seconds.
SETTLING_S = 20.0
_HOOKS = "https://hooks.slack.com/services"
_EVENT = "upkeep_message"
_PAGES = 5

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
    "missing_scope": "give the app the scopes chat:write, channels:history and groups:history, and install it again",
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
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


@dataclass(frozen=True, slots=True)
class SlackEndpoint:
    """
    How Slack is reached. `kind` "bot": `token` is the bot's, `channel` the id of where it posts, `url` a base other than Slack's.

    `kind` "webhook": `token` is the whole address of the webhook, or its path below `url`. The token is never shown.
    `proxy` is the address of an HTTP proxy, which may hold its password; None is that of the environment. `timeout_s` bounds a
    request, None leaves it to Upkeep.
    `failures_per_run` limits what a webhook is sent; a bot token needs no limit, since failures are replies in a thread.
    """

    kind: Literal["bot", "webhook"]
    url: str | None = None
    token: str | None = field(default=None, repr=False)
    channel: str | None = None
    failures_per_run: int = 5
    proxy: str | None = field(default=None, repr=False)
    timeout_s: int | None = None

    @property
    def editable(self) -> bool:
        """Whether a message can be changed after it was sent."""
        return self.kind == "bot"


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


def post(slack: SlackEndpoint, key: str, body: Mapping[str, Any], thread: str | None) -> dict[str, str]:
    """Send a new message and return its place. The key travels as metadata, for `find`. Raises LaterError and RefusedError."""
    if slack.kind == "webhook":
        return _hook(slack, body)
    metadata = {"event_type": _EVENT, "event_payload": {"key": key}}
    words: dict[str, Any] = {
        "channel": slack.channel or "",
        "thread_ts": thread,
        "metadata": metadata,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    with _translated(delivery_uncertain=True):
        said = client_of(slack).chat_postMessage(**words, **body)
    return {"channel": str(said["channel"]), "ts": str(said["ts"])}


def update(slack: SlackEndpoint, body: Mapping[str, Any], slack_ref: Mapping[str, str]) -> bool:
    """Change a message where it stands; False when it is not there any more, or is not ours. May be repeated at will."""
    try:
        with _translated(delivery_uncertain=False):
            client_of(slack).chat_update(channel=slack_ref["channel"], ts=slack_ref["ts"], **body)
    except RefusedError as error:
        if error.code in _GONE:
            return False
        raise
    return True


def find(slack: SlackEndpoint, key: str, since: float, thread: str | None) -> dict[str, str] | None:
    """The slack_ref of the message with this key that was sent after `since` (Unix time), or None. Raises as `post` does."""
    client, cursor = client_of(slack), ""
    ask = client.conversations_replies if thread else client.conversations_history
    about: dict[str, Any] = {"ts": thread} if thread else {"oldest": f"{since:.6f}"}
    for _ in range(_PAGES):
        with _translated(delivery_uncertain=True):
            page = ask(channel=slack.channel or "", include_all_metadata=True, limit=200, cursor=cursor or None, **about)
        for message in page.get("messages") or []:
            if (message.get("metadata") or {}).get("event_payload", {}).get("key") == key:
                return {"channel": slack.channel or "", "ts": str(message["ts"])}
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return None
    return None


def is_too_much(error: RefusedError) -> bool:
    """Whether Slack disliked the blocks, so that plain text may pass."""
    return error.code in _TOO_MUCH


def client_of(slack: SlackEndpoint, timeout_s: int = TIMEOUT_S) -> "WebClient":
    """A client of the bot's API. `timeout_s` holds where the connection says nothing."""
    from slack_sdk import WebClient

    # The library's own retries would send a message twice; its own log would repeat what we report.
    return WebClient(
        slack.token,
        base_url=slack.url or WebClient.BASE_URL,
        timeout=slack.timeout_s or timeout_s,
        proxy=slack.proxy,
        retry_handlers=[],
        logger=_quiet(),
    )


def _hook(slack: SlackEndpoint, body: Mapping[str, Any]) -> dict[str, str]:
    from slack_sdk.webhook import WebhookClient

    token = slack.token or ""
    address = token if "://" in token else f"{(slack.url or _HOOKS).rstrip('/')}/{token.lstrip('/')}"
    client = WebhookClient(
        address, timeout=slack.timeout_s or WEBHOOK_TIMEOUT_S, proxy=slack.proxy, retry_handlers=[], logger=_quiet()
    )
    with _translated(delivery_uncertain=True):
        said = client.send(text=body["text"], blocks=body.get("blocks"))
    if said.status_code != HTTPStatus.OK:
        # A gateway in between may give up on what Slack took; "unavailable" is said before anything is taken.
        delivery_uncertain = said.status_code != HTTPStatus.SERVICE_UNAVAILABLE
        _raise(said.status_code, said.body.strip()[:60], said.headers, delivery_uncertain=delivery_uncertain)
    return {}


@contextmanager
def _translated(*, delivery_uncertain: bool) -> Iterator[None]:
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        yield
    except SlackApiError as error:
        answer: Any = error.response
        data = answer if isinstance(answer, dict) else answer.data
        _raise(
            getattr(answer, "status_code", 0), _word(data), getattr(answer, "headers", {}), delivery_uncertain=delivery_uncertain
        )
    except SlackClientError:
        raise RefusedError("an address that is none") from None
    except (OSError, HTTPException, ValueError) as error:
        never_sent = _never_sent(error)
        raise LaterError(
            f"Slack does not answer: {_said(error)}",
            after_s=SETTLING_S if delivery_uncertain and not never_sent else None,
            delivery_uncertain=delivery_uncertain and not never_sent,
        ) from None


def _raise(status: int, word: str, headers: Mapping[str, Any], *, delivery_uncertain: bool) -> NoReturn:
    limited = status == HTTPStatus.TOO_MANY_REQUESTS or word in {"ratelimited", "rate_limited"}
    if limited:
        raise LaterError("Slack asked to wait", after_s=_retry_after(headers), limited=True)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or word in _UNCERTAIN:
        raise LaterError(f"Slack is in trouble: HTTP {status} {word}".strip(), delivery_uncertain=delivery_uncertain)
    if word in _PASSING:
        raise LaterError(f"Slack says {word}")
    if not word or " " in word or "<" in word:
        raise LaterError(f"what answers is not Slack: HTTP {status}", delivery_uncertain=delivery_uncertain)
    raise RefusedError(word)


def _word(data: Any) -> str:
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


def _said(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    text = "no JSON" if isinstance(cause, json.JSONDecodeError) else str(cause)
    return text[:200] or type(error).__name__


def _quiet() -> logging.Logger:
    logger = logging.getLogger("upkeep.notify.slack_sdk")
    logger.setLevel(logging.CRITICAL + 1)
    return logger
