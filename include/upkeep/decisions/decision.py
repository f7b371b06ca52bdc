"""One decision: its key, its state, when it is due, and when people are reminded."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from upkeep.decisions.people import Signer
from upkeep.decisions.question import Question, digest_of
from upkeep.window import Window

# A decision that was withdrawn is noticed by its waiting run within this time.
LOOK_EVERY = timedelta(hours=6)


class Status(StrEnum):
    """`missed` is what no answer becomes when it is due: it never counts as approved."""

    OPEN = "open"
    ANSWERED = "answered"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a decision is about. `run` tells approvals of one duty and target apart that belong to a run; others have none."""

    duty: str
    target: str
    window: Window
    run: str = ""

    @property
    def key(self) -> str:
        """The same however often it is asked."""
        if self.run:
            return f"{self.duty}/{self.target}/{self.run}"
        return f"{self.duty}/{self.target}/{self.window.start:%Y-%m-%dT%H:%M:%SZ}/{self.window.end:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def run_id(self) -> str:
        """Id of the one Airflow run that asks it."""
        short = hashlib.sha256(self.key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        target = re.sub(r"[^A-Za-z0-9]+", "-", self.target).strip("-")[:40]
        return f"{self.duty}__{target}__{self.window.end:%Y-%m-%d}__{short}"

    def run_of(self, asked_round: int) -> str:
        """Id of the Airflow run of a round: what was opened anew is asked in a run of its own."""
        return self.run_id if asked_round == 1 else f"{self.run_id}__{asked_round}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    A question with how many must answer it and until when. `kind` is "review" or "approval".

    `due_days` is the time people have, in days, from the moment it is opened; `needed` is how many different people sign.
    """

    kind: str
    subject: Subject
    question: Question
    needed: int = 1
    due_days: float = 7
    asked_by: str | None = None

    @property
    def key(self) -> str:
        """Key of its rows."""
        return self.subject.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    How a stored decision stands. `round` grows each time it is asked anew; `outcome` is the option that was chosen.

    `signers` are those who may answer, since it was asked. Of an approved plan, `begun_at` is when it began, and `result` what
    came of it; `result_ok` is None until that is known.
    """

    decision: Decision
    digest: str
    status: Status
    opened_at: datetime
    due_at: datetime
    round: int = 1
    signers: tuple[Signer, ...] = ()
    begun_at: datetime | None = None
    result: str | None = None
    result_ok: bool | None = None
    outcome: str | None = None
    reason: str | None = None
    asked_at: datetime | None = None
    reminded_at: datetime | None = None
    closed_at: datetime | None = None
    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None

    @property
    def half_time(self) -> datetime:
        """When people are reminded."""
        return self.opened_at + (self.due_at - self.opened_at) / 2

    def reminder_due(self, now: datetime) -> bool:
        """Whether people are to be reminded now."""
        return self.status is Status.OPEN and self.reminded_at is None and self.half_time <= now < self.due_at

    def wake_in(self, now: datetime) -> timedelta:
        """How long to wait until there is something to do: a reminder, the end, or a look whether it was withdrawn."""
        ahead = [at - now for at in (self.half_time, self.due_at) if at > now]
        return max(min([LOOK_EVERY, *ahead]), timedelta(seconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """
    Who answered what, when, on which evidence. `place` is 1 for who decides and 2 for who countersigns.

    `digest` is that of the question as it was shown. `previous` is the hash of the signature before it, so that none can be
    changed, or taken out, without the later ones saying so.
    """

    place: int
    option: str
    values: Mapping[str, Any]
    user: str
    user_id: str
    person: str
    answered_at: datetime
    digest: str
    previous: str = ""

    @property
    def sha256(self) -> str:
        """Hash of all of it."""
        parts = {name: getattr(self, name) for name in self.__slots__}
        return digest_of(parts | {"values": dict(self.values), "answered_at": self.answered_at.isoformat()})


def person_of(people: tuple[Signer, ...], user: str, user_id: str) -> str:
    """Name in the inventory of who answered; the user's name when the inventory does not know it."""
    return next((each.name for each in people if each.is_user(user_id) or each.is_user(user)), user)
