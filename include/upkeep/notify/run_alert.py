"""Messages about a run itself: it ended without a report, it still runs, a task of Upkeep's own failed."""

from dataclasses import dataclass
from typing import Any

from upkeep.notify import blocks
from upkeep.notify.text import link, mention, safe


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAlert:
    """
    What is wrong with a run, why, and what to do.

    `call` is the Slack id of who is called, `name` the name; `log` and `run` are addresses.
    """

    what: str
    why: str
    fix: str
    call: str
    name: str = ""
    run_id: str
    run: str
    log: str = ""


def run_alert(alert: RunAlert) -> dict[str, Any]:
    """The message."""
    parts = (
        safe(alert.run_id, 150),
        link(alert.log, "log") if alert.log else "",
        link(alert.run, "run"),
        mention(alert.call, alert.name),
    )
    lines = [f"🔴 *{safe(alert.what, 300)}*", safe(alert.why, 900), f"Fix: {safe(alert.fix, 900)}"]
    about = blocks.context(" · ".join(part for part in parts if part))
    return blocks.body(f"🔴 {alert.what}", [blocks.section(lines), about])
