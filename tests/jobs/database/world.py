"""Jobs on the lab, with the journal in its own database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lab import Lab, asking
from upkeep.answer import Answer
from upkeep.duty import Duty, Progress
from upkeep.given.asked import Asked
from upkeep.maintenance.work import Journal, Outcome, Work
from upkeep.runner import ask
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance
from upkeep.store.migrate import migrate
from upkeep.store.table_maintenance import StoredJournal
from upkeep.targets.database import Database


@dataclass
class Kept:
    """A journal in memory, for what needs no store."""

    rows: dict[str, Work] = field(default_factory=dict)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Nobody else is there."""
        yield

    def put(self, work: Work) -> None:
        """Keep it."""
        self.rows[work.id] = work

    def past(self) -> list[Work]:
        """All of it, newest first."""
        return sorted(self.rows.values(), key=lambda work: work.begun_at, reverse=True)

    def outcomes(self) -> dict[str, Outcome]:
        """What came of each table."""
        return {work.table_name: work.outcome for work in reversed(self.past())}


@dataclass
class Two:
    """Connections of which one is the maintenance login."""

    check: Endpoint
    work: Endpoint

    def postgres(self, connection_id: str) -> Endpoint:
        """By its id."""
        return self.work if connection_id == "work" else self.check

    def objects(self, url: str, connection_id: str | None) -> Any:
        """None."""
        raise NotImplementedError(f"{url} {connection_id}")

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """None."""
        raise NotImplementedError(f"{connection_id} {service}")


def target(duty: Duty, plan: dict[str, Any] | None = None, **thresholds: Any) -> Database:
    """The lab in an inventory."""
    fields: dict[str, Any] = {"maintenance": plan or {"login": "work"}, "thresholds": {duty.name: thresholds}}
    return Database(name="lab", owner="o", connection="check", **fields)


def question(lab: Lab, duty: Duty, *, user: str = "postgres", **thresholds: float | bool) -> Asked:
    """The job as a task puts it."""
    return asking(duty, target(duty, None, **thresholds), Two(lab.endpoint, lab.login(user)))


def run(lab: Lab, duty: Duty, journal: Any, *, user: str = "postgres", **thresholds: float | bool) -> Answer:
    """Do the job now; `user` is the maintenance login."""
    given: dict[type, Any] = {Journal: journal, Progress: _quietly}
    return ask(question(lab, duty, user=user, **thresholds), given)


def _quietly(step: str, text: str = "") -> None:
    """Nobody listens."""
    del step, text


@contextmanager
def stored(lab: Lab, duty: Duty) -> Iterator[StoredJournal]:
    """The real journal, in the lab itself."""
    migrate(lab.endpoint)
    asked = question(lab, duty)
    with lab.endpoint.connect("journal") as connection:
        connection.execute("set time zone 'UTC'")
        yield StoredJournal(connection, asked.key, Provenance("monthly", "r", "t", 0, 1, datetime.now(UTC), 0))


def earlier(work: Work, days: float) -> Work:
    """The same, days ago."""
    return replace(work, id=f"{work.id}-{days:g}", begun_at=work.begun_at - timedelta(days=days))
