"""What lies outside, by connection id: databases, object stores, cloud services. Airflow's connections stand behind it."""

from typing import Any, Protocol

from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint


class Outside(Protocol):
    """Opens what a duty needs. Each raises BrokenError when the connection is missing or of another kind."""

    def postgres(self, connection_id: str) -> Endpoint:
        """Where a PostgreSQL server is and as whom to log in."""
        ...

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """An object store at a URL: `file:///…`, `s3://bucket/prefix`, `gs://…`, `abfs://…`."""
        ...

    def aws(self, connection_id: str | None, service: str) -> Any:
        """A boto3 client of a service, such as "rds"."""
        ...
