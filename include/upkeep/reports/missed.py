"""Runs that should have been and were not, in words: nobody looks for a message that does not come. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from upkeep.humanize import plural
from upkeep.store.run_history import StoredRun
from upkeep.window import Window

# As long as any run may take, and shorter than a day: the next daily run is to notice.
UNDER_WAY = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class MissedRuns:
    """
    Windows of one cadence, one after the other, without a report.

    `first` and `last` are days, both included. `began` tells a run that began and never reported from one that never was.
    """

    cadence: str
    first: date
    last: date
    windows: int
    began: bool = False

    @property
    def text(self) -> str:
        """Such as "weekly did not run for 2026-11-16 to 2026-11-22"."""
        days = f"{self.first}" + ("" if self.first == self.last else f" to {self.last}")
        several = f" ({plural(self.windows, 'window')})" if self.windows > 1 else ""
        return f"{self.cadence} " + ("began, but never reported" if self.began else "did not run") + f" for {days}{several}"


REMEDY = (
    "see in Airflow whether the DAG is paused or its file does not load, and whether the scheduler was down; then backfill it "
    "(live duties say present only), or pause the cadence in the inventory: schedule: null"
)


def missed(cadence: str, due: Iterable[Window], ran: Sequence[StoredRun], zone: ZoneInfo, by: datetime) -> Iterator[MissedRuns]:
    """The windows of `due` that no run covers, and those whose run is not under way at `by` any more and never reported."""
    ours, newest, end = [run for run in ran if run.cadence == cadence], None, None
    for window in due:
        covering = [run for run in ours if run.window.start <= window.start and window.end <= run.window.end]
        if any(run.reported or run.started_at > by - UNDER_WAY for run in covering):
            continue
        days = _days(window, zone)
        found = MissedRuns(cadence, *days, windows=1, began=bool(covering))
        if newest and end == window.start and newest.began == found.began:
            newest = replace(newest, last=found.last, windows=newest.windows + 1)
        else:
            yield from [newest] if newest else []
            newest = found
        end = window.end
    yield from [newest] if newest else []


def _days(window: Window, zone: ZoneInfo) -> tuple[date, date]:
    last = window.end - timedelta(microseconds=1)
    return window.start.astimezone(zone).date(), last.astimezone(zone).date()
