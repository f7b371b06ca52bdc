"""A service with minutes and deployments in a report database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lab import Lab, asking
from upkeep.answer import Answer
from upkeep.checks.database.sequences import sequences
from upkeep.delivery.deployed import Change, Deployed, Outcome
from upkeep.delivery.kept import Unexplained
from upkeep.duty import Duty
from upkeep.runner import ask
from upkeep.signals.minutes import Minute, Minutes
from upkeep.signals.records import hours
from upkeep.sources.connections import OneDatabase
from upkeep.store.answers import Provenance, save
from upkeep.store.deployments import StoredDeployments
from upkeep.targets.service import Service
from upkeep.window import Window

DAY = Window(datetime(2026, 5, 14, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC))
WEEK = Window(datetime(2026, 5, 11, tzinfo=UTC), datetime(2026, 5, 18, tzinfo=UTC))
SIGNALS = {"kind": "query", "connection": "shop_db", "minutes": "select 1"}
BY = Provenance("daily", "run", "task", -1, 1, DAY.end, 0.1)


def at(hours_: float, day: int = 14) -> datetime:
    """An hour of a day of May 2026."""
    return datetime(2026, 5, day, tzinfo=UTC) + timedelta(hours=hours_)


def live(name: str, when: datetime, commit: str, **more: Any) -> Deployed:
    """A deployment that took six minutes and went live then."""
    usual = Deployed(
        environment="production", deployment=name, started_at=when - timedelta(minutes=6), finished_at=when,
        status=Outcome.SUCCEEDED, source="pipeline", commit_id=commit * 40, deployed_by="ann",
    )  # fmt: skip
    return replace(usual, **more)


class World:
    """Short ways to write and to ask."""

    def __init__(self, lab: Lab) -> None:
        """A migrated database."""
        self.lab, self.connection = lab, lab.session()
        self.kept = StoredDeployments(self.connection, "web")

    def minutes(self, each: Callable[[datetime], Minute | None], window: Window = DAY) -> None:
        """Store the minutes of a window, as golden_signals does."""
        count = window.length // timedelta(minutes=1)
        told = Minutes(window.start, tuple(each(window.start + timedelta(minutes=place)) for place in range(count)))
        answer = Answer.judged("fine", records=tuple(hours(told)))
        self.save("golden_signals", answer, window)

    def save(self, duty: str, answer: Answer, window: Window = DAY, target: str = "web") -> None:
        """Store an answer of a duty by its name."""
        save(self.connection, replace(sequences, name=duty), target, window, answer, replace(BY, asked_at=window.end))

    def change(self, name: str, *committed: datetime) -> None:
        """Say which commits a deployment brought: those of one moment are the same."""
        found = [Change(f"{int(each.timestamp()):040x}", each) for each in committed]
        self.kept.explain(Unexplained("production", name, "", ""), found)

    def ask(self, duty: Duty, window: Window, service: dict[str, Any] | None = None, **thresholds: Any) -> Answer:
        """Ask about the service web."""
        fields = {"name": "web", "owner": "ann", "signals": SIGNALS, "thresholds": {duty.name: thresholds}, **(service or {})}
        target = Service.model_validate(fields)
        return ask(asking(duty, target, OneDatabase(self.lab.endpoint), window=window, database=self.connection))
