"""What CI measured of pages and bundles: the newest numbers before a window's end, and what has none of the window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from pydantic import BaseModel, ConfigDict, Field

from upkeep.field_types import ConnectionId
from upkeep.formats.web_reports.readers import web_report
from upkeep.formats.web_reports.report import Measured, WebReport, WebReportError
from upkeep.humanize import plural
from upkeep.signals.left_reports import LeftReport, counts, left_reports
from upkeep.sources.access_log_files import listed
from upkeep.sources.connections import Connections
from upkeep.window import Window

_RUNS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Numbers, how many reports they come from, notes, and what should be there and is not."""

    values: tuple[Measured, ...]
    reports: int
    notes: tuple[str, ...]
    unknown: tuple[str, ...]


class LaboratoryPlace(BaseModel):
    """JSON files that CI left."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    place: str = Field(
        pattern=r"^[a-z][a-z0-9+.-]*://\S+$", description="Folder or bucket: file:///srv/ci/web, s3://bucket/web, gs://bucket"
    )
    files: str = Field(default="*.json", min_length=1, description="Pattern of the names of files")
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the object store")
    budgets: Mapping[str, float] = Field(
        default={},
        description="Most that a number of Lighthouse may be, beside budgets of the reports: lcp, fcp, tbt, inp, speed_index, "
        "interactive and render_blocking in ms, cls as its score, script, stylesheet, image, font and total in bytes",
    )

    def check(self, connections: Connections) -> str:
        """How many files there are, for doctor."""
        found = listed(connections.objects(self.place, self.connection), self.files)
        return f"{plural(len(found), 'file')} {self.files} at {self.place}"

    def measured(self, connections: Connections, window: Window) -> Laboratory:
        """Read them. Raises CannotAskError when there is no file."""
        left = left_reports(connections.objects(self.place, self.connection), self.files, window)
        unknown, notes = list(left.unread), list[str]()
        dated = sorted(_dated(left.each, window, unknown, notes), key=lambda each: (each[0].subject, each[1]))
        counted: list[list[WebReport]] = []
        for subject, group in groupby(dated, key=lambda each: each[0].subject):
            runs = [(report, at) for report, at in group if at < window.end]
            if not runs or runs[-1][1] < window.start:
                unknown.append(_absent(subject, runs[-1][1] if runs else None))
            else:
                counted.append(_last(runs))
        values = tuple(self._held(each) for runs in counted for each in _medians(runs))
        return Laboratory(values, sum(map(len, counted)), tuple(notes), (*unknown, *self._unheld(values)))

    def _held(self, value: Measured) -> Measured:
        """With the tighter of its own budget and the inventory's."""
        limits = [limit for limit in (value.limit, self.budgets.get(value.measure)) if limit is not None]
        return replace(value, limit=min(limits)) if limits else value

    def _unheld(self, values: Sequence[Measured]) -> Iterator[str]:
        told = {value.measure for value in values}
        yield from (f"no report tells {name}, which has a budget" for name in self.budgets if name not in told)


def _dated(
    files: Sequence[LeftReport], window: Window, unknown: list[str], notes: list[str]
) -> Iterator[tuple[WebReport, datetime]]:
    """Each report with its time: its own, else when its file was written."""
    strange = 0
    for file in files:
        try:
            report = web_report(file.document)
        except WebReportError as error:
            if counts(file.modified, window):
                unknown.append(f"{file.name}: {error}")
            continue
        at = (report.made_at or file.modified) if report else None
        strange += report is None
        if report and at is None:
            unknown.append(f"{file.name}: neither it nor its store says when it was made")
        elif report and at:
            yield report, at
    if strange:
        notes.append(f"{plural(strange, 'file')} of another form left out")


def _last(runs: Sequence[tuple[WebReport, datetime]]) -> list[WebReport]:
    """The newest report; where runs differ, all of the hour before it."""
    newest, at = runs[-1]
    return [report for report, made in runs if at - made <= _RUNS] if newest.varies else [newest]


def _absent(subject: str, last: datetime | None) -> str:
    when = f"last measured on {last:%Y-%m-%d}, before the window" if last else "first measured after the window"
    return f"{subject}: {when}"


def _medians(reports: Sequence[WebReport]) -> Iterator[Measured]:
    """Of each number the lower median over the runs: one that was measured."""
    found: dict[tuple[str, str], list[Measured]] = {}
    for report in reports:
        for value in report.values:
            found.setdefault((value.of, value.measure), []).append(value)
    for values in found.values():
        yield sorted(values, key=lambda value: value.value)[(len(values) - 1) // 2]
