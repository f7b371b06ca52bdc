"""Features with their gates as rows."""

from dataclasses import dataclass
from typing import ClassVar

from upkeep.record import Record


@dataclass(frozen=True, slots=True)
class FeatureRecord(Record):
    """A feature's record as it was at the window's end."""

    table: ClassVar[str] = "feature_record"

    path: str
    feature: str
    stage: str
    owner: str | None
    due: list[str]
    missing: list[str]
    dead_links: list[str]
