"""A run's report for programs: JSON that says what the document says."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from upkeep.answer import Json

if TYPE_CHECKING:
    from upkeep.reports.run import RunReport

LIMIT = 500
_NOT_SAID = frozenset({"dag_id", "run_id", "task_id", "map_index", "owner_slack"})


def content(report: "RunReport") -> Json:
    """Counts, and of each kind of line the first 500; without provenance, so that every run of a window says the same."""
    quality = report.quality
    return {
        "title": report.title,
        "headline": report.headline,
        "quality": {"passed": quality.passed, "failures": list(quality.failures)} if quality else None,
        "expected": report.expected,
        "by_status": report.by_status,
        "by_area": report.by_area,
        "counts": {
            name: len(getattr(report, name))
            for name in ("open", "red", "new", "reopened", "overdue", "waived", "resolved", "unknown", "missing")
        },
        "findings": _as_rows(report.findings),
        "resolved": _as_rows(report.resolved),
        "unknown": _as_rows(report.unknown),
        "missing": _as_rows(report.missing),
        "numbers": _as_rows(report.numbers),
        "sections": {name: asdict(section) for name, section in report.sections.items()},
        "missed_runs": [gap.text for gap in report.missed],
    }


def _as_rows(lines: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [{k: v for k, v in asdict(line).items() if k not in _NOT_SAID} for line in lines[:LIMIT]]
