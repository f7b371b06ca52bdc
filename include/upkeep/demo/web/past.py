"""What the programme would have said of the web tier on the days before: asked for real, of logs that are made up."""

from dataclasses import replace
from typing import TYPE_CHECKING

from upkeep.answer import Answer
from upkeep.duty import Duty
from upkeep.given.asked import Asked
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance
from upkeep.targets.service import Service
from upkeep.targets.target import Target
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

NOBODY = OneDatabase(Endpoint("", 0))


def is_asked(duty: Duty, target: Target) -> bool:
    """Whether its past is asked for instead of being made up."""
    return duty.dated and isinstance(target, Service)


def answer_of(connection: "psycopg.Connection[object]", duty: Duty, target: Target, window: Window, by: Provenance) -> Answer:
    """The answer as a backfill would give it, marked as being about a past that is made up."""
    asked = Asked(duty=duty, target=target, window=window, connections=NOBODY, provenance=by, replay=True, database=connection)
    answer = ask(asked)
    return replace(answer, evidence={**answer.evidence, "made_up": "The log that this was read from was made up for the demo."})
