"""A machine of the system, known by the report that it leaves in a folder or bucket."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from upkeep.errors import UpkeepError
from upkeep.field_types import ConnectionId
from upkeep.need import Need
from upkeep.sources.connections import Connections
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.target import Target

_REMEDY = "run deploy/host-report there once a day, and let it leave its report in this place"


class Host(Target):
    """One machine. Nothing logs in to it: it runs `deploy/host-report` and leaves the report where Upkeep can read it."""

    section: ClassVar[str] = "hosts"

    reports: str = Field(
        pattern=r"^[a-z][a-z0-9+.-]*://\S+$",
        description="Folder or bucket of reports: file:///srv/upkeep/hosts, s3://bucket/hosts",
    )
    report: str | None = Field(
        default=None, pattern=r"^[^/\s][^\s]*$", description="Name of its report there; by default its name with .report"
    )
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the object store")

    @property
    def report_name(self) -> str:
        """The report's name in its folder."""
        return self.report or f"{self.name}.report"

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:  # noqa: ARG002 - it has none
        """Whether its report is there; what stands in it is not judged."""
        try:
            there = connections.objects(self.reports, self.connection).exists(self.report_name)
        except UpkeepError as error:
            yield self._diagnosis(Level.NO, str(error))
        else:
            where = f"{self.report_name} in {self.reports}"
            yield (
                self._diagnosis(Level.OK, f"its report is {where}")
                if there
                else self._diagnosis(Level.NO, f"there is no {where}")
            )

    def _diagnosis(self, level: Level, text: str) -> Diagnosis:
        remedy = _REMEDY if level is Level.NO else ""
        return Diagnosis(subject=self.name, about="report", level=level, text=text, remedy=remedy, field="reports", unmet=None)
