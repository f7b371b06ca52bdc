"""What the programme would have said of the web tier on the days before: asked for real, of logs and samples that are made up."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from upkeep.answer import Answer
from upkeep.demo.web import api_past
from upkeep.demo.web.settings import NAME
from upkeep.duty import Duty
from upkeep.given.asked import Asked
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance
from upkeep.targets.service import Service
from upkeep.targets.target import Target
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

_NOWHERE = Endpoint("", 0)


@dataclass(frozen=True, slots=True)
class _Prometheus(OneDatabase):
    """Connections that all lead to the demo's Prometheus."""

    url: str

    def http(self, connection_id: str) -> HttpAddress:  # noqa: ARG002 - every id leads there
        """Its address."""
        return HttpAddress(self.url)


def is_asked(duty: Duty, target: Target) -> bool:
    """Whether its past is asked for instead of being made up."""
    return duty.dated and isinstance(target, Service)


def existed(target: Target, window: Window, watching: Window | None) -> bool:
    """Whether it was there in a window. What Prometheus watches is younger: `watching` is the newest day that it knows."""
    if target.name != NAME:
        return True
    return watching is not None and window.start >= watching.end - timedelta(days=api_past.DAYS)


def answer_of(
    connection: "psycopg.Connection[object]", duty: Duty, target: Target, window: Window, by: Provenance, prometheus: str = ""
) -> Answer:
    """The answer as a backfill would give it, marked as being about a past that is made up."""
    places = _Prometheus(_NOWHERE, prometheus)
    asked = Asked(duty=duty, target=target, window=window, connections=places, provenance=by, replay=True, database=connection)
    answer = ask(asked)
    return replace(answer, evidence={**answer.evidence, "made_up": "What this was read from was made up for the demo."})
