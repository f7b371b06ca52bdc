"""A decision as messages: the question with its link, changed in place as it is answered or missed; a reminder; who is next."""

from dataclasses import dataclass
from typing import Any

from upkeep.notify import blocks
from upkeep.notify.text import link, mention, safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What a message about a decision needs. `due` is a moment in words; `signed` are those who have signed, in order, of `needed`.

    `called` is the Slack id of who is called, `called_name` the name. `link` is where it is answered, `page` where it
    stands with its evidence; `result` is what came of what was approved.
    """

    subject: str
    target: str
    due: str
    who: str
    link: str
    page: str
    needed: int = 1
    signed: tuple[str, ...] = ()
    called: str = ""
    called_name: str = ""
    reason: str = ""
    result: str = ""


def asked(told: Told) -> dict[str, Any]:
    """A question that waits for somebody."""
    lines = [f"To be answered by {safe(told.who, 300)}, by {safe(told.due, 60)}."]
    if told.needed > 1 or told.signed:
        lines.append(_signatures(told))
    return _message("🟡", "Decision needed", told, lines, f"{link(told.link, 'answer in Airflow')}", call=True)


def answered(told: Told, outcome: str) -> dict[str, Any]:
    """The same when it was answered."""
    mark = "🔴" if outcome in {"Object", "Reject"} else "✅"
    labels = {"Object": "Objected", "Reject": "Rejected", "Approve": "Approved", "Sign": "Signed"}
    lines = [f"By {safe(' and '.join(told.signed) or 'nobody', 300)}."]
    if told.reason:
        lines.append(f"{safe(told.reason, 900)}")
    if told.result:
        lines.append(f"{safe(told.result, 900)}")
    return _message(mark, labels.get(outcome, outcome), told, lines)


def missed(told: Told) -> dict[str, Any]:
    """The same when it was due and nobody had answered."""
    lines = [f"Due {safe(told.due, 60)}, and not answered by {safe(told.who, 300)}. Nothing was approved."]
    if told.signed:
        lines.append(_signatures(told))
    lines.append("To ask again, clear the failed task of its run.")
    return _message("🔴", "Missed", told, lines, link(told.link, "task"))


def withdrawn(told: Told) -> dict[str, Any]:
    """The same when nobody needs to answer it any more."""
    return _message("⚪", "Withdrawn", told, [safe(told.reason, 300)])


def impossible(told: Told) -> dict[str, Any]:
    """The same when it cannot be asked."""
    return _message("🔴", "Cannot be asked", told, [safe(told.reason, 900)], link(told.link, "task"), call=True)


def reminder(told: Told) -> dict[str, Any]:
    """A reply at half the time."""
    text = f"Half the time is over: due {told.due}"
    called = mention(told.called, told.called_name)
    lines = [f"⏳ {safe(text, 200)}. {called}".strip(), f"{link(told.link, 'answer in Airflow')}"]
    return blocks.body(f"⏳ {text}: {told.subject}", [blocks.section(lines)])


def escalation(told: Told) -> dict[str, Any]:
    """A reply when it was missed, which calls the next person on call."""
    text = "Nobody answered in time, and nothing was approved"
    called = mention(told.called, told.called_name) or "nobody else is on call"
    return blocks.body(f"🔴 {text}: {told.subject}", [blocks.section([f"🔴 {text}. {called}"])])


def _message(mark: str, label: str, told: Told, lines: list[str], where: str = "", *, call: bool = False) -> dict[str, Any]:
    head = f"{mark} *{safe(label, 60)}: {safe(told.subject, 300)}*"
    about = [safe(told.target, 100), where, link(told.page, "evidence"), mention(told.called, told.called_name) if call else ""]
    texts = [blocks.section([head, *lines]), blocks.context(" · ".join(part for part in about if part))]
    return blocks.body(f"{mark} {label}: {told.subject}", texts)


def _signatures(told: Told) -> str:
    by = f": {safe(', '.join(told.signed), 300)}" if told.signed else ""
    return f"{len(told.signed)} of {told.needed} signatures{by}."
