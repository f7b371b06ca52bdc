"""Talking to Slack: one request at a time, and what its end means for the message."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from upkeep.notify.slack_errors import LaterError, RefusedError, raise_answer, translate_errors

if TYPE_CHECKING:
    from slack_sdk import WebClient

TIMEOUT_S = 10
# A webhook cannot be asked whether it took a message: rather wait long than not know.
WEBHOOK_TIMEOUT_S = 25
_HOOKS = "https://hooks.slack.com/services"
_EVENT = "upkeep_message"
_PAGES = 5
_ALT = 1_000

_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file for people: `name` tells it apart from every other, `alt` says what is to be seen, `comment` is mrkdwn."""

    name: str
    title: str
    alt: str
    comment: str
    content: bytes = field(repr=False)


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


def post(slack: SlackEndpoint, key: str, body: Mapping[str, Any], thread: str | None) -> dict[str, str]:
    """Send a new message and return its place. The key travels as metadata, for `find`. Raises LaterError and RefusedError."""
    if slack.kind == "webhook":
        return _hook(slack, body)
    metadata = {"event_type": _EVENT, "event_payload": {"key": key}}
    message: dict[str, Any] = {
        "channel": slack.channel or "",
        "thread_ts": thread,
        "metadata": metadata,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    with translate_errors(delivery_uncertain=True):
        response = client_of(slack).chat_postMessage(**message, **body)
    return {"channel": str(response["channel"]), "ts": str(response["ts"])}


def update(slack: SlackEndpoint, body: Mapping[str, Any], slack_ref: Mapping[str, str]) -> bool:
    """Change a message where it stands; False when it is not there any more, or is not ours. May be repeated at will."""
    try:
        with translate_errors(delivery_uncertain=False):
            client_of(slack).chat_update(channel=slack_ref["channel"], ts=slack_ref["ts"], **body)
    except RefusedError as error:
        if error.code in _GONE:
            return False
        raise
    return True


def upload(slack: SlackEndpoint, file: Upload, thread: str | None) -> dict[str, str]:
    """Put a file into the channel or a thread of it, and return its place. Raises LaterError and RefusedError."""
    from slack_sdk.errors import SlackRequestError

    with translate_errors(delivery_uncertain=True):
        try:
            answer = client_of(slack).files_upload_v2(
                filename=file.name,
                file=file.content,
                title=file.title,
                alt_txt=file.alt[:_ALT],
                initial_comment=file.comment,
                channel=slack.channel or "",
                thread_ts=thread,
            )
        except SlackRequestError:
            # Of the three steps the second, which shows nothing to anybody. Its message holds what came back.
            raise LaterError("Slack did not take the file") from None
    files: Any = answer.get("files") or [{}]
    return {"channel": slack.channel or "", "file": str(files[0].get("id", ""))}


def remove_file(slack: SlackEndpoint, file: str) -> None:
    """Take a file away again; one that is gone already, or must stay, is left alone. Raises LaterError."""
    with suppress(RefusedError), translate_errors(delivery_uncertain=False):
        client_of(slack).files_delete(file=file)


def find(slack: SlackEndpoint, key: str, since: float, thread: str | None, file: str = "") -> dict[str, str] | None:
    """
    The slack_ref of the message with this key that was sent after `since` (Unix time), or None. Raises as `post` does.

    A message that brought a file of the name `file` has no key: it is known by that.
    """
    client, cursor = client_of(slack), ""
    ask = client.conversations_replies if thread else client.conversations_history
    about: dict[str, Any] = {"ts": thread} if thread else {"oldest": f"{since:.6f}"}
    for _ in range(_PAGES):
        with translate_errors(delivery_uncertain=True):
            page = ask(channel=slack.channel or "", include_all_metadata=True, limit=200, cursor=cursor or None, **about)
        for message in page.get("messages") or []:
            if (message.get("metadata") or {}).get("event_payload", {}).get("key") == key:
                return {"channel": slack.channel or "", "ts": str(message["ts"])}
            if found := next((each for each in message.get("files") or [] if file and each.get("name") == file), None):
                return {"channel": slack.channel or "", "file": str(found["id"])}
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return None
    return None


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
    with translate_errors(delivery_uncertain=True):
        response = client.send(text=body["text"], blocks=body.get("blocks"))
    if response.status_code != HTTPStatus.OK:
        # A gateway in between may give up on what Slack took; "unavailable" is said before anything is taken.
        delivery_uncertain = response.status_code != HTTPStatus.SERVICE_UNAVAILABLE
        raise_answer(response.status_code, response.body.strip()[:60], response.headers, delivery_uncertain=delivery_uncertain)
    return {}


def _quiet() -> logging.Logger:
    logger = logging.getLogger("upkeep.notify.slack_sdk")
    logger.setLevel(logging.CRITICAL + 1)
    return logger
