"""Airflow connections as Upkeep's endpoints, from wherever Airflow gets them: environment, database, secrets backend."""

from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from upkeep.errors import BrokenError
from upkeep.notify.slack import SlackEndpoint
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint

STORE = "upkeep_db"
_LIBPQ = ("sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs", "keepalives_idle", "channel_binding")


def _endpoint(connection_id: str) -> Endpoint:
    found = _connection(connection_id)
    if found.conn_type not in {"postgres", "postgresql"}:
        raise BrokenError(f'connection "{connection_id}" is of type {found.conn_type}, not postgres', "correct it", retry=False)
    options = {name: str(value) for name, value in found.extra_dejson.items() if name in _LIBPQ}
    return Endpoint(
        found.host or "localhost", found.port or 5432, found.login or None, found.password or None, found.schema or None, options
    )


def store() -> Endpoint:
    """The report database."""
    return _endpoint(STORE)


def executor() -> str:
    """Airflow's executors, as its settings name them."""
    from airflow.configuration import conf

    return str(conf.get("core", "executor", fallback=""))


class AirflowConnections:
    """Upkeep's `Connections`, from Airflow's connections and through its providers."""

    def postgres(self, connection_id: str) -> Endpoint:
        """A PostgreSQL connection."""
        return _endpoint(connection_id)

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """An object store that ObjectStoragePath reaches."""
        from airflow.sdk import ObjectStoragePath

        path = ObjectStoragePath(url, conn_id=connection_id)
        try:
            return ObjectStore(path.fs, path.path, url)
        except AirflowNotFoundException as error:
            raise _missing(str(connection_id)) from error
        except (ImportError, ValueError) as error:
            remedy = "install the Airflow provider of this kind of store (amazon with s3fs, google, microsoft-azure)"
            raise BrokenError(f"no way to reach {url}: {error}", remedy, retry=False) from error

    def aws(self, connection_id: str | None, service: str) -> Any:
        """A boto3 client."""
        from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

        return AwsBaseHook(aws_conn_id=connection_id, client_type=service).get_conn()


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
        raise _missing(connection_id) from error


def _missing(connection_id: str) -> BrokenError:
    remedy = f"add it in Admin > Connections, or set AIRFLOW_CONN_{connection_id.upper()}"
    return BrokenError(f'Airflow has no connection "{connection_id}"', remedy, retry=False)
