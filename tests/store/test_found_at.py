"""When a finding was found and when it was gone, told by when somebody looked: not by when the window ended."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.store.conftest import OK, PROVENANCE, UNKNOWN, Store, breach, day
from upkeep.answer import Answer
from upkeep.checks.database.sequences import sequences
from upkeep.store.answers import save
from upkeep.store.runs import begin_run, begun_run, finish_run
from upkeep.window import Cadence

LATE = day(3).end + timedelta(days=3)
HOUR = timedelta(hours=1)
LIFE = "select object, first_seen, found_at, resolved_at, gone_at from upkeep.finding_life order by object"
DUE = "select due_at, overdue from upkeep.findings_as_of(%s)"
NOW = "select found_at, gone_at, due_at, overdue from upkeep.findings_now(%s)"
REPLACED = "select object, found_at, gone_at from upkeep.replaced_finding order by object"


def ask(store: Store, answer: Answer, number: int, at: datetime) -> None:
    """Ask about the window of a day at a moment."""
    save(store.connection, sequences, "shop", day(number), answer, replace(PROVENANCE, asked_at=at))


def test_a_window_that_ended_days_ago_is_found_when_it_is_asked(store: Store) -> None:
    store.run("insert into upkeep.due_days values ('high', 1)")
    ask(store, breach("public.a"), 3, LATE)
    assert store.rows(LIFE) == [("public.a", day(3).end, LATE, None, None)]
    # It cannot have been overdue before anybody knew.
    assert store.rows(DUE, [LATE + HOUR]) == [(LATE + timedelta(days=1), False)]
    assert store.rows(DUE, [LATE + timedelta(days=2)]) == [(LATE + timedelta(days=1), True)]
    assert store.rows(NOW, [LATE + HOUR]) == [(LATE, None, LATE + timedelta(days=1), False)]


def test_asking_again_keeps_when_it_was_first_found(store: Store) -> None:
    for hours, answer in ((0, breach("public.a")), (1, breach("public.a")), (2, UNKNOWN), (3, breach("public.a", "public.b"))):
        ask(store, answer, 3, LATE + hours * HOUR)
    assert [(row[0], row[2]) for row in store.rows(LIFE)] == [("public.a", LATE), ("public.b", LATE + 3 * HOUR)]
    assert store.rows(REPLACED) == []


def test_a_backfill_does_not_make_a_finding_younger_or_older(store: Store) -> None:
    ask(store, breach("public.a"), 5, day(5).end)
    ask(store, breach("public.a"), 6, day(6).end)
    for number in (4, 3, 7):
        ask(store, breach("public.a"), number, LATE + timedelta(days=10))
    assert store.rows(LIFE) == [("public.a", day(3).end, day(5).end, None, None)]


def test_an_answer_between_parts_what_was_found_before_and_after(store: Store) -> None:
    for number in (1, 2, 4, 5):
        ask(store, breach("public.a"), number, day(number).end)
    ask(store, OK, 3, LATE)
    found = store.rows("select first_seen, found_at from upkeep.episode order by 1")
    assert found == [(day(1).end, day(1).end), (day(4).end, day(4).end)]


def test_what_is_mended_is_gone_when_it_was_seen_to_be(store: Store) -> None:
    ask(store, breach("public.a", "public.b"), 3, LATE)
    ask(store, UNKNOWN, 3, LATE + HOUR)
    assert [row[2] for row in store.rows(REPLACED)] == [None, None]
    ask(store, breach("public.b"), 3, LATE + 2 * HOUR)
    assert store.rows(REPLACED) == [("public.a", LATE, LATE + 2 * HOUR)]
    ask(store, breach("public.b"), 3, LATE + 3 * HOUR)
    assert store.rows(REPLACED) == [("public.a", LATE, LATE + 2 * HOUR)]
    ask(store, OK, 4, LATE + 5 * HOUR)
    assert store.rows(LIFE) == [("public.b", day(3).end, LATE, day(4).end, LATE + 5 * HOUR)]


def test_what_comes_back_in_the_same_window_was_never_gone(store: Store) -> None:
    for hours, answer in ((0, breach("public.a")), (1, OK), (2, breach("public.a"))):
        ask(store, answer, 3, LATE + hours * HOUR)
    assert (store.rows(REPLACED), store.value("select found_at from upkeep.finding")) == ([], LATE)


RUN = "select started_at, finished_at, again_at, reported_at, under_way from upkeep.latest_run"


def begin(store: Store, at: datetime, run_id: str = "scheduled__1") -> None:
    """The first task of a run."""
    by = replace(PROVENANCE, run_id=run_id, asked_at=at)
    begin_run(store.connection, Cadence.DAILY, day(3), by, "scheduled", "thread")


def test_clearing_keeps_the_first_start_and_the_duration(store: Store) -> None:
    begin(store, LATE)
    finish_run(store.connection, Cadence.DAILY, day(3), LATE + HOUR)
    assert store.rows(RUN) == [(LATE, LATE + HOUR, None, LATE + HOUR, False)]
    begin(store, LATE + 5 * HOUR)
    assert store.rows(RUN) == [(LATE, LATE + HOUR, LATE + 5 * HOUR, LATE + HOUR, True)]
    assert not begun_run(store.connection, Cadence.DAILY, day(3)).finished
    finish_run(store.connection, Cadence.DAILY, day(3), LATE + 6 * HOUR)
    assert store.rows(RUN) == [(LATE, LATE + HOUR, LATE + 5 * HOUR, LATE + 6 * HOUR, False)]
    assert begun_run(store.connection, Cadence.DAILY, day(3)).finished


def test_clearing_one_task_and_the_report_does_not_make_the_run_days_long(store: Store) -> None:
    begin(store, LATE)
    finish_run(store.connection, Cadence.DAILY, day(3), LATE + HOUR)
    finish_run(store.connection, Cadence.DAILY, day(3), LATE + timedelta(days=3))
    assert store.rows(RUN) == [(LATE, LATE + HOUR, None, LATE + timedelta(days=3), False)]


def test_another_run_of_the_window_has_times_of_its_own(store: Store) -> None:
    begin(store, LATE)
    finish_run(store.connection, Cadence.DAILY, day(3), LATE + HOUR)
    begin(store, LATE + 5 * HOUR, "manual__2")
    assert store.rows(RUN) == [(LATE + 5 * HOUR, None, None, None, True)]
