"""A bucket of S3 whose storage is looked at: its classes and ages, what has no lifecycle rule, and what was left behind."""

from collections.abc import Iterator, Sequence
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from upkeep.errors import UpkeepError
from upkeep.field_types import ConnectionId
from upkeep.need import Need
from upkeep.sources.aws_policy import storage_policy
from upkeep.sources.connections import Connections
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.target import Target


class Bucket(Target):
    """One bucket, or a part of one."""

    section: ClassVar[str] = "buckets"

    place: str = Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\S*)?$", description="s3://bucket or s3://bucket/prefix")
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of AWS")
    region: str | None = Field(default=None, description="Region of the bucket; else that of the connection")

    @property
    def bucket(self) -> str:
        """Its name in S3."""
        return urlsplit(self.place).netloc

    @property
    def prefix(self) -> str:
        """What the names of its objects begin with; empty for all of them."""
        return urlsplit(self.place).path.lstrip("/")

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:  # noqa: ARG002 - rights are AWS's
        """Ask for its rules and for one page of everything else; the right that is missing is named, with the least policy."""
        from upkeep.sources.bucket import first_look

        policy = storage_policy(self.bucket)
        try:
            first_look(connections.aws(self.connection, "s3", self.region), self.bucket, self.prefix)
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "")
            yield Diagnosis(
                subject=self.name, about="storage", level=Level.NO, text=str(error), remedy=remedy, field="place", unmet=None
            )
        else:
            text = f"{self.place} tells its rules, versions and uploads; the least policy: {policy}"
            yield Diagnosis(subject=self.name, about="storage", level=Level.OK, text=text, field="place")
