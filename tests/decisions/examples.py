"""Questions and people for the tests of decisions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.decisions.decision import Decision, Signature, Subject
from upkeep.decisions.form import action_fields
from upkeep.decisions.question import APPROVE, REJECT, Effect, Field, Question
from upkeep.window import Window

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
WEEK = Window(NOW - timedelta(days=7), NOW)


@dataclass(frozen=True)
class Somebody:
    """A person as the inventory has it."""

    name: str
    airflow: str | None = None
    on_call: int | None = None
    airflow_id: str | None = None
    slack: str = "U0000001"


def login(name: str, default: str | None = "keep") -> Field:
    """The field of one login."""
    effects = {"keep": Effect(accepts=name), "take away": Effect(action=f"Take superuser away from {name}", remedy=f"-- {name}")}
    return Field(name=name, title=name, choices=("keep", "take away"), default=default, object=name, effects=effects)


def question(*names: str, body: str = "All of them?", **more: Any) -> Question:
    """A small review of logins; those given, else two."""
    fields = tuple(login(name) for name in names or ("root", "report"))
    told: dict[str, Any] = {
        "subject": "Which logins?",
        "evidence": {"logins": [f.name for f in fields]},
        "accepted": ("root",),
        "patch": "expected: {accepted}",
    }
    return Question(body=body, fields=(*fields, *action_fields("owner")), **(told | more))


def review(asked: Question | None = None, *, weeks: int = 0, **more: Any) -> Decision:
    """A review of the window that ended `weeks` weeks after NOW's."""
    window = Window(WEEK.start + timedelta(weeks=weeks), WEEK.end + timedelta(weeks=weeks))
    about = Subject(duty="accepted_logins", target="shop", window=window)
    return Decision(kind="review", subject=about, question=asked or question(), **more)


def approval(digest: str = "a", run: str = "manual__1") -> Decision:
    """An approval of a plan."""
    asked = Question(subject="Restore?", body="* a plan", evidence={"plan": digest}, options=(APPROVE, REJECT))
    about = Subject(duty="restore", target="shop", window=WEEK, run=run)
    return Decision(kind="approval", subject=about, question=asked, due_days=1, asked_by="fred")


def signed(user: str, digest: str, *, place: int = 1, option: str = "Sign", at: datetime = NOW, **values: str) -> Signature:
    """One person's signature."""
    return Signature(
        place=place, option=option, values=values, user=user, user_id=user, person=user, answered_at=at, digest=digest
    )
