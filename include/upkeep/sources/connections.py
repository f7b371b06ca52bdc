"""Connections by id: databases, object stores, cloud services. Airflow's connections stand behind them."""

from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from upkeep.errors import BrokenError
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint


class Connections(Protocol):
    """Opens what a duty needs. Each raises BrokenError when the connection is missing or of another kind."""

    def postgres(self, connection_id: str) -> Endpoint:
        """Where a PostgreSQL server is and as whom to log in."""
        ...

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """An object store at a URL: `file:///…`, `s3://bucket/prefix`, `gs://…`, `abfs://…`."""
        ...

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """A boto3 client of a service, such as "rds", in the region of the connection unless given."""
        ...


@dataclass(frozen=True, slots=True)
class OneDatabase:
    """Connections of which each leads to the same database, without Airflow: for the demo, for benches and for tests."""

    endpoint: Endpoint

    def postgres(self, connection_id: str) -> Endpoint:  # noqa: ARG002 - every id leads there
        """That database."""
        return self.endpoint

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:  # noqa: ARG002 - no credentials are known
        """A store that needs no credentials. Raises ValueError and ImportError for a URL that cannot be opened."""
        return open_store(url)

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> NoReturn:
        """None is known: raises BrokenError."""
        raise BrokenError(
            f"there is no connection {connection_id} to {service}{f' in {region}' if region else ''} here", retry=False
        )
