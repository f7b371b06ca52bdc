"""Airflow connections as Upkeep's endpoints, from wherever Airflow gets them: environment, database, secrets backend."""

from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from upkeep.errors import BrokenError
from upkeep.notify.slack import SlackEndpoint
from upkeep.sources.postgres import Endpoint

STORE = "upkeep_db"
_LIBPQ = ("sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs", "keepalives_idle", "channel_binding")


def endpoint(connection_id: str) -> Endpoint:
    """A PostgreSQL connection. Raises BrokenError when Airflow has none of this id, or it is of another kind."""
    found = _connection(connection_id)
    if found.conn_type not in {"postgres", "postgresql"}:
        raise BrokenError(f'connection "{connection_id}" is of type {found.conn_type}, not postgres', "correct it", retry=False)
    options = {name: str(value) for name, value in found.extra_dejson.items() if name in _LIBPQ}
    return Endpoint(
        found.host or "localhost", found.port or 5432, found.login or None, found.password or None, found.schema or None, options
    )


def store() -> Endpoint:
    """The report database."""
    return endpoint(STORE)


def slack(connection_id: str, channel: str | None, failures_per_run: int) -> SlackEndpoint:
    """
    A Slack connection: type `slack` is a bot token, type `slackwebhook` an incoming webhook.

    Raises BrokenError when it is missing or of another kind.
    """
    found = _connection(connection_id)
    if found.conn_type == "slack":
        return SlackEndpoint("bot", found.extra_dejson.get("base_url"), found.password, channel, failures_per_run)
    if found.conn_type == "slackwebhook":
        return SlackEndpoint("webhook", found.host, found.password, channel, failures_per_run)
    raise BrokenError(f'connection "{connection_id}" is of type {found.conn_type}, not slack or slackwebhook', retry=False)


def _connection(connection_id: str) -> Any:
    try:
        return BaseHook.get_connection(connection_id)
    except AirflowNotFoundException as error:
        remedy = f"add it in Admin > Connections, or set AIRFLOW_CONN_{connection_id.upper()}"
        raise BrokenError(f'Airflow has no connection "{connection_id}"', remedy, retry=False) from error
