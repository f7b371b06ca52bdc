"""Airflow connections as Upkeep's endpoints, from wherever Airflow gets them: environment, database, secrets backend."""

from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowNotFoundException

from upkeep.airflow_bridge.connection_lookup import missing_provider, not_found
from upkeep.airflow_bridge.git_connection import git_login
from upkeep.airflow_bridge.http_connection import http_address
from upkeep.airflow_bridge.key_connection import private_key
from upkeep.airflow_bridge.postgres_connection import endpoint
from upkeep.airflow_bridge.slack_connection import slack
from upkeep.airflow_bridge.whole_connection import whole_connection
from upkeep.errors import BrokenError
from upkeep.sources.git.login import GitLogin
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint

__all__ = ["STORE", "AirflowConnections", "executor", "slack", "store"]

STORE = "upkeep_db"


def store() -> Endpoint:
    """The report database."""
    return endpoint(STORE)


def executor() -> str:
    """Airflow's executors, as its settings name them."""
    from airflow.configuration import conf

    return str(conf.get("core", "executor", fallback=""))


def metadata_kind() -> str:
    """Of which kind Airflow's metadata database is, such as "postgresql" or "sqlite"; "" where this process is not told."""
    from airflow.configuration import conf

    kind = str(conf.get("database", "sql_alchemy_conn", fallback="")).partition(":")[0].partition("+")[0]
    return {"postgres": "postgresql"}.get(kind, kind)


class AirflowConnections:
    """Upkeep's `Connections`, from Airflow's connections and through its providers."""

    def postgres(self, connection_id: str) -> Endpoint:
        """A PostgreSQL connection."""
        return endpoint(connection_id)

    def git(self, connection_id: str) -> GitLogin:
        """A login to a git server."""
        return git_login(connection_id)

    def http(self, connection_id: str) -> HttpAddress:
        """An HTTP service with its login."""
        return http_address(connection_id)

    def whole(self, connection_id: str) -> Mapping[str, Any] | None:
        """All that a connection holds, for the rotation of one."""
        return whole_connection(connection_id)

    def key(self, connection_id: str) -> str:
        """The private keys that open encrypted backups."""
        return private_key(connection_id)

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """An object store that ObjectStoragePath reaches."""
        from airflow.sdk import ObjectStoragePath

        path = ObjectStoragePath(url, conn_id=connection_id)
        try:
            return ObjectStore(path.fs, path.path, url)
        except AirflowNotFoundException as error:
            raise not_found(str(connection_id)) from error
        except (ImportError, ValueError) as error:
            remedy = "install the Airflow provider of this kind of store (amazon with s3fs, google, microsoft-azure)"
            raise BrokenError(f"no way to reach {url}: {error}", remedy, retry=False) from error

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """A boto3 client; `region` is that of the connection unless given."""
        try:
            from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
        except ImportError as error:
            raise missing_provider("amazon", f"a client of {service}", error) from error
        try:
            return AwsBaseHook(aws_conn_id=connection_id, client_type=service, region_name=region).get_conn()
        except AirflowNotFoundException as error:
            raise not_found(str(connection_id)) from error
