"""
Ninety days of the demo that never were, so that its first day has a past to look at.

The healthy shop is measured for real at the first start (`past.measure`). What it answered is stored for each day and week
before, with noise, slow growth, and a few findings that come and go (`lives`). Questions that were not measured are answered
"nothing found". Runs, rolled-up days and reports follow by the programme's usual writers. All of it says that it is made up: runs
have the type "made up", answers have the run id RUN and say so in their evidence, findings and reports in their titles.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from upkeep.answer import Answer, Status
from upkeep.config.inventory import Inventory
from upkeep.demo.lives import AWAY, LIVES, NO_RIGHT, RUN
from upkeep.demo.past import noisy
from upkeep.demo.web import past as web
from upkeep.discovery import discover
from upkeep.duty import Duty
from upkeep.reports.run import RunReport, build, publish
from upkeep.store.answers import Provenance, save
from upkeep.store.metric_rollup import roll_up
from upkeep.store.run_history import MADE_UP
from upkeep.store.runs import begin_run, finish_run
from upkeep.store.sync_definitions import declare
from upkeep.targets.target import Target
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

DAYS, WEEKS = 90, 13
CADENCES = (Cadence.WEEKLY, Cadence.DAILY)
_EVIDENCE = {"made_up": "This answer was made up for the demo; nobody asked."}
Answers = Mapping[str, Answer]


class MadeUpReport(RunReport):
    """A run's report whose title says that nothing of it was."""

    @property
    def title(self) -> str:
        """Such as "Daily report, 2026-11-22 (made up for the demo)"."""
        return f"{super().title} ({RUN})"


def tell(
    connection: "psycopg.Connection[object]",
    inventory: Inventory,
    shop: Target,
    answers: Iterable[tuple[Duty, Answer]],
    now: Window,
    prometheus: str = "",
) -> None:
    """
    Store the days and weeks before `now`, the first window of the demo's own, oldest first; in seconds.

    Each window is one transaction of rows that replace those of their key: killed anywhere, call it again.
    Only the newest day remembers counters, since those are the real ones. A week remembers none: it would make everything planted
    since look new, and what is new is not yet judged. `prometheus` is the address of the one that knows a service's past.
    """
    duties = discover()
    # What a crash of the machine loses is told again by the next start.
    connection.execute("set synchronous_commit = off")
    healthy = {duty.name: answer for duty, answer in answers if answer.status is not Status.BREACH}
    for cadence in CADENCES:
        asked = _in_order([d for d in duties if d.cadence is cadence and d.kind != "review"])
        for age, window in reversed(list(_windows(cadence, now))):
            there = _there(inventory, window, now if prometheus else None)
            with connection.transaction():
                declare(connection, there, duties)
                _window(connection, cadence, window, age)
                for duty, target in _pairs(asked, there):
                    by = _by(duty, window)
                    answer = (
                        web.answer_of(connection, duty, target, window, by, prometheus)
                        if web.is_asked(duty, target)
                        else _answer_of_day(duty, healthy if target == shop else {}, window, age, about_shop=target == shop)
                    )
                    save(connection, duty, target.name, window, answer, by)
                roll_up(connection, cadence, window)
                _report(connection, cadence, window)
    declare(connection, inventory, duties)


def _there(inventory: Inventory, window: Window, watching: Window | None) -> Inventory:
    """What was looked after in a window: a service that began later has no answers to miss."""
    known = tuple(target for target in inventory.targets if web.existed(target, window, watching))
    return inventory.model_copy(update={"targets": known})


def _window(connection: "psycopg.Connection[object]", cadence: Cadence, window: Window, age: int) -> None:
    by = Provenance(cadence.value, f"{RUN}, {age} days before", "begin", -1, 1, window.end + timedelta(minutes=1), 0.0)
    begin_run(connection, cadence, window, by, MADE_UP, f"{MADE_UP}/{cadence.value}/{window.end:%Y-%m-%d}")


def _report(connection: "psycopg.Connection[object]", cadence: Cadence, window: Window) -> None:
    found = build(connection, cadence, window, None)
    publish(connection, MadeUpReport(**{field.name: getattr(found, field.name) for field in fields(found)}))
    finish_run(connection, cadence, window, window.end + timedelta(minutes=6))


def _pairs(duties: Iterable[Duty], inventory: Inventory) -> Iterator[tuple[Duty, Target]]:
    return ((duty, target) for duty in duties for target in inventory.targets if isinstance(target, duty.target))


def _in_order(duties: Iterable[Duty]) -> list[Duty]:
    """Each behind those that it comes after."""
    by_name = {duty.name: duty for duty in duties}
    order = TopologicalSorter({name: duty.after for name, duty in by_name.items()}).static_order()
    return [by_name[name] for name in order if name in by_name]


def _answer_of_day(duty: Duty, healthy: Answers, window: Window, age: int, *, about_shop: bool) -> Answer:
    """What a duty said on that day: what was measured, or nothing found; unknown or a breach where its story says so."""
    if about_shop and age in AWAY and duty.cadence is Cadence.DAILY:
        return replace(Answer.unknown("the server did not answer"), evidence=_EVIDENCE)
    if about_shop and duty.name == NO_RIGHT[0] and NO_RIGHT[2] <= age <= NO_RIGHT[1]:
        return replace(Answer.unknown("the right to read settings was missing"), evidence=_EVIDENCE)
    chance = random.Random(f"{duty.name} {window.end}")  # noqa: S311 - noise, not a secret
    measured = healthy.get(duty.name, Answer.judged("nothing found"))
    found = [life.finding for life in LIVES if about_shop and life.duty == duty.name and life.newest <= age <= life.oldest]
    return replace(
        Answer.judged("; ".join(f.title for f in found), findings=found) if found else measured,
        metrics=tuple(noisy(metric, chance, age) for metric in measured.metrics),
        evidence=_EVIDENCE,
        state=measured.state if age == 0 and duty.cadence is Cadence.DAILY else None,
    )


def _windows(cadence: Cadence, now: Window) -> Iterator[tuple[int, Window]]:
    """Each with its age in days, newest first."""
    if cadence is Cadence.DAILY:
        day = timedelta(days=1)
        yield from ((age, Window(now.start - day * (age + 1), now.start - day * age)) for age in range(DAYS))
        return
    week, newest = timedelta(weeks=1), cadence.last_full(now.end, ZoneInfo("UTC"))
    yield from ((7 * age + 3, Window(newest.start - week * (age + 1), newest.start - week * age)) for age in range(WEEKS))


def _by(duty: Duty, window: Window) -> Provenance:
    # No DAG: there is no run of Airflow's that a link could lead to.
    task = f"{duty.area}.{duty.name}"
    return Provenance("", RUN, task, 0, 1, asked_at=window.end + timedelta(minutes=2), seconds=0.0)
