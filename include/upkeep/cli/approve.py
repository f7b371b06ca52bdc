"""Jobs whose plan a person approves, at a terminal: the plan with its digest; with `--approve DIGEST` exactly that is done."""

import getpass
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from upkeep.answer import Answer, Status
from upkeep.applying import End, apply_approved
from upkeep.cli.out import PERSON_NEEDED, WELL, plain, say
from upkeep.decisions.decision import Signature
from upkeep.decisions.decision import Status as Decided
from upkeep.decisions.person_asked import PersonAsked
from upkeep.decisions.plan import Plan
from upkeep.decisions.question import APPROVE
from upkeep.errors import UpkeepError
from upkeep.given.asked import Asked
from upkeep.runner import ask, decision_of, do
from upkeep.sources.postgres import Endpoint
from upkeep.store import decisions
from upkeep.store.answers import connected

Given = Mapping[type, Any]


def planned(asked: Asked, store: Endpoint | None, given: Given) -> Answer:
    """What the job would do now. Nothing is changed and nothing stored."""
    if store is None:
        return ask(asked, given)
    with connected(store, f"upkeep job {asked.duty.name}") as database:
        return ask(replace(asked, database=database), given)


def show(asked: Asked, answer: Answer) -> int:
    """Print a plan and how it is approved; or the answer, when there is none."""
    if not isinstance(answer, PersonAsked):
        say(plain(answer))
        return WELL if answer.status is Status.OK else PERSON_NEEDED
    plan = Plan.of(answer.question)
    say(f"{plan.subject}\n\n{plan.markdown}\n\nNothing was done. To do exactly this:")
    say(f'    upkeep job {asked.duty.name} "{asked.target.name}" --approve {plan.digest}')
    say(f"or approve it in Airflow, when the {asked.duty.cadence} run asks.")
    return PERSON_NEEDED


def carry_out(asked: Asked, answer: Answer, digest: str, store: Endpoint | None, given: Given) -> int:
    """Do the plan of this digest. Raises UpkeepError, and does nothing, when what would be done now is another."""
    if not isinstance(answer, PersonAsked):
        return show(asked, answer)
    if (plan := Plan.of(answer.question)).digest != digest:
        raise UpkeepError(
            f"what would be done now is not what {digest[:12]}… stands for: look at the plan again; nothing was done"
        )
    done = do(asked, plan, given) if store is None else _approved_here(asked, answer, store, given)
    if done is None:
        raise UpkeepError("the plan changed while it was approved: look at it again; nothing was done")
    say(plain(done))
    return WELL if done.status is Status.OK else PERSON_NEEDED


def _approved_here(asked: Asked, answer: PersonAsked, store: Endpoint, given: Given) -> Answer | None:
    """Keep who approved it where all approvals are kept, then do it; None when it no longer holds."""
    asked = replace(asked, asked_by=_user())
    now = datetime.now(UTC)
    made = decision_of(asked, answer.question, run=f"command {now:%Y-%m-%dT%H:%M:%S.%fZ}")
    if made.needed > 1:
        raise UpkeepError("two people approve this: in Airflow, when its run asks; nothing was done")
    with connected(store, "upkeep job") as database, database.transaction():
        opened = decisions.open_decision(database, made, now)
        user = _user()
        decisions.sign(database, made.key, Signature(
            place=1, option=APPROVE, values={}, user=user, user_id=user, person=f"{user} (at the command line)",
            answered_at=now, digest=opened.digest,
        ))  # fmt: skip
        decisions.close(database, made.key, Decided.ANSWERED, now, outcome=APPROVE)
    outcome = apply_approved(asked, store, made.key, given)
    if outcome.end is not End.ASKED_AGAIN:
        return outcome.answer
    with connected(store, "upkeep job") as database:
        decisions.close(database, made.key, Decided.WITHDRAWN, datetime.now(UTC), reason="the plan changed while it was approved")
    return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody without a user name"
