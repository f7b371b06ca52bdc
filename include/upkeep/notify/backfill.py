"""A whole backfill as one Slack message: a line for each of its windows, added as each is done."""

from collections.abc import Mapping
from typing import Any

from upkeep.answer import Json
from upkeep.humanize import plural
from upkeep.notify import blocks
from upkeep.notify.links import Links
from upkeep.notify.summary import mark
from upkeep.notify.text import link, safe
from upkeep.reports.run import RunReport

_A_SECTION = 8
_MOST = 240


def part(report: RunReport, links: Links, *, done: bool) -> Json:
    """What one window adds: kept in the message, so that every window can be said again when the next one comes."""
    return {"title": report.title, "headline": report.headline if done else "under way", "mark": mark(report) if done else "⏳",
            "url": links.run_tab(), "done": done}  # fmt: skip


def backfill(cadence: str, parts: Mapping[str, Json], links: Links) -> dict[str, Any]:
    """The message about the windows so far, oldest first; nobody is called by name for the past."""
    windows = [parts[key] for key in sorted(parts)]
    done = sum(bool(window["done"]) for window in windows)
    title = f"Backfill, {cadence}: {done:,} of {plural(len(windows), 'window')} reported"
    kept = windows[-_MOST:]
    lines = [f"{w['mark']} {link(w['url'], w['title'])}: {safe(w['headline'], 150)}" for w in kept]
    room = blocks.MOST_TEXT - 500
    while sum(map(len, lines)) + len(lines) > room:
        lines.pop(0)
    sections = [blocks.section(lines[i : i + _A_SECTION]) for i in range(0, len(lines), _A_SECTION)]
    left = [blocks.context(f"and {len(windows) - len(lines):,} earlier ones")] if len(lines) < len(windows) else []
    message = blocks.body(title, [blocks.header(f"⏪ {title}"), *left, *sections, blocks.context(link(links.page(), "Upkeep"))])
    return {**message, "parts": dict(parts)}
