"""opportunities_to_take: what is offered, what follows from taking it on, and when it is asked no more."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.lab import Lab, asking, fresh_database
from upkeep.answer import Answer
from upkeep.decisions.form import Entered, consequences, problems
from upkeep.decisions.past import LastSigned, NothingDecided, PastDecisions
from upkeep.decisions.person_asked import PersonAsked
from upkeep.decisions.question import Question
from upkeep.ledger.measure_taken import Measure
from upkeep.reviews.costs.opportunities_to_take import NOT_NOW, TAKE, opportunities_to_take
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.rows import Rows
from upkeep.sources.scratch import ScratchServer
from upkeep.store.measures import add_measure
from upkeep.store.migrate import migrate
from upkeep.targets.account import Account

ACCOUNT = Account(name="aws", owner="ann", provider="aws", place="file:///bills")
HOSTILE = "i-`1`|[x](y)'; --"


@dataclass
class Signed:
    """A past in which these opportunities were decided about."""

    keys: dict[str, str] = field(default_factory=dict)

    def last_signed(self) -> LastSigned | None:
        """By one person."""
        return LastSigned({"opportunities": self.keys}, ("ann",), datetime(2026, 10, 3, tzinfo=UTC))


@pytest.fixture(scope="module")
def database(server: ScratchServer) -> Iterator[Lab]:
    with fresh_database(server, "to_take") as made:
        migrate(made.endpoint)
        yield made


@pytest.fixture
def store(database: Lab) -> Lab:
    """No opportunities and no measures."""
    database.run("truncate upkeep.answer, upkeep.measure cascade")
    return database


def offer(store: Lab, resource: str, money: str = "50", end: str = "2026-11-30", protected: str = "null") -> None:
    quoted = resource.replace("'", "''")
    store.run(f"""
        insert into upkeep.answer (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
            dag_id, run_id, task_id, map_index, try_number)
        values ('opportunities', 'aws', date '{end}' - 7, '{end}', 'weekly', 'breach', 's', '{{}}', '{end}', 1, 'weekly', 'r',
            't', 0, 1) on conflict do nothing;
        insert into upkeep.opportunity
        values ('opportunities', 'aws', date '{end}' - 7, '{end}', 'idle', 'eu', '{quoted}', 'production', null,
            {money}, {money}, {money}, 'EUR', 'ledger', 'high', 'low', 'stop `{quoted}`', 'aws describe', '{{}}', {protected})
    """)


def answer(store: Lab, past: PastDecisions | None = None) -> Answer:
    given = {PastDecisions: past or NothingDecided(), Rows: Rows(store.session())}
    return ask(asking(opportunities_to_take, ACCOUNT, OneDatabase(store.endpoint)), given)


def question(store: Lab, past: PastDecisions | None = None) -> Question:
    found = answer(store, past)
    assert isinstance(found, PersonAsked)
    return found.question


def titles(asked: Question) -> list[str]:
    return [each.title for each in asked.fields if each.object]


@pytest.mark.baseline
def test_without_opportunities_nobody_is_asked(store: Lab) -> None:
    found = answer(store)
    assert (found.status, isinstance(found, PersonAsked)) == ("ok", False)


@pytest.mark.near_miss
def test_small_protected_and_old_ones_are_not_asked_about(store: Lab) -> None:
    offer(store, "old", end="2026-11-23")
    offer(store, "small", "19.99")
    offer(store, "kept", protected="'keep=true'")
    assert not isinstance(answer(store), PersonAsked)


@pytest.mark.fault
def test_the_largest_are_asked_about_and_wait_by_default(store: Lab) -> None:
    for number in range(12):
        offer(store, f"i-{number:02}", f"{100 + number}")
    asked = question(store)
    assert titles(asked) == [f"idle: i-{number:02}" for number in range(11, 1, -1)]
    assert {each.default for each in asked.fields if each.object} == {NOT_NOW}
    assert "Which of 10 opportunities of aws are taken on?" in asked.subject
    assert "111.00 EUR a month" in asked.fields[0].description


def test_what_is_taken_on_becomes_work_that_says_how_it_becomes_a_measure(store: Lab) -> None:
    offer(store, HOSTILE)
    asked = question(store)
    entered = Entered("Sign", {"opportunity_1": TAKE, "action_owner": "ann", "action_due": "2026-12-20"})
    assert problems(asked, entered, {"ann"}) == []
    (item,) = consequences(asked, entered).actions
    assert (item.owner, item.due_on, item.object) == ("ann", date(2026, 12, 20), f"idle/eu/{HOSTILE}")
    assert item.remedy.splitlines()[1].startswith("Then: upkeep cost measure add aws --opportunity 'idle/eu/i-")
    later = Entered("Sign", {"opportunity_1": NOT_NOW})
    assert (problems(asked, later, {"ann"}), consequences(asked, later).actions) == ([], ())


def test_work_needs_an_owner_and_a_day(store: Lab) -> None:
    offer(store, "i-1")
    assert len(problems(question(store), Entered("Sign", {"opportunity_1": TAKE}), {"ann"})) == 2


def test_what_has_become_a_measure_is_asked_no_more(store: Lab) -> None:
    offer(store, "i-1")
    offer(store, "i-2")
    with store.endpoint.connect("declare") as connection:
        fields: dict[str, Any] = {"account": "aws", "name": "m", "what": "w", "taken_by": "ann", "currency": "EUR"}
        add_measure(connection, Measure(**fields, taken_on=date(2026, 11, 1), opportunity="idle/eu/i-1"))
    assert titles(question(store)) == ["idle: i-2"]


def test_other_money_is_another_digest(store: Lab) -> None:
    offer(store, "i-1")
    before = question(store).digest
    assert question(store).digest == before
    store.run("update upkeep.opportunity set monthly_expected = 51, monthly_high = 51")
    assert question(store).digest != before


def test_names_stay_words_in_the_table(store: Lab) -> None:
    offer(store, HOSTILE)
    row = question(store).body.splitlines()[-1]
    assert row.count("|") - row.count("\\|") == 6
    assert "[x](y)" not in row.split("|")[1]


def test_what_changed_since_the_last_one_is_said(store: Lab) -> None:
    offer(store, "i-1")
    offer(store, "i-2")
    past = Signed({"idle/eu/i-1": "50.00 EUR", "idle/eu/i-9": "50.00 EUR"})
    assert "Since ann decided on 2026-10-03: 1 new, 1 gone or taken up." in question(store, past).body
