"""Silence is not green: whoever did not answer is unknown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.conftest import OK, PROVENANCE, UNKNOWN, Store, breach, day, measured
from upkeep.answer import Answer
from upkeep.checks.database.sequences import sequences
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Person, Settings
from upkeep.store import missing_answers
from upkeep.store.answers import Provenance, note_asked, save
from upkeep.store.missing_answers import DIED, NEVER_ASKED, store_missing_answers
from upkeep.store.runs import begin_run
from upkeep.store.sync_definitions import declare
from upkeep.targets.database import Database
from upkeep.window import Cadence, Window

SHOP, OTHER = (Database(name=name, owner="dba", connection="x") for name in ("shop", "other"))
EXPECTED = [(sequences, SHOP), (sequences, OTHER)]
CALLER = Provenance("daily", "scheduled__1", "missing_answers", -1, 1, PROVENANCE.asked_at, 0)


def test_who_did_not_answer_is_unknown(store: Store) -> None:
    store.put(breach("public.a"))
    assert store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, CALLER) == [(sequences, OTHER)]
    told = store.rows("select target, status::text, summary, task_id from upkeep.answer order by target")
    assert told[0] == ("other", "unknown", NEVER_ASKED.summary, "missing_answers")
    assert told[1][1] == "breach"


def test_again_finds_nobody(store: Store) -> None:
    assert len(store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, CALLER)) == 2
    assert store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, CALLER) == []


def test_silence_keeps_a_finding_open(store: Store) -> None:
    store.put(breach("public.a"))
    store_missing_answers(store.connection, Cadence.DAILY, day(1), EXPECTED, CALLER)
    assert store.value("select state from upkeep.finding_life") == "open"


def test_missing_names_pairs_and_lonely_ones(store: Store) -> None:
    people = (Person(name="dba", role="database-on-call", slack="U012AB3CD"),)
    inventory = Inventory(settings=Settings(people=people), targets=(SHOP, OTHER))
    ask = "select duty, target, why from upkeep.missing_answer order by 1, 2, 3"
    declare(store.connection, inventory, ())
    assert [row[:2] for row in store.rows(ask)] == [(None, "other"), (None, "shop")]
    declare(store.connection, Inventory(settings=inventory.settings, targets=()), [sequences])
    assert store.rows(ask) == [("sequences", None, "no target of its kind (databases)")]
    declare(store.connection, inventory, [sequences])
    assert {row[2] for row in store.rows(ask)} == {"its cadence has never run"}
    args = (day(0).start, day(0).end, PROVENANCE.asked_at)
    store.run(
        """insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)
           values ('daily', %s, %s, 'daily', 'r', 'scheduled', 'c', %s)""",
        args,
    )
    store.put(breach("public.a"))
    assert store.rows(ask) == [("sequences", "other", "no answer in the newest window")]
    store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, CALLER)
    assert store.rows(ask) == []


AN_HOUR = timedelta(hours=1)


def run(number: int, hours: float) -> Provenance:
    """A task of the run of this number, at work so many hours after the first run began."""
    return replace(CALLER, run_id=f"run{number}", asked_at=CALLER.asked_at + hours * AN_HOUR)


def begin(store: Store, of: Provenance) -> None:
    """Its first task."""
    begin_run(store.connection, Cadence.DAILY, day(0), of, "scheduled", "thread")


def ask(store: Store, of: Provenance, target: Database, answer: Answer | None) -> None:
    """A task of a run that asks, and answers or dies."""
    note_asked(store.connection, sequences, target.name, day(0), of)
    if answer:
        save(store.connection, sequences, target.name, day(0), answer, of)


def missing(store: Store, of: Provenance, *, past: bool = False) -> list[str]:
    """Targets without an answer of that run."""
    found = store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, of, past=past)
    return [target.name for _, target in found]


def told(store: Store) -> dict[str, tuple[str, str]]:
    """Status and summary by target."""
    return {name: (status, rows) for name, status, rows in store.rows("select target, status::text, summary from upkeep.answer")}


def test_an_answer_older_than_its_run_is_none(store: Store) -> None:
    begin(store, run(1, 0))
    for target in (SHOP, OTHER):
        ask(store, run(1, 0.1), target, measured(1, "public.a"))
    assert missing(store, run(1, 0.2)) == []
    begin(store, run(2, 5))
    ask(store, run(2, 5.1), SHOP, breach("public.a"))
    assert missing(store, run(2, 5.2)) == ["other"]
    assert told(store)["other"] == ("unknown", NEVER_ASKED.summary)
    assert store.value("select count(*) from upkeep.metric") == 0, "numbers of an earlier run are not this run's"
    assert told(store)["shop"][0] == "breach"
    assert missing(store, run(2, 5.3)) == []


def test_clearing_one_task_of_a_finished_run_makes_no_other_answer_missing(store: Store) -> None:
    begin(store, run(1, 0))
    for target in (SHOP, OTHER):
        ask(store, run(1, 0.1), target, OK)
    begin(store, run(1, 30))
    ask(store, run(1, 30.1), SHOP, breach("public.a"))
    assert missing(store, run(1, 30.2)) == []
    assert {name: status for name, (status, _) in told(store).items()} == {"shop": "breach", "other": "ok"}


def test_nor_does_clearing_one_of_a_run_that_another_has_taken_over(store: Store) -> None:
    begin(store, run(1, 0))
    for target in (SHOP, OTHER):
        ask(store, run(1, 0.1), target, OK)
    begin(store, run(2, 5))
    ask(store, run(2, 5.1), SHOP, breach("public.a"))
    begin(store, run(1, 9))
    ask(store, run(1, 9.1), OTHER, OK)
    assert missing(store, run(1, 9.2)) == []
    assert told(store)["shop"][0] == "breach"


def test_a_cleared_task_that_dies_is_said_although_it_had_answered(store: Store) -> None:
    begin(store, run(1, 0))
    for target in (SHOP, OTHER):
        ask(store, run(1, 0.1), target, OK)
    begin(store, run(1, 30))
    ask(store, replace(run(1, 30.1), try_number=3), SHOP, None)
    assert missing(store, run(1, 30.2)) == ["shop"]
    assert told(store)["shop"] == ("unknown", DIED)
    evidence = store.value("select evidence from upkeep.answer where target = 'shop'")
    assert (evidence["try_number"], evidence["began"]) == (3, run(1, 30.1).asked_at.isoformat())
    assert "log" in evidence["remedy"]
    assert missing(store, run(1, 30.3)) == []
    assert store.rows("select * from upkeep.pending_answer") == []


def test_a_try_that_died_is_forgotten_once_another_answers(store: Store) -> None:
    begin(store, run(1, 0))
    ask(store, run(1, 0.1), SHOP, None)
    ask(store, replace(run(1, 0.2), try_number=2), SHOP, OK)
    ask(store, run(1, 0.1), OTHER, UNKNOWN)
    assert missing(store, run(1, 0.3)) == []


def test_what_another_run_is_asking_is_not_dead(store: Store) -> None:
    begin(store, run(1, 0))
    for target in (SHOP, OTHER):
        ask(store, run(1, 0.1), target, OK)
    ask(store, run(2, 0.2), SHOP, None)
    assert missing(store, run(1, 0.3)) == []


def test_a_live_duty_keeps_what_it_said_of_a_past_window_in_its_time(store: Store) -> None:
    begin(store, run(1, 0))
    ask(store, run(1, 0.1), SHOP, OK)
    begin(store, run(2, 500))
    assert missing(store, run(2, 501), past=True) == ["other"]
    assert told(store)["shop"][0] == "ok"


def test_a_dated_duty_asked_again_about_a_past_window_has_to_answer(store: Store) -> None:
    dated = replace(sequences, takes={"window": Window})
    begin(store, run(1, 0))
    ask(store, run(1, 0.1), SHOP, OK)
    begin(store, run(2, 500))
    args = (store.connection, Cadence.DAILY, day(0), [(dated, SHOP)], run(2, 501))
    assert store_missing_answers(*args, past=True) == [(dated, SHOP)]


def test_what_was_not_selected_is_not_missing(store: Store) -> None:
    begin(store, run(1, 0))
    for target in (SHOP, OTHER):
        ask(store, run(1, 0.1), target, OK)
    begin(store, run(2, 5))
    ask(store, run(2, 5.1), SHOP, OK)
    args = (store.connection, Cadence.DAILY, day(0), [(sequences, SHOP)], run(2, 5.2))
    assert store_missing_answers(*args) == []
    assert told(store)["other"][0] == "ok"


@pytest.mark.parametrize("skew", [-2, 2])
def test_clocks_of_workers_may_differ_within_a_run(store: Store, skew: float) -> None:
    begin(store, run(1, 0))
    for target in (SHOP, OTHER):
        ask(store, run(1, skew), target, OK)
    assert missing(store, run(1, 0.1)) == []


def test_a_task_that_answers_at_the_same_time_wins(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(store, run(1, 0))
    ask(store, run(1, 0.1), OTHER, OK)

    def answers_meanwhile(*_: object) -> dict[object, object]:
        ask(store, run(1, 0.2), SHOP, OK)
        return {}

    monkeypatch.setattr(missing_answers, "_pending", answers_meanwhile)
    assert missing(store, run(1, 0.3)) == []
    assert told(store)["shop"][0] == "ok"
