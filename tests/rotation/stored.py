"""Secrets as duties have stored them, made by hand for pages and reports."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lab import Lab, asking
from upkeep.answer import Answer, Finding
from upkeep.checks.security.secret_age import SecretSeen, secret_age
from upkeep.jobs.security.secret_rotation import secret_rotation
from upkeep.rotation.rotation import Rotation, State
from upkeep.sources.connections import OneDatabase
from upkeep.store.answers import Provenance, save
from upkeep.store.rotation import StoredRotations
from upkeep.targets.secret import Secret

NOW = datetime.now(UTC)
BY = Provenance("daily", "scheduled__x", "security.secret_age", 3, 1, NOW, 1)
TARGET = "insert into upkeep.target (name, kind, owner, red_at, tags, active) values (%s, 'secrets', 'ann', 'high', '{}', true)"
DUTY = """
    insert into upkeep.duty (name, area, kind, cadence, title, owner, target_kind, dated, active)
    values (%s, 'security', 'check', 'daily', 'x', 'security', 'secrets', false, true) on conflict do nothing
"""
RUN = """
    insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)
    values ('daily', %s, %s, 'daily', 'scheduled__x', 'scheduled', 't', now()) on conflict do nothing
"""


@dataclass
class StoredSecrets:
    """A report database whose secrets are made by hand."""

    lab: Lab

    def declared(self, name: str) -> Secret:
        """A secret of the inventory that nobody has asked about."""
        with self.lab.endpoint.connect("put") as connection:
            connection.execute(TARGET, [name])
            for duty in (secret_age, secret_rotation):
                connection.execute(DUTY, [duty.name])
        store = {"kind": "file", "path": "/srv/x"}
        return Secret.model_validate({"name": name, "owner": "ann", "store": store, "opens": {"kind": "generated"}})

    def answered(self, name: str, answer: Answer, duty: Any = secret_age) -> None:
        """What a duty said of it."""
        asked = asking(duty, self.declared(name), OneDatabase(self.lab.endpoint))
        with self.lab.endpoint.connect("put") as connection:
            connection.execute(RUN, [asked.window.start, asked.window.end])
            save(connection, duty, name, asked.window, answer, BY)

    def seen(self, name: str, *findings: Finding, **more: Any) -> None:
        """How secret_age saw it; other keywords are columns."""
        usual: dict[str, Any] = {
            "store": "/srv/x", "opens": "PostgreSQL users a and b", "identity": "a", "max_age_seconds": 90 * 86_400.0,
            "grace_seconds": 86_400.0, "cache_seconds": 300.0, "current_since": NOW - timedelta(days=45), "pending_since": None,
            "used_by": [], "used_at": None, "watched_since": None,
        }  # fmt: skip
        self.answered(name, Answer.judged("seen", findings=findings, records=[SecretSeen(**{**usual, **more})]))

    def rotated(self, name: str, **more: Any) -> None:
        """One rotation of it; other keywords are columns."""
        usual: dict[str, Any] = {
            "id": str(uuid.uuid4()), "secret": name, "reason": "age", "state": State.ROTATED,
            "begun_at": NOW - timedelta(days=45), "old": "b", "new": "a",
        }  # fmt: skip
        with self.lab.endpoint.connect("put") as connection:
            StoredRotations(connection, BY).put(Rotation(**{**usual, **more}))
