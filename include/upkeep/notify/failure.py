"""One red answer, or news that cannot wait, as a message: what is wrong, against which limit, what to do, and who is called."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from upkeep.humanize import plural
from upkeep.notify import blocks
from upkeep.notify.summary import MARKS
from upkeep.notify.text import given_link, link, mention, remedy_lines, safe
from upkeep.remedy import momentary

_MOST = 12


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong, as far as a failure message needs it."""

    severity: str
    title: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """
    What a red task has to say. `found` is empty when the duty could not ask: then `summary` is the reason.

    `news` are findings below what is red that cannot wait.
    """

    duty: str
    target: str
    window: str
    summary: str
    remedy: str
    found: tuple[Wrong, ...]
    news: tuple[Wrong, ...] = ()
    owner_slack: str
    owner: str = ""
    runbook: str
    log: str
    asked_at: datetime


def failure(red: Failure) -> dict[str, Any]:
    """The message of a red answer."""
    what = plural(len(red.found), "red finding") if red.found or red.news else "could not ask"
    more = f", {plural(len(red.news), 'other new one')} that cannot wait" if red.news else ""
    return _message(red, "🔴", f"{red.duty} on {red.target}: {what}{more}")


def urgent(told: Failure) -> dict[str, Any]:
    """The message of news that cannot wait, of an answer that is not red."""
    return _message(told, "🟠", f"{told.duty} on {told.target}: {plural(len(told.news), 'new finding')} that cannot wait")


def _message(told: Failure, mark: str, what: str) -> dict[str, Any]:
    found = (*told.found, *told.news)
    texts = [blocks.section([f"{mark} *{safe(what, 300)}*", safe(told.summary, 900)])]
    texts += [blocks.section(_wrong(w, told.asked_at)) for w in found[:_MOST]]
    if len(found) > _MOST:
        texts.append(blocks.context(f"and {len(found) - _MOST:,} more"))
    if told.remedy and not found:
        texts.append(blocks.section(remedy_lines("Fix: ", told.remedy)))
    return blocks.body(f"{mark} {what}", [*texts, blocks.context(_about(told, call=True))])


def settled(red: Failure) -> dict[str, Any]:
    """The message that takes its place when the answer is no longer red."""
    what = f"{red.duty} on {red.target}: no longer red"
    texts = [blocks.section([f"✅ *{safe(what, 300)}*", safe(red.summary, 900)]), blocks.context(_about(red, call=False))]
    return blocks.body(f"✅ {what}", texts)


def _wrong(wrong: Wrong, asked_at: datetime) -> list[str]:
    # A message is read whenever it is read: an id of a process is only good for about as long as it is fresh.
    fresh = f", as of {asked_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if momentary(wrong.remedy) else ""
    help_ = remedy_lines(f"Fix{fresh}: ", wrong.remedy) if wrong.remedy else []
    return [f"{MARKS[wrong.severity]} {wrong.severity}: {safe(wrong.title, 400)}", *help_]


def _about(red: Failure, *, call: bool) -> str:
    runbook = given_link(red.runbook, "runbook") if red.runbook else ""
    called = mention(red.owner_slack, red.owner) if call else ""
    return " · ".join(part for part in (safe(red.window, 60), link(red.log, "log"), runbook, called) if part)
