"""A run's report as one Slack message: worst first, numbers against limits, what changed, and where to look."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from upkeep.humanize import plural
from upkeep.notify import blocks
from upkeep.notify.blocks import Block
from upkeep.notify.links import Links
from upkeep.notify.text import given_link, link, mention, safe
from upkeep.reports.lines import AnswerLine, FindingLine
from upkeep.reports.missed import REMEDY
from upkeep.reports.run import RunReport
from upkeep.reports.section import Section

MARKS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "⚪"}
_FEW = 5


def summary(report: RunReport, links: Links) -> dict[str, Any]:
    """The message of a finished run; fits Slack's limits whatever the report holds."""
    title = f"{report.title}: {report.headline}"
    top = [blocks.header(f"{mark(report)} {title}"), blocks.context(_answers(report)), blocks.fields(_changes(report))]
    if report.missed:
        lines = [f"• {safe(gap.text, 200)}" for gap in report.missed[:_FEW]]
        left = [f"and {len(report.missed) - _FEW:,} more"] if len(report.missed) > _FEW else []
        top.append(blocks.section(["⚠️ *Runs that were missed*", *lines, *left, f"Fix: {REMEDY}"]))
    if report.quality is None or not report.quality.passed:
        top.append(blocks.section([f"⚠️ *Quality gate*: {safe(report.quality_text, 1_000)}"]))
    top += [blocks.section([_section_text(report, part, links)]) for part in report.sections.values()]
    below = [*_resolved(report), *_unknown(report), *_missing(report), _places(links)]
    return blocks.body(title, [*top, *_findings(report, links, top, below), *below])


def _section_text(report: RunReport, part: Section, links: Links) -> str:
    more = f" {link(links.page_of(part.page), 'more')}" if part.page else ""
    if part.charts:
        drawn = plural(len(part.charts), "chart")
        more += f" {link(links.report(report.cadence.value, report.window), drawn)}"
    return f"*{safe(part.title, 80)}*: {safe(part.text, 1_000)}{more}"


def progress(report: RunReport, links: Links) -> dict[str, Any]:
    """The message of a run that is under way; nobody is called by name yet."""
    message = f"{len(report.answers):,} of {plural(report.expected, 'answer')} in, {plural(len(report.open), 'finding')} so far"
    title = f"{report.title}: {message}"
    worst = [_line(f, links, {}, call=False) for f in report.open[:_FEW]]
    return blocks.body(title, [blocks.header(f"⏳ {title}"), *(blocks.section([line]) for line in worst), _places(links)])


def mark(report: RunReport) -> str:
    """One sign for the state: ✅ only when everything was asked, known and sound, and no run was missed."""
    if report.red:
        return "🔴"
    sound = report.quality is not None and report.quality.passed
    return "✅" if sound and report.answers and not (report.open or report.unknown or report.missing or report.missed) else "🟡"


def _answers(report: RunReport) -> str:
    statuses = ", ".join(f"{number:,} {status}" for status, number in report.by_status.items())
    return f"{report.window} · {len(report.answers):,} of {plural(report.expected, 'answer')}: {statuses}"


def _changes(report: RunReport) -> list[tuple[str, int]]:
    still = len(report.open) - len(report.new) - len(report.reopened)
    return [
        ("New", len(report.new)),
        ("Reopened", len(report.reopened)),
        ("Resolved", len(report.resolved)),
        ("Still open", still),
        ("Overdue", len(report.overdue)),
        ("Waived", len(report.waived)),
        ("Unknown", len(report.unknown)),
        ("No result", len(report.missing)),
    ]


def _findings(report: RunReport, links: Links, top: list[Block], below: list[Block]) -> list[Block]:
    """As many findings as there is room for, and how many more there are."""
    tasks = {(a.duty, a.target): a for a in report.answers}
    room = blocks.MOST_TEXT - blocks.weight([*top, *below]) - 200
    places = blocks.MOST_BLOCKS - len(top) - len(below) - 1
    shown: list[Block] = []
    for finding in report.open[:places]:
        block = blocks.section([_line(finding, links, tasks, call=finding.urgent)])
        room -= blocks.weight([block])
        if room < 0:
            break
        shown.append(block)
    left = len(report.open) - len(shown)
    return [*shown, blocks.context(f"and {left:,} more: {link(links.run_tab(), 'all of them')}")] if left else shown


def _line(f: FindingLine, links: Links, tasks: Mapping[tuple[str, str], AnswerLine], *, call: bool) -> str:
    answer = tasks.get((f.duty, f.target))
    parts = [
        f"*{f.news}*, found {f.found_at:%Y-%m-%d}" if f.news else f"found {f.found_at:%Y-%m-%d}",
        f"due {f.due_at:%Y-%m-%d}" if f.due_at else "",
        link(links.task(answer.task_id, answer.map_index, dag_id=answer.dag_id, run_id=answer.run_id), "log") if answer else "",
        given_link(f.runbook, "runbook") if f.runbook else "",
        mention(f.owner_slack, f.owner) if call else "",
    ]
    about = " · ".join(word for word in parts if word)
    return f"{MARKS[f.severity]} *{safe(f.target, 100)}* {safe(f.title, 400)}\n{safe(f.duty, 80)} · {about}"


def _resolved(report: RunReport) -> list[Block]:
    lines = [f"{MARKS[f.severity]} {safe(f.target, 100)}: {safe(f.title, 200)}" for f in report.resolved[:_FEW]]
    return _listed("Resolved", lines, len(report.resolved))


def _unknown(report: RunReport) -> list[Block]:
    reasons = Counter(a.summary for a in report.unknown)
    lines = [f"{safe(reason, 300)} ({_where(report, reason)})" for reason, _ in reasons.most_common(_FEW)]
    return _listed("Unknown, which is not ok", lines, len(reasons))


def _where(report: RunReport, reason: str) -> str:
    places = [f"{a.duty} on {a.target}" for a in report.unknown if a.summary == reason]
    return safe(places[0], 120) + (f" and {len(places) - 1:,} more" if len(places) > 1 else "")


def _missing(report: RunReport) -> list[Block]:
    lines = [f"{safe(pair.duty, 80)} on {safe(pair.target, 100)}" for pair in report.missing[:_FEW]]
    return _listed("No result", lines, len(report.missing))


def _listed(title: str, lines: Iterable[str], total: int) -> list[Block]:
    kept = [f"• {line}" for line in lines]
    more = [f"and {total - len(kept):,} more"] if total > len(kept) else []
    return [blocks.section([f"*{title}*", *kept, *more])] if kept else []


def _places(links: Links) -> Block:
    return blocks.context(f"{link(links.run_tab(), 'This run')} · {link(links.page(), 'Upkeep')}")
