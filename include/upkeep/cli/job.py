"""`upkeep job`: one job now, without Airflow, with its progress on the terminal."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from upkeep.answer import Answer, Status
from upkeep.cli import approve
from upkeep.cli.given import the_duty, the_inventory
from upkeep.cli.out import PERSON_NEEDED, WELL, failing_if_away, plain, say, shown_progress, warn
from upkeep.cli.report_database import migrated
from upkeep.config.inventory import Inventory
from upkeep.discovery import discover
from upkeep.duty import Duty, Progress
from upkeep.errors import MissingConnectionError, UpkeepError
from upkeep.given.asked import Asked
from upkeep.runner import ask, ask_and_store
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance, connected
from upkeep.store.sync_definitions import declare
from upkeep.suggestions import nearest
from upkeep.targets.target import Target
from upkeep.window import Cadence, Window

DRY_RUN = "dry_run"
_NOT_STORED = "nothing is stored: {}, so that no report and no page will show it"


def job_now(given: argparse.Namespace) -> int:
    """Run one job about one target, store its answer where there is a report database, and print it."""
    from upkeep.airflow_bridge import connections

    inventory, duty = the_inventory(), _the_job(given.duty)
    target = _the_target(inventory, duty, given.target, dry_run=given.dry_run)
    now = datetime.now(UTC)
    asked = Asked(
        duty=duty, target=target, window=present(duty.cadence, now, inventory), connections=connections.AirflowConnections(),
        provenance=Provenance("", "", "", -1, 0, now, 0),
    )  # fmt: skip
    if duty.apply:
        return failing_if_away(
            lambda: _plan_or_apply(asked, _store(connections.store), inventory, None if given.dry_run else given.approve)
        )
    if given.approve:
        raise UpkeepError(f"{duty.name} makes no plan for approval: leave out --approve")
    return failing_if_away(lambda: _run(asked, _store(connections.store), inventory, dry_run=given.dry_run))


def present(cadence: Cadence, now: datetime, inventory: Inventory) -> Window:
    """The period that is under way: what the cadence's own run says of it, when it has ended, takes the place of this answer."""
    start = cadence.period_start(now, inventory.zone)
    return Window(start, cadence.next_start(start, inventory.zone))


def _the_job(name: str) -> Duty:
    if name in {duty.name for duty in discover()}:
        duty = the_duty(name)
        if duty.kind == "job":
            return duty
        raise UpkeepError(f"{name} is a {duty.kind}, not a job: it is asked with `upkeep ask {name} TARGET`")
    jobs = sorted(duty.name for duty in discover() if duty.kind == "job")
    raise UpkeepError(f'no job is called "{name}"{nearest(name, jobs)}\nthere are: {", ".join(jobs)}')


def _the_target(inventory: Inventory, duty: Duty, name: str, *, dry_run: bool) -> Target:
    target = inventory.target(name)
    if not isinstance(target, duty.target):
        raise UpkeepError(f"{duty.name} is done for {duty.target.section}; {name} is one of {target.section}")
    if not dry_run or duty.apply:
        return target
    if DRY_RUN not in duty.thresholds:
        raise UpkeepError(f"{duty.name} has no dry run: it cannot say what it would do without doing it")
    own = {**target.thresholds.get(duty.name, {}), DRY_RUN: True}
    return target.model_copy(update={"thresholds": {**target.thresholds, duty.name: own}})


def _store(store: Callable[[], Endpoint]) -> Endpoint | None:
    """The report database; None, which is said, where Airflow knows of none. Raises UpkeepError when it is not migrated."""
    try:
        endpoint = store()
    except MissingConnectionError as error:
        warn(_NOT_STORED.format(error.reason))
        return None
    return migrated(endpoint)


def _run(asked: Asked, store: Endpoint | None, inventory: Inventory, *, dry_run: bool) -> int:
    with shown_progress() as progress:
        answer = _answer(asked, store, inventory, progress, dry_run=dry_run)
    say(plain(answer))
    if store and not dry_run:
        say(f"stored as {asked.duty.name} of {asked.target.name} for {asked.window}")
    return WELL if answer.status is Status.OK else PERSON_NEEDED


def _plan_or_apply(asked: Asked, store: Endpoint | None, inventory: Inventory, digest: str | None) -> int:
    with shown_progress() as progress:
        given: dict[type, Any] = {Progress: progress}
        answer = approve.planned(asked, store, given)
        if not digest:
            return approve.show(asked, answer)
        if store:
            with connected(store, f"upkeep job {asked.duty.name}") as database:
                declare(database, inventory, discover())
        return approve.carry_out(asked, answer, digest, store, given)


def _answer(asked: Asked, store: Endpoint | None, inventory: Inventory, progress: Progress, *, dry_run: bool) -> Answer:
    """A dry run is stored nowhere: it would take the place of what was really done in the same period."""
    stand_in: dict[type, Any] = {Progress: progress}
    if store is None:
        return ask(asked, stand_in)
    with connected(store, f"upkeep job {asked.duty.name}") as database:
        if dry_run:
            return ask(replace(asked, database=database), stand_in)
        declare(database, inventory, discover())
    return ask_and_store(asked, store, stand_in)


def add_command(make: Callable[..., argparse.ArgumentParser]) -> None:
    """The command with its options; `make` makes one."""
    made = make("job", job_now, "do one job now, without Airflow, and store what came of it")
    made.add_argument("duty", metavar="NAME", help="a job of docs/catalogue.md, such as backup, vacuum or statistics")
    made.add_argument("target", metavar="TARGET", help="a name of the inventory")
    made.add_argument("--dry-run", action="store_true", help="say what would be done and why; change and store nothing")
    made.add_argument(
        "--approve", metavar="DIGEST", help="do the plan that was shown with this digest, of a job that makes plans"
    )
