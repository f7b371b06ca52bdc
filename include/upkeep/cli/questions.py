"""Commands that ask: the doctor, and one duty about one target."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime

from upkeep.answer import Answer, Json, Metric, Status
from upkeep.cli.given import the_duty, the_inventory, the_window
from upkeep.cli.out import PERSON_NEEDED, WELL, plain, say, warn
from upkeep.config.inventory import Inventory, inventory_path
from upkeep.discovery import discover
from upkeep.duty import Duty, History
from upkeep.errors import BrokenError, UpkeepError
from upkeep.given.asked import Asked
from upkeep.runner import ask
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance, connected
from upkeep.store.migrate import pending
from upkeep.targets.target import Target
from upkeep.window import Cadence, Window


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
        metadata=connections.metadata_kind(),
    )
    diagnoses = examine(practice, [inventory.target(given.target)] if given.target else inventory.targets)
    if given.json:
        say(as_json(diagnoses))
    else:
        show(diagnoses)
    return PERSON_NEEDED if needs_a_person(diagnoses) else WELL


def ask_now(given: argparse.Namespace) -> int:
    """Ask one duty about one target and print the answer."""
    if given.duty in {cadence.value for cadence in Cadence}:
        return rehearse(given)
    from upkeep.airflow_bridge import connections

    inventory, duty = the_inventory(), the_duty(given.duty)
    target, window = inventory.target(given.target), the_window(given, inventory)
    if not isinstance(target, duty.target):
        raise UpkeepError(f"{duty.name} is asked of {duty.target.section}; {target.name} is one of {target.section}")
    if duty.kind == "job":
        raise UpkeepError(f"{duty.name} changes things: `upkeep job {duty.name} {target.name}` does it now")
    if duty.kind != "check":
        raise UpkeepError(f"{duty.name} is a {duty.kind}: it runs from its DAG ({duty.cadence})")
    if window and not duty.dated:
        raise UpkeepError(f"{duty.name} sees only the present: leave out --from and --to")
    asked = _asked(duty, target, window, inventory, connections.AirflowConnections())
    answer = _ask(asked, connections.store)
    say(json.dumps(asdict(answer), indent=2, default=str, ensure_ascii=False) if given.json else plain(answer))
    return WELL if answer.status is Status.OK else PERSON_NEEDED


def rehearse(given: argparse.Namespace) -> int:
    """Put every check of a cadence to one target, as its run would, whether its DAG is on or not. Nothing is stored."""
    from upkeep.airflow_bridge import connections

    inventory, everything = the_inventory(), connections.AirflowConnections()
    target = inventory.target(given.target)
    if given.start or given.end or given.json:
        raise UpkeepError("--from, --to and --json are for one duty")
    duties = [d for d in discover() if d.cadence == given.duty and d.kind == "check" and isinstance(target, d.target)]
    if not duties:
        raise UpkeepError(f"{given.duty} has no check about {target.name}")
    wells = [_print_answer(_asked(duty, target, None, inventory, everything), connections.store) for duty in duties]
    say(f"{sum(wells)} of {len(wells)} are ok; nothing was stored")
    return WELL if all(wells) else PERSON_NEEDED


def _print_answer(asked: Asked, store: Callable[[], Endpoint]) -> bool:
    """Print one answer in a line; whether it is ok."""
    try:
        answer = _ask(asked, store, say_why=False)
    except BrokenError as error:
        answer = Answer.unknown(f"could not ask: {error.reason}")
    say(f"{answer.status.value:8}{asked.duty.name}: {answer.summary}")
    return answer.status is Status.OK


def _asked(duty: Duty, target: Target, window: Window | None, inventory: Inventory, everything: Connections) -> Asked:
    """A question of a command, about the last full window unless another is named."""
    window = window or duty.cadence.last_full(datetime.now(UTC), inventory.zone)
    by = Provenance("", "", "", -1, 0, datetime.now(UTC), 0)
    return Asked(duty=duty, target=target, window=window, connections=everything, provenance=by)


class NoHistory:
    """Stands in when the report database cannot be read."""

    def state(self) -> Json | None:
        """Nothing is remembered."""
        return None

    def metrics(self, name: str, days: int) -> list[Metric]:  # noqa: ARG002 - whatever is asked for, nothing is known
        """Nothing was measured."""
        return []


def _ask(asked: Asked, store: Callable[[], Endpoint], *, say_why: bool = True) -> Answer:
    """The answer; one without history when there is none to be had, which is said unless `say_why` is false."""
    try:
        endpoint = store()
        missing = pending(endpoint)
    except BrokenError as error:
        if say_why:
            warn(f"asked without history: {error}")
        return ask(asked, {History: NoHistory()})
    if missing:
        if say_why:
            warn("asked without history: the report database is not migrated; run `upkeep migrate`")
        return ask(asked, {History: NoHistory()})
    with connected(endpoint, "upkeep ask") as database:
        return ask(replace(asked, database=database))
