"""What came of cleaning a metadata database: rows of its own, and what is left."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.formats.db_clean import Cleaning
from upkeep.humanize import plural
from upkeep.jobs.database.metadata_plan import command_line
from upkeep.record import Record
from upkeep.units import Unit


@dataclass(frozen=True, slots=True)
class MetadataCleanup(Record):
    """One table that was cleaned."""

    table: ClassVar[str] = "metadata_cleanup"

    table_name: str
    clean_before: datetime
    rows_approved: int
    rows_left: int
    archived_to: str | None


def outcome(wanted: Mapping[str, Any], left: Cleaning, behind: Collection[str]) -> Answer:
    """The answer and its records. A table that could not be looked at counts as not cleaned."""
    rows = {name: left.rows.get(name, 0) for name in wanted["tables"]}
    before, approved = datetime.fromisoformat(wanted["clean_before"]), sum(wanted["tables"].values())
    records = [MetadataCleanup(name, before, wanted["tables"][name], rows[name], wanted["export_to"] or None) for name in rows]
    gone = max(0, approved - sum(rows.values()))
    return Answer.judged(f"{plural(gone, 'row')} of {approved:,} cleaned from {plural(len(rows), 'table')}",
        findings=_findings(rows, left, behind, wanted), records=records,
        metrics=[Metric(name="metadata_rows_cleaned", value=gone, unit=Unit.COUNT)])  # fmt: skip


def _findings(rows: Mapping[str, int], left: Cleaning, behind: Collection[str], wanted: Mapping[str, Any]) -> list[Finding]:
    found = []
    for name, count in rows.items():
        if count or name in left.failed:
            message = "could not be looked at" if name in left.failed else f"still has {plural(count, 'row')}"
            found.append(Finding(rule="metadata_rows_left", object=name, severity=Severity.MEDIUM,
                title=f"{name} {message} from before {wanted['clean_before'][:10]}", remedy=command_line(wanted)))  # fmt: skip
    if behind:
        title = f"{plural(len(behind), 'archive table')} left behind by the command: {', '.join(sorted(behind)[:3])}"
        found.append(Finding(rule="metadata_archive_left", object="archive tables", severity=Severity.LOW, title=title,
            remedy=f"airflow db drop-archived --tables {','.join(wanted['tables'])}"))  # fmt: skip
    return found
