"""Web vitals that a program left as JSON in a folder or bucket: days with counts, or records of the Chrome UX Report."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from upkeep.field_types import ConnectionId
from upkeep.formats.crux_record import CruxRecord, crux_record
from upkeep.formats.vital_export import ExportedDay, exported_day
from upkeep.formats.web_reports.report import WebReportError
from upkeep.humanize import plural
from upkeep.signals.left_reports import LeftReport, counts, left_reports
from upkeep.signals.vital_values import VitalCount, Vitals
from upkeep.sources.access_log_files import listed
from upkeep.sources.connections import Connections
from upkeep.window import Window

T = TypeVar("T")


class VitalsExport(BaseModel):
    """JSON files of what browsers measured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["export"]
    place: str = Field(
        pattern=r"^[a-z][a-z0-9+.-]*://\S+$", description="Folder or bucket: file:///srv/vitals, s3://bucket/vitals, gs://bucket"
    )
    files: str = Field(default="*.json", min_length=1, description="Pattern of the names of files")
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the object store")

    def check(self, connections: Connections) -> str:
        """How many files there are, for doctor."""
        found = listed(connections.objects(self.place, self.connection), self.files)
        return f"{plural(len(found), 'file')} {self.files} at {self.place}"

    def vitals(self, connections: Connections, window: Window) -> Vitals:
        """Read them. Raises CannotAskError when there is no file."""
        left = left_reports(connections.objects(self.place, self.connection), self.files, window)
        unknown = list(left.unread)
        days = list(_read(exported_day, left.each, window, unknown))
        records = list(_read(crux_record, left.each, window, unknown))
        newest = {
            (each.of, each.device): each for each in sorted(records, key=lambda each: each.last) if _is_before(each, window)
        }
        fresh = [each for each in newest.values() if _begins(each.last, window) >= window.start]
        unknown += [_old(each) for each in newest.values() if each not in fresh]
        ours = {each.day: each for each in days if window.start <= _begins(each.day, window) < window.end}
        return Vitals(
            [VitalCount(*count) for day in ours.values() for count in day.counts],
            tuple(_notes(days, ours, window)),
            tuple(vital for each in fresh for vital in each.vitals),
            tuple(unknown),
        )


def _read(reader: Callable[[Any], T | None], files: Sequence[LeftReport], window: Window, unknown: list[str]) -> Iterator[T]:
    """What one reader knows of the files, in their order."""
    for file in files:
        try:
            found = reader(file.document)
        except WebReportError as error:
            found = None
            if counts(file.modified, window):
                unknown.append(f"{file.name}: {error}")
        if found is not None:
            yield found


def _notes(days: Sequence[ExportedDay], ours: dict[date, ExportedDay], window: Window) -> Iterator[str]:
    if not ours:
        if days:
            yield f"the last exported day is {max(each.day for each in days)}"
        return
    asked = (window.end.date() - window.start.date()).days
    if len(ours) < asked:
        yield f"{asked - len(ours)} of {plural(asked, 'day')} were not exported"
    twice = sorted({each.day for each in days if each.day in ours and ours[each.day] is not each})
    if twice:
        yield f"of several files of {', '.join(map(str, twice[:3]))} the last counts"


def _begins(day: date, window: Window) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=window.start.tzinfo)


def _is_before(record: CruxRecord, window: Window) -> bool:
    return _begins(record.last, window) < window.end


def _old(record: CruxRecord) -> str:
    return f"what is published of {record.of or 'the origin'} on {record.device} ends on {record.last}, before the window"
