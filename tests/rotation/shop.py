"""The shop's login in a file, asked about as a task asks: with real rows and real logins."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.lab import Lab, asking
from tests.rotation.world import first_value, prepare, users
from upkeep.answer import Answer
from upkeep.duty import Duty, Progress
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.store.answers import Provenance, save
from upkeep.store.claims import Times
from upkeep.store.rotation import StoredRotations
from upkeep.targets.secret import Secret
from upkeep.window import Window

DAY = 86_400


@dataclass
class Shop:
    """The shop's login in a file, and the report database."""

    lab: Lab
    reports: Lab
    path: Path
    said: list[str] = field(default_factory=list)

    @property
    def secret(self) -> Secret:
        """What the inventory says."""
        opens = {"kind": "postgres_users", "connection": "admin", "users": users(self.lab)}
        store = {"kind": "file", "path": str(self.path)}
        return Secret.model_validate({"name": "shop login", "owner": "ann", "store": store, "opens": opens})

    def ask(self, duty: Duty, at: datetime | None = None, *, target: Secret | None = None, **more: Any) -> Answer:
        """As a task at this moment, and stored; other keywords are thresholds."""
        provenance = Provenance("daily", "run", duty.name, 0, 1, at or datetime.now(UTC), 0)
        target = (target or self.secret).model_copy(update={"thresholds": {duty.name: more}})
        with self.reports.endpoint.connect("test") as database:
            start, end = provenance.asked_at - timedelta(days=1), provenance.asked_at
            asked = asking(
                duty, target, OneDatabase(self.lab.endpoint), provenance=provenance, database=database, window=Window(start, end)
            )
            answer = ask(asked, {Progress: lambda step, text="": self.said.append(f"{step}: {text}")})
            save(database, duty, target.name, asked.window, answer, provenance)
            return answer

    def log(self, at: datetime | None = None) -> StoredRotations:
        """The rows."""
        session = self.reports.session()
        return StoredRotations(session, Provenance("", "", "", -1, 0, at or datetime.now(UTC), 0), times=Times(wait_s=0.3))

    def older(self, days: float) -> None:
        """The secret was written so long ago."""
        at = datetime.now(UTC).timestamp() - days * DAY
        os.utime(self.path, (at, at))


def shop_of(lab: Lab, reports: Lab, folder: Path) -> Shop:
    """A first value that works."""
    prepare(lab)
    path = folder / "shop.json"
    path.write_text(first_value(lab).text)
    return Shop(lab, reports, path)
