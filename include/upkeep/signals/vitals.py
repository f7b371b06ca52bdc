"""Where web vitals of a service are read: beacons in an access log, declared SQL, or JSON that was left somewhere."""

from math import isfinite
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from upkeep.errors import CannotAskError
from upkeep.field_types import ConnectionId, Seconds
from upkeep.formats.vital_export import DEVICES, VITALS
from upkeep.humanize import plural
from upkeep.signals.kinds.access_log import AccessLogPlace
from upkeep.signals.vital_values import VitalCount, Vitals
from upkeep.signals.vitals_export import VitalsExport
from upkeep.sources.access_log import read_log
from upkeep.sources.access_log_counts import seen
from upkeep.sources.beacons import beacon_counts
from upkeep.sources.connections import Connections
from upkeep.sources.declared_query import declared_rows, looked_at
from upkeep.window import Window


class BeaconsPlace(BaseModel):
    """Requests that browsers send to a path, in an access log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["beacons"]
    log: AccessLogPlace = Field(description="The access log, as under signals; its format has the request and the agent")
    path: str = Field(
        pattern=r"^/[^?#\s]*$", description="Path that browsers send to, such as /vitals; a value is in its query string"
    )

    def check(self, connections: Connections) -> str:
        """How many files there are, for doctor. Raises CannotAskError when there is none."""
        return self.log.open(connections).check()

    def vitals(self, connections: Connections, window: Window) -> Vitals:
        """Read them. Raises as signals do."""
        with read_log(self.log.open(connections).log, window, ("path", "agent")) as log:
            seen(log)
            return Vitals([VitalCount(*each) for each in beacon_counts(log, self.path)], log.notes)


class VitalsQuery(BaseModel):
    """A read-only session of a database, and what to ask in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["query"]
    connection: ConnectionId = Field(description="Airflow connection to the PostgreSQL that keeps them")
    query: str = Field(
        min_length=1,
        description="Query of columns device (mobile, desktop), vital (lcp, inp, cls), value (ms; score) and n (page views); its "
        "parameters are %(start)s and %(end)s",
    )
    timeout: Seconds = Field(default=60, description="Longest that the query may take, such as 60 s")

    def check(self, connections: Connections) -> str:
        """Whether its database answers, for doctor; it is not asked."""
        return looked_at(connections.postgres(self.connection))

    def vitals(self, connections: Connections, window: Window) -> Vitals:
        """Ask for them. Raises CannotAskError for columns that do not fit."""
        params, database = {"start": window.start, "end": window.end}, connections.postgres(self.connection)
        rows = declared_rows(database, "vitals.query", self.query, VitalCount, params, timeout_s=self.timeout)
        told = [_told(row) for row in rows if row.value is not None and row.n]
        known = [each for each in told if each.device in DEVICES and each.vital in VITALS]
        left = [plural(len(rows) - len(told), "row") + " without a value"] if len(told) < len(rows) else []
        odd = sorted({f"{each.vital} {each.device}"[:40] for each in told} - {f"{each.vital} {each.device}" for each in known})
        return Vitals(known, (*left, *(f"left out: {each}" for each in odd[:3])))


def _told(row: VitalCount) -> VitalCount:
    """As it is counted. Raises CannotAskError for what is no number, and no count of page views."""
    try:
        value, n = float(row.value), int(row.n)
    except (TypeError, ValueError, OverflowError) as error:
        raise CannotAskError(f"the query vitals.query gave no number: {error}", "cast value to float8 and n to bigint") from error
    if not isfinite(value) or value < 0 or n < 0:
        raise CannotAskError(f"the query vitals.query gave the value {value:g} for {n:,} page views", "leave such rows out")
    return VitalCount(str(row.device).lower(), str(row.vital).lower(), value, n)


VitalsPlace: TypeAlias = Annotated[BeaconsPlace | VitalsQuery | VitalsExport, Field(discriminator="kind")]
