"""A chart as values: defined once, drawn as SVG in documents and pages and as PNG in messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

MOST_SERIES = 8


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of the bars: a value for each label of its chart, None where nothing is known."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """
    What is drawn: bars that stand on each other, or lines, over labels at equal distances.

    `text` says in a sentence what is to be seen, for who cannot see it. `unit` is that of all values; `limit` is a line across.
    """

    title: str
    text: str
    unit: str
    kind: Literal["stacked", "lines"]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    limit: float | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot be drawn."""
        if not self.labels or not 0 < len(self.series) <= MOST_SERIES:
            raise ValueError(f"a chart has labels and 1 to {MOST_SERIES} series")
        for series in self.series:
            if len(series.values) != len(self.labels):
                raise ValueError(f"{series.name} has not a value for each label")
            if not all(value is None or isfinite(value) for value in series.values):
                raise ValueError(f"{series.name} has a value that is no number")


def chart_of(kept: Mapping[str, Any]) -> Chart:
    """A chart that was kept as JSON. Raises ValueError, TypeError or KeyError for what is none."""
    series = tuple(Series(each["name"], tuple(each["values"])) for each in kept["series"])
    return Chart(**{**kept, "labels": tuple(kept["labels"]), "series": series})


def charts_of(content: Mapping[str, Any]) -> list[Chart]:
    """The charts of a stored report, in the order of its document."""
    sections = content.get("sections") or []
    parts = sections.values() if isinstance(sections, Mapping) else sections
    return [chart_of(kept) for part in parts for kept in part.get("charts") or []]
