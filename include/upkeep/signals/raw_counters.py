"""Raw samples of counters, refused where what they count cannot be known."""

from collections.abc import Sequence
from datetime import datetime
from math import isfinite

from upkeep.errors import CannotAskError
from upkeep.sources.prometheus import Prometheus
from upkeep.sources.prometheus_series import COPIES, Series


def raw_counters(server: Prometheus, selector: str, start: datetime, end: datetime) -> Sequence[Series]:
    """The series that have samples. Raises CannotAskError for samples that are no numbers, and for copies of the same ones."""
    every = [each for each in server.raw(selector, start, end) if each.times]
    if any(not isfinite(value) for each in every for value in each.values):
        text = f"a sample of {selector.partition('{')[0]} is no number: what happened since the one before it is not known"
        raise CannotAskError(text, "see which program writes NaN or Inf into a counter")
    for label in sorted(COPIES & {label for each in every for label in each.labels}):
        _refuse_copies(every, label)
    return every


def _refuse_copies(every: Sequence[Series], label: str) -> None:
    """Several servers that scrape the same keep the same samples: added up, all count double."""
    ends: dict[frozenset[tuple[str, str]], float] = {}
    for series in sorted(every, key=lambda each: each.times[0]):
        rest = frozenset(each for each in series.labels.items() if each[0] != label)
        if ends.get(rest, series.times[0]) > series.times[0]:
            remedy = (
                f'name it as signals.replica, or let match take one of them, such as {label}="{series.labels.get(label, "")}"'
            )
            raise CannotAskError(f"the same samples are there once for each {label}", remedy)
        ends[rest] = series.times[-1]
