"""Numbers of a service's use: declared SQL or PromQL over a period, each with its unit and the range that is expected."""

import math
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from upkeep.errors import CannotAskError
from upkeep.field_types import ConnectionId, Seconds
from upkeep.humanize import plural
from upkeep.sources.connections import Connections
from upkeep.sources.declared_query import declared_rows, looked_at
from upkeep.sources.prometheus import open_prometheus
from upkeep.units import Unit
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class Used:
    """One number; a ratio with what it was made of. `value` is None when the source has none for the period."""

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    n: float | None = None


class _Measure(BaseModel):
    """What both kinds have."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,60}$", description="Name of the metric, such as active_users_month")
    connection: ConnectionId = Field(description="Airflow connection to the PostgreSQL or Prometheus that knows it")
    query: str = Field(min_length=1)
    unit: Unit = Field(default=Unit.COUNT, description="Unit of the number, such as count, s or 1 for a share")
    days: int | None = Field(
        default=None, ge=1, le=400, description="Days before the window's end that it is asked for; by default the window itself"
    )
    least: float | None = Field(default=None, description="Least that is expected")
    most: float | None = Field(default=None, description="Most that is expected")
    timeout: Seconds = Field(default=60, description="Longest that the query may take, such as 60 s")

    @model_validator(mode="after")
    def _in_order(self) -> "_Measure":
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least {self.least:g} of {self.name} is above most {self.most:g}")
        return self

    def start(self, window: Window) -> datetime:
        """Where the period begins that ends with the window."""
        return window.start if self.days is None else window.end - timedelta(days=self.days)


class SqlMeasure(_Measure):
    """A read-only session of a database, asked over the whole period: people are counted once, however often they came."""

    kind: Literal["query"]
    query: str = Field(
        min_length=1,
        description="Query of one row with a column value, and numerator, denominator and n where they are known; its parameters "
        "are %(start)s and %(end)s",
    )

    def check(self, connections: Connections) -> str:
        """Whether its database answers, for doctor; it is not asked."""
        return f"{self.name}: {looked_at(connections.postgres(self.connection))}"

    def used(self, connections: Connections, window: Window) -> Used:
        """Ask for it. Raises CannotAskError for another result than one row."""
        database, params = connections.postgres(self.connection), {"start": self.start(window), "end": window.end}
        rows = declared_rows(database, f"usage.{self.name}", self.query, Used, params, timeout_s=self.timeout)
        if len(rows) != 1:
            raise CannotAskError(
                f"the query usage.{self.name} gave {plural(len(rows), 'row')}", "have it give one, such as by an aggregate"
            )
        return Used(**{each.name: _number(self.name, each.name, getattr(rows[0], each.name)) for each in fields(Used)})


def _number(measure: str, column: str, value: object) -> float | None:
    """As a finite number; None for one that is none, such as NaN. Raises CannotAskError for text, a time or a truth."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise CannotAskError(
            f"the query usage.{measure} gave {column} as {type(value).__name__} and not as a number",
            "cast it, such as to float8; of an interval take extract(epoch from …)",
        )
    return float(value) if math.isfinite(value) else None


class PromMeasure(_Measure):
    """PromQL, asked at the end of the period."""

    kind: Literal["prometheus"]
    query: str = Field(
        min_length=1, description="PromQL of one series, such as sum(increase(signups_total[{range}])); {range} is the period"
    )

    def check(self, connections: Connections) -> str:
        """Whether its server answers, for doctor; it is not asked."""
        return f"{self.name}: {open_prometheus(connections, self.connection, self.timeout).answers()}"

    def used(self, connections: Connections, window: Window) -> Used:
        """Ask for it. Raises CannotAskError for several series."""
        server = open_prometheus(connections, self.connection, self.timeout)
        seconds = (window.end - self.start(window)).total_seconds()
        found = server.query(self.query.replace("{range}", f"{seconds:.0f}s"), window.end)
        if len(found) > 1:
            raise CannotAskError(
                f"usage.{self.name} gave {plural(len(found), 'series', 'series')}", "put sum() or max() around it"
            )
        value = found[0].values[-1] if found and found[0].values else math.nan
        return Used(value if math.isfinite(value) else None)


UsageMeasure: TypeAlias = Annotated[SqlMeasure | PromMeasure, Field(discriminator="kind")]
