"""Commands that ask: the doctor, and one duty about one target."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime

from upkeep.answer import Answer, Json, Metric, Status
from upkeep.cli.given import the_duty, the_inventory, the_window
from upkeep.cli.out import PERSON_NEEDED, WELL, say, warn
from upkeep.config.inventory import inventory_path
from upkeep.discovery import discover
from upkeep.duty import History
from upkeep.errors import BrokenError, UpkeepError
from upkeep.given.asked import Asked
from upkeep.runner import ask
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance, connected
from upkeep.store.migrate import pending


def doctor(given: argparse.Namespace) -> int:
    """Examine every target, or one."""
    from upkeep.airflow_bridge import connections
    from upkeep.doctor.examine import Practice, examine
    from upkeep.doctor.show import as_json, show
    from upkeep.targets.diagnosis import needs_a_person

    inventory = the_inventory()
    notify = inventory.settings.notify
    practice = Practice(
        inventory=inventory,
        path=inventory_path(),
        duties=discover(),
        connections=connections.AirflowConnections(),
        store=connections.store,
        slack=lambda: connections.slack(notify.slack_connection or "", notify.channel, notify.failures_per_run),
        executor=connections.executor(),
    )
    diagnoses = examine(practice, [inventory.target(given.target)] if given.target else inventory.targets)
    if given.json:
        say(as_json(diagnoses))
    else:
        show(diagnoses)
    return PERSON_NEEDED if needs_a_person(diagnoses) else WELL


def ask_now(given: argparse.Namespace) -> int:
    """Ask one duty about one target and print the answer."""
    from upkeep.airflow_bridge import connections

    inventory, duty = the_inventory(), the_duty(given.duty)
    target, window = inventory.target(given.target), the_window(given, inventory)
    if not isinstance(target, duty.target):
        raise UpkeepError(f"{duty.name} is asked of {duty.target.section}; {target.name} is one of {target.section}")
    if duty.kind != "check":
        raise UpkeepError(f"{duty.name} is a {duty.kind}: it changes things, so it runs from its DAG ({duty.cadence})")
    if window and not duty.dated:
        raise UpkeepError(f"{duty.name} sees only the present: leave out --from and --to")
    window = window or duty.cadence.last_full(datetime.now(UTC), inventory.zone)
    by = Provenance("", "", "", -1, 0, datetime.now(UTC), 0)
    everything = connections.AirflowConnections()
    asked = Asked(duty=duty, target=target, window=window, connections=everything, provenance=by)
    answer = _ask(asked, connections.store)
    say(json.dumps(asdict(answer), indent=2, default=str, ensure_ascii=False) if given.json else plain(answer))
    return WELL if answer.status is Status.OK else PERSON_NEEDED


def plain(answer: Answer) -> str:
    """An answer for people."""
    lines = [f"{answer.status.value}: {answer.summary}"]
    for finding in answer.findings:
        lines += ["", f"{finding.severity.label}: {finding.title}", *(f"    {line}" for line in finding.remedy.splitlines())]
    if answer.evidence.get("remedy"):
        lines += [f"→ {line}" for line in str(answer.evidence["remedy"]).splitlines()]
    return "\n".join(lines)


class NoHistory:
    """Stands in when the report database cannot be read."""

    def state(self) -> Json | None:
        """Nothing is remembered."""
        return None

    def metrics(self, name: str, days: int) -> list[Metric]:  # noqa: ARG002 - whatever is asked for, nothing is known
        """Nothing was measured."""
        return []


def _ask(asked: Asked, store: Callable[[], Endpoint]) -> Answer:
    try:
        endpoint = store()
        missing = pending(endpoint)
    except BrokenError as error:
        warn(f"asked without history: {error}")
        return ask(asked, {History: NoHistory()})
    if missing:
        warn("asked without history: the report database is not migrated; run `upkeep migrate`")
        return ask(asked, {History: NoHistory()})
    with connected(endpoint, "upkeep ask") as database:
        return ask(replace(asked, database=database))
