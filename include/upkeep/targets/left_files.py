"""Files that pipelines and containers leave somewhere, such as CI logs and reports of an environment."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import ClassVar

from pydantic import Field

from upkeep.errors import UpkeepError
from upkeep.field_types import ConnectionId
from upkeep.humanize import plural
from upkeep.need import Need
from upkeep.sources.connections import Connections
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.target import Target

_COUNTED = 1000


class LeftFiles(Target):
    """One folder, or one prefix of an object store."""

    section: ClassVar[str] = "left_files"

    place: str = Field(
        pattern=r"^[a-z][a-z0-9+.-]*://\S+$", description="Folder or prefix: file:///var/ci/logs, s3://bucket/logs, gs://bucket"
    )
    files: str = Field(default="*", min_length=1, description="Pattern of the names of files, such as *.log.gz")
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the object store")

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:  # noqa: ARG002 - rights are the store's
        """List it."""
        from upkeep.sources.paged_files import paged

        try:
            found = list(islice(paged(connections.objects(self.place, self.connection), self.files), _COUNTED))
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "")
            yield Diagnosis(
                subject=self.name, about="files", level=Level.NO, text=str(error), remedy=remedy, field="place", unmet=None
            )
        else:
            more = " or more" if len(found) == _COUNTED else ""
            text = f"{plural(len(found), 'file')}{more} {self.files} at {self.place}"
            yield Diagnosis(subject=self.name, about="files", level=Level.OK if found else Level.NOTE, text=text, field="place")
