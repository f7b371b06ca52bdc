"""The report of a run: what a window's stored rows say, whatever started the run and whenever it is asked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from upkeep.answer import Json, Status
from upkeep.humanize import plural
from upkeep.reports.content import content
from upkeep.reports.lines import AnswerLine, FindingLine, NumberLine, ResolvedLine, UnaskedLine
from upkeep.reports.missed import REMEDY, MissedRuns
from upkeep.reports.report import publish_reports
from upkeep.reports.rows import ask, render
from upkeep.reports.section import Section, sections_of
from upkeep.sources.postgres_errors import translate_errors
from upkeep.sources.rows import Rows
from upkeep.store.documents import Document, save_document
from upkeep.store.quality_result import QualityResult
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

LIMIT = 500


@dataclass(frozen=True)
class RunReport:
    """
    One window of one cadence. `quality` is None until the gate has judged. `findings` are worst first, waived ones last.

    `sections` are what the files of `sections/` have to say, by name; `missed` are runs of any cadence that should have been.
    """

    cadence: Cadence
    window: Window
    answers: tuple[AnswerLine, ...]
    findings: tuple[FindingLine, ...]
    resolved: tuple[ResolvedLine, ...]
    missing: tuple[UnaskedLine, ...]
    numbers: tuple[NumberLine, ...]
    quality: QualityResult | None
    sections: Mapping[str, Section] = field(default_factory=dict)
    missed: tuple[MissedRuns, ...] = ()

    @property
    def title(self) -> str:
        """Such as "Daily report, 2026-11-22"."""
        first, last = self.window.start, self.window.end - timedelta(microseconds=1)
        days = f"{first:%Y-%m-%d}" + ("" if first.date() == last.date() else f" to {last:%Y-%m-%d}")
        return f"{self.cadence.value.capitalize()} report, {days}"

    @property
    def expected(self) -> int:
        """How many answers there should be."""
        return len(self.answers) + len(self.missing)

    @cached_property
    def open(self) -> tuple[FindingLine, ...]:
        """Findings that nobody has accepted."""
        return tuple(f for f in self.findings if not f.waived)

    @cached_property
    def waived(self) -> tuple[FindingLine, ...]:
        """Findings accepted for a time."""
        return tuple(f for f in self.findings if f.waived)

    @cached_property
    def red(self) -> tuple[FindingLine, ...]:
        """Findings that turn a task red."""
        return tuple(f for f in self.open if f.red)

    @cached_property
    def new(self) -> tuple[FindingLine, ...]:
        """Findings that began in this window, for the first time."""
        return tuple(f for f in self.open if f.new)

    @cached_property
    def reopened(self) -> tuple[FindingLine, ...]:
        """Findings that came back in this window."""
        return tuple(f for f in self.open if f.reopened)

    @cached_property
    def overdue(self) -> tuple[FindingLine, ...]:
        """Findings that should have been gone by the end of the window."""
        return tuple(f for f in self.open if f.overdue)

    @cached_property
    def unknown(self) -> tuple[AnswerLine, ...]:
        """Answers that could not be found."""
        return tuple(a for a in self.answers if a.status == Status.UNKNOWN)

    @cached_property
    def by_status(self) -> Mapping[str, int]:
        """Answers of each status, also those with none."""
        counts = Counter(a.status for a in self.answers)
        return {status.value: counts[status.value] for status in Status}

    @cached_property
    def by_area(self) -> Mapping[str, Mapping[str, int]]:
        """Answers of each status in each area."""
        counts = Counter((a.area, a.status) for a in self.answers)
        return {area: {s.value: counts[area, s.value] for s in Status} for area in sorted({a.area for a in self.answers})}

    @property
    def headline(self) -> str:
        """The state in a few words; fine only when everything was asked, known, and its rows are sound."""
        parts = [
            (len(self.red), "red"),
            (len(self.unknown), "unknown"),
            (len(self.missing), "no result"),
        ]
        pieces = [plural(len(self.open), "finding")] if self.open else []
        pieces += [f"{count:,} {word}" for count, word in parts if count]
        if self.quality and not self.quality.passed:
            pieces.append("quality gate failed")
        pieces += [f"{plural(sum(gap.windows for gap in self.missed), 'run')} missed"] if self.missed else []
        return ", ".join(pieces) or ("all fine" if self.answers else "nothing was asked")

    @property
    def quality_text(self) -> str:
        """What the gate said, in a sentence."""
        if self.quality is None:
            return "Not judged."
        if self.quality.passed:
            return "Every expectation about the window's rows was met."
        return f"{plural(len(self.quality.failures), 'expectation')} not met: {'; '.join(self.quality.failures)}"

    def content(self) -> Json:
        """The numbers behind the document; nothing of runs, tasks or the clock."""
        return content(self)


def build(
    connection: "psycopg.Connection[Any]",
    cadence: Cadence,
    window: Window,
    quality: QualityResult | None,
    missed: tuple[MissedRuns, ...] = (),
) -> RunReport:
    """Read what is stored about a window. Raises BrokenError when the report database is away."""
    params = {
        "cadence": cadence.value,
        "start": window.start,
        "end": window.end,
        "since": window.start - timedelta(days=cadence.compared_days),
    }
    with translate_errors():
        numbers = ask(connection, "run_numbers", NumberLine, params)
        answers = tuple(ask(connection, "run_answers", AnswerLine, params))
        missing = tuple(ask(connection, "run_missing", UnaskedLine, params))
        return RunReport(
            cadence=cadence,
            window=window,
            answers=answers,
            findings=tuple(ask(connection, "run_findings", FindingLine, params)),
            resolved=tuple(ask(connection, "run_resolved", ResolvedLine, params)),
            missing=missing,
            numbers=tuple(sorted(numbers, key=lambda n: -abs(n.change or 0))),
            quality=quality,
            sections=sections_of(Rows(connection), cadence, window),
            missed=missed,
        )


def publish(connection: "psycopg.Connection[Any]", report: RunReport) -> None:
    """Keep the report, and the others of its window, as documents; again changes nothing."""
    document = Document(
        cadence=report.cadence.value,
        window=report.window,
        name="run",
        title=report.title,
        markdown=render("run", report=report, limit=LIMIT, remedy=REMEDY),
        content=report.content(),
    )
    save_document(connection, document)
    publish_reports(connection, report.cadence, report.window)
