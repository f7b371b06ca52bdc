"""accepted_logins: who may do what, what has changed since it was signed, and what each choice leads to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.lab import Lab, asking
from upkeep.decisions.form import Entered, consequences
from upkeep.decisions.past import LastSigned, NothingDecided, PastDecisions
from upkeep.decisions.person_asked import PersonAsked
from upkeep.decisions.question import Question
from upkeep.reviews.security.accepted_logins import accepted_logins
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.targets.database import Database

AT = datetime(2026, 8, 3, tzinfo=UTC)


@dataclass
class Signed:
    """A past in which these logins were signed."""

    logins: dict[str, dict[str, str]]

    def last_signed(self) -> LastSigned | None:
        """By two people."""
        return LastSigned({"logins": self.logins}, ("olga", "fred"), AT)


@pytest.fixture
def app(lab: Lab) -> Iterator[str]:
    """A login with a hostile name."""
    lab.run('create role "[app](x)|`" login')
    yield "[app](x)|`"
    lab.stack.close()
    lab.run('drop role "[app](x)|`"')


def question(lab: Lab, past: PastDecisions | None = None, **expected: str) -> Question:
    target = Database(name="lab", owner="tester", connection="lab", thresholds={"login_privileges": expected})
    answer = ask(asking(accepted_logins, target, OneDatabase(lab.endpoint)), {PastDecisions: past or NothingDecided()})
    assert isinstance(answer, PersonAsked)
    assert answer.status.value == "ok"
    return answer.question


def titles(asked: Question) -> dict[str, str | None]:
    return {field.title: field.default for field in asked.fields if field.object}


@pytest.mark.baseline
@pytest.mark.usefixtures("app")
def test_an_administrator_who_is_accepted_is_asked_about_and_kept_by_default(lab: Lab) -> None:
    asked = question(lab)
    assert titles(asked) == {"postgres": "keep"}
    assert "every one of them is new" in asked.body
    assert asked.evidence["logins"]["postgres"]["superuser"] == ""


@pytest.mark.near_miss
def test_ordinary_logins_are_no_question(lab: Lab, app: str) -> None:
    lab.run('grant pg_monitor, pg_read_all_data to "[app](x)|`"')
    assert app not in titles(question(lab))


@pytest.mark.fault
def test_one_that_nobody_accepted_must_be_decided(lab: Lab, app: str) -> None:
    lab.run('alter role "[app](x)|`" createrole')
    asked = question(lab)
    assert titles(asked) == {app: None, "postgres": "keep"}
    assert "`[app](x)¦'` | createrole | **no** |" in asked.body


def test_one_that_the_inventory_accepts_is_kept_by_default(lab: Lab, app: str) -> None:
    lab.run('alter role "[app](x)|`" createrole')
    asked = question(lab, expected=f"postgres, {app}")
    assert titles(asked) == {app: "keep", "postgres": "keep"}
    assert set(asked.accepted) == {app, "postgres"}


@pytest.mark.fault
@pytest.mark.usefixtures("app")
def test_what_has_changed_since_it_was_signed_is_shown(lab: Lab) -> None:
    lab.run('alter role "[app](x)|`" createrole')
    now = question(lab).evidence["logins"]
    body = question(lab, Signed({"postgres": now["postgres"] | {"magic": ""}, "left": {"superuser": ""}})).body
    assert "Since olga and fred signed on 2026-08-03:" in body
    assert "* new: `[app](x)¦'`" in body
    assert "* gone: `left`" in body
    assert "* changed: `postgres`, no longer magic" in body
    assert "nothing has changed" in question(lab, Signed(now)).body


def test_what_is_taken_away_is_work_that_does_it_and_the_list_is_proposed(lab: Lab, app: str) -> None:
    lab.run('alter role "[app](x)|`" createrole createdb')
    asked = question(lab)
    values: dict[str, Any] = {f.name: "keep" if f.title == "postgres" else "take away" for f in asked.fields if f.object}
    follows = consequences(asked, Entered("Sign", values | {"action_owner": "tester", "action_due": "2026-11-30"}))
    assert [item.object for item in follows.actions] == [app]
    assert follows.patch == "", "the list stays as it is"
    lab.run(follows.actions[0].remedy)
    assert app not in titles(question(lab))


def test_what_is_kept_and_not_listed_yet_is_proposed_for_the_list(lab: Lab, app: str) -> None:
    lab.run('alter role "[app](x)|`" createdb')
    asked = question(lab)
    follows = consequences(asked, Entered("Sign", {f.name: "keep" for f in asked.fields if f.object}))
    assert follows.patch.splitlines()[0] == "# inventory.yaml, databases, lab"
    assert follows.patch.endswith(f'expected: "{app}, postgres"')


def test_a_missing_right_asks_nobody(lab: Lab) -> None:
    lab.run("create role stranger login")
    target = Database(name="lab", owner="tester", connection="lab")
    answer = ask(asking(accepted_logins, target, OneDatabase(lab.login("stranger"))))
    assert not isinstance(answer, PersonAsked)
    assert (answer.status.value, answer.evidence["remedy"]) == ("unknown", "grant pg_monitor to stranger;")
