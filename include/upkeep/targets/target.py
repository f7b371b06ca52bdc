"""What every target has, whatever its kind."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from upkeep.answer import Severity
from upkeep.field_types import Link, Name, SeverityLabel, ThresholdValue
from upkeep.need import Need
from upkeep.sources.connections import Connections
from upkeep.targets.diagnosis import Diagnosis


class Strict(BaseModel):
    """A frozen model that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Target(Strict):
    """
    One thing looked after. Subclasses are the kinds; `section` is their key in the file, a list of entries.

    Of a `single` kind there is always exactly one, and its section is one optional mapping. `names` says of fields that list
    other targets in which section these stand.
    """

    section: ClassVar[str]
    single: ClassVar[bool] = False
    names: ClassVar[Mapping[str, str]] = {}

    name: Name = Field(description="Unique over all kinds; any visible characters")
    owner: str = Field(description="Name of a person of this file")
    red_at: SeverityLabel = Field(default="high", description="From this severity on a finding turns the task red")
    thresholds: Mapping[str, Mapping[str, ThresholdValue]] = Field(
        default_factory=dict, description="Per duty, its thresholds that differ here"
    )
    tags: tuple[Name, ...] = Field(default=(), description="Words to select and group by")
    at_once: int = Field(default=2, ge=1, le=50, description="Sessions or calls that Upkeep may have on it at a time, in all")
    runbook: Link | None = Field(default=None, description="Link shown beside every finding; starts with http:// or https://")

    @property
    def red_severity(self) -> Severity:
        """`red_at` as an ordered value."""
        return Severity.parse(self.red_at)

    def with_defaults(self, settings: Mapping[str, Any]) -> Self:  # noqa: ARG002 - kinds that have defaults use them
        """The target with what the file says once for all (`settings`, by field) where it says nothing itself."""
        return self

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterable[Diagnosis]:  # noqa: ARG002 - kinds look
        """
        Whether it can be asked: reached, with every need of its duties and no more. Kinds that can be looked at do so.

        Raises nothing: what went wrong is a diagnosis.
        """
        return ()
