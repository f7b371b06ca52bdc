"""Which logins may do more than read and write data, decided anew by two people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from upkeep.answer import Answer
from upkeep.decisions.form import action_fields
from upkeep.decisions.markdown import code, plain
from upkeep.decisions.past import LastSigned, PastDecisions
from upkeep.decisions.question import Effect, Field, Question
from upkeep.duty import review
from upkeep.sources.logins import ADMINISTRATORS, Login, listed, privileged_logins
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.window import Cadence

KEEP, TAKE_AWAY = "keep", "take away"
LIST = "login_privileges"


@review(Cadence.QUARTERLY, owner="security", needs=(MONITOR,), signers=2, due_days=14)
def accepted_logins(db: Database, pg: Postgres, past: PastDecisions) -> Answer | Question:
    """
    Logins with more than data rights, for two people to accept or to take away.

    Shows what each such login may do and by which way, whether the inventory accepts it (`expected` of login_privileges), and
    what has changed since the last signed review. What is taken away becomes work with an owner and a day; the list that the
    inventory should hold is proposed, never written. Roles by which a managed service itself works are left out.
    """
    found = privileged_logins(pg)
    if not found:
        return Answer.judged("no login has more than data rights")
    accepted = listed(str(db.thresholds.get(LIST, {}).get("expected", ADMINISTRATORS)))
    signed = past.last_signed()
    return Question(
        subject=f"Which logins may do more than read and write data on {db.name}?",
        body="\n".join([*_changes(found, signed), "", *_table(found, accepted)]),
        fields=(*(_field(number, login, accepted) for number, login in enumerate(found, 1)), *action_fields(db.owner)),
        evidence={"logins": {login.name: dict(login.powers) for login in found}, "accepted": accepted},
        accepted=tuple(login.name for login in found if login.name in accepted),
        patch=_patch(db),
    )


def _changes(found: Sequence[Login], signed: LastSigned | None) -> Iterator[str]:
    if signed is None:
        yield "No review of these logins was signed before: every one of them is new."
        return
    before, now = _powers(signed.evidence), {login.name: dict(login.powers) for login in found}
    yield f"Since {' and '.join(signed.people)} signed on {signed.signed_at:%Y-%m-%d}:"
    yield ""
    lines = [f"* new: {code(name)}" for name in now if name not in before]
    lines += [f"* gone: {code(name)}" for name in before if name not in now]
    lines += [
        f"* changed: {code(name)}, {_widened(before[name], now[name])}"
        for name in now
        if before.get(name, now[name]) != now[name]
    ]
    yield from lines or ["* nothing has changed"]


def _powers(evidence: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    found = evidence.get("logins")
    return found if isinstance(found, Mapping) else {}


def _widened(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    more, less = sorted(set(now) - set(before)), sorted(set(before) - set(now))
    changes = [f"now also {', '.join(more)}" if more else "", f"no longer {', '.join(less)}" if less else ""]
    return "; ".join(part for part in changes if part) or "reached another way"


def _table(found: Sequence[Login], accepted: Sequence[str]) -> Iterator[str]:
    yield "| Login | May do | Accepted by the inventory | Used now by |"
    yield "|---|---|---|---|"
    for login in found:
        others = [each for each in login.applications if not each.startswith("upkeep")]
        used = ", ".join(map(code, others[:5])) or "nobody"
        listed = "yes" if login.name in accepted else "**no**"
        expired = " (its password has expired)" if login.expired else ""
        yield f"| {code(login.name)} | {plain(login.powers_text)}{expired} | {listed} | {used} |"


def _field(number: int, login: Login, accepted: Sequence[str]) -> Field:
    return Field(
        name=f"login_{number}",
        title=login.name,
        choices=(KEEP, TAKE_AWAY),
        default=KEEP if login.name in accepted else None,
        description=login.powers_text,
        object=login.name,
        effects={
            KEEP: Effect(accepts=login.name),
            TAKE_AWAY: Effect(action=f"Take {login.powers_text} away from login {login.name}", remedy=login.remedy),
        },
    )


def _patch(db: Database) -> str:
    return f"# inventory.yaml, databases, {db.name}\nthresholds:\n  {LIST}:\n    expected: {{accepted}}"
