"""A Slack connection of Airflow as an endpoint: what SlackHook and SlackWebhookHook would tell Slack's library."""

import json
from typing import Any

from airflow.sdk.exceptions import AirflowException

from upkeep.airflow_bridge.connection_lookup import look_up, missing_provider
from upkeep.errors import BrokenError
from upkeep.notify.slack import SlackEndpoint

TYPES = frozenset({"slack", "slackwebhook"})


def slack(connection_id: str, channel: str | None, failures_per_run: int) -> SlackEndpoint:
    """
    A Slack connection: type `slack` is a bot token, type `slackwebhook` an incoming webhook.

    Proxy, time limit and base address are those of the connection. Raises BrokenError when it cannot be had, is of another
    type or holds no token.
    """
    found = look_up(connection_id, TYPES)
    client = _client(connection_id, found.conn_type)
    own_limit = any(name.endswith("timeout") and value for name, value in json.loads(found.extra or "{}").items())
    return SlackEndpoint(
        kind="bot" if found.conn_type == "slack" else "webhook",
        url=client.base_url if found.conn_type == "slack" else None,
        token=client.token if found.conn_type == "slack" else client.url,
        channel=channel,
        failures_per_run=failures_per_run,
        proxy=client.proxy,
        timeout_s=client.timeout if own_limit else None,
    )


def _client(connection_id: str, kind: str) -> Any:
    try:
        from airflow.providers.slack.hooks.slack import SlackHook
        from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook
    except ImportError as error:
        raise missing_provider("slack", f'connection "{connection_id}"', error) from error
    hook: Any = (
        SlackHook(slack_conn_id=connection_id) if kind == "slack" else SlackWebhookHook(slack_webhook_conn_id=connection_id)
    )
    try:
        return hook.client
    except AirflowException as error:
        token = "the bot token (xoxb-…)" if kind == "slack" else "the webhook's address"
        raise BrokenError(f'connection "{connection_id}" has no password', f"put {token} there", retry=False) from error
    except ValueError as error:
        raise BrokenError(f'connection "{connection_id}": its timeout is no whole number', "correct it", retry=False) from error
