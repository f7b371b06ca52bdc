"""The month's restore tests as evidence for an auditor: one document that names everything by its hash."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from upkeep.humanize import plural, size, span
from upkeep.reports.report import Report, report
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

HOW = (
    "Each row's SHA-256 is that of its test as JSON with sorted keys and no spaces, in UTF-8, as upkeep.restore_test and "
    "upkeep.restore hold it; that of the objects is over the SHA-256 of each stored object by its name in the same form; that of "
    "the manifest stands in the manifest itself. The document's is over the rows' in their order, a line each."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One backup that was looked at. The fields are the columns of the question."""

    target: str
    backup_id: str
    chosen_as: str
    result: str
    message: str
    tested_at: datetime
    snapshot_at: datetime | None
    rows: int | None
    copy_bytes: int | None
    recovery_seconds: float | None
    recovery_point: datetime | None
    recovery_point_from: str | None
    indexes_checked: int | None
    tables_checked: int | None
    smoke: Mapping[str, Any]
    seconds: Mapping[str, float]
    manifest_sha256: str | None
    objects: Mapping[str, str]
    exactness: str | None
    detail: Mapping[str, Any] | None

    @property
    def sha256(self) -> str:
        """Over all of it."""
        return sum_of(asdict(self))


def sum_of(plain: Any) -> str:
    """SHA-256 of a value as JSON with sorted keys and no spaces; times in ISO 8601."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=lambda each: each.isoformat())
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@report(Cadence.MONTHLY)
def restore_evidence(rows: Rows, window: Window) -> Report | None:
    """What was proven, when, on which bytes; None in a month without a test."""
    lines = rows(__file__, Line, {"start": window.start, "end": window.end})
    if not lines:
        return None
    whole = document_sum(lines)
    proven = sum(line.result in {"proven", "whole"} for line in lines)
    text = (
        f"{proven} of {plural(len(lines), 'backup')} found whole, {sum(x.result == 'proven' for x in lines)} of them by a restore"
    )
    return Report(
        title=f"Evidence of restores, {window.start:%Y-%m}",
        headline=f"{text}; document {whole}",
        sections=(_tests(lines), _hashes(lines, whole), _smoke(lines), _tables(lines)),
    )


def document_sum(lines: Sequence[Line]) -> str:
    """Over the sums of the rows, a line each."""
    return hashlib.sha256("\n".join(line.sha256 for line in lines).encode()).hexdigest()


def _tests(lines: Sequence[Line]) -> Section:
    columns = ("database", "backup", "of", "tested", "result", "rows:", "size:", "recovery time:", "recovery point", "found")
    return Section(title="What was tested", text="times are UTC", columns=columns, rows=tuple(map(_cells, lines)))


def _cells(line: Line) -> tuple[str, ...]:
    took = span(line.recovery_seconds) if line.recovery_seconds is not None else ""
    data = (f"{line.rows:,}" if line.rows is not None else "", size(line.copy_bytes) if line.copy_bytes is not None else "")
    point = f"{_minute(line.recovery_point)} ({line.recovery_point_from})" if line.recovery_point else ""
    when = (_minute(line.snapshot_at), _minute(line.tested_at))
    return (line.target, line.backup_id, *when, line.result, *data, took, point, line.message)


def _hashes(lines: Sequence[Line], whole: str) -> Section:
    rows = tuple(
        (x.target, x.backup_id, x.sha256, x.manifest_sha256 or "", sum_of(x.objects), str(len(x.objects))) for x in lines
    )
    columns = ("database", "backup", "this test", "manifest", "objects", "objects:")
    return Section(title="Hashes", text=f"SHA-256 of this document's rows: {whole}. {HOW}", columns=columns, rows=rows)


def _smoke(lines: Sequence[Line]) -> Section:
    rows = [
        (line.target, line.backup_id, query, str(answer.get("verdict")), str(answer.get("found")))
        for line in lines
        for query, answer in sorted(line.smoke.items())
    ]
    columns = ("database", "backup", "query", "verdict", "answer")
    return Section(title="Smoke queries", text=f"{plural(len(rows), 'answer')}", columns=columns, rows=tuple(rows))


def _tables(lines: Sequence[Line]) -> Section:
    rows = tuple(row for line in lines for row in _compared(line))
    columns = ("database", "backup", "table", "rows in the backup:", "rows in the copy:", "content")
    return Section(title="Table by table", text=f"{plural(len(rows), 'table')} compared by digest", columns=columns, rows=rows)


def _compared(line: Line) -> Iterator[tuple[str, ...]]:
    for table, found in sorted((line.detail or {}).items()):
        counts = (str(found.get("rows", "")), str(found.get("found", "")))
        yield (line.target, line.backup_id, table, *counts, "same" if found.get("same") else "differs")


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
