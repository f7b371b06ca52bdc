"""Saving answers: replaced by key, all or nothing, whatever the text and whoever else writes."""

import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest

from tests.store.conftest import FIRST, OK, PROVENANCE, UNKNOWN, Store, breach, day, finding, measured
from upkeep.answer import Answer, Metric
from upkeep.checks.database.sequences import sequences
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.store import answers
from upkeep.store.answers import connected, save, save_unless_answered
from upkeep.store.history import StoredHistory
from upkeep.store.key import Key
from upkeep.store.metric_lines import LONGEST_LABEL
from upkeep.units import Unit

ALL = "select " + ", ".join(f"(select count(*) from upkeep.{t})" for t in ("answer", "finding", "metric", "duty_state"))
HOSTILE = 'a\tb\nc\\d\r"e"\\N \'; drop table x; -- ä 漢 🐘 \x00 \ud800'


def test_a_rerun_replaces_everything(store: Store) -> None:
    store.put(Answer.judged("first", findings=measured(1, "public.a").findings, metrics=measured(1).metrics, state={"n": 1}))
    assert store.rows(ALL) == [(1, 1, 3, 1)]
    store.put(OK)
    assert store.rows(ALL) == [(1, 0, 0, 0)]
    store.put(measured(2, "public.b"))
    store.put(measured(2, "public.b"))
    assert store.rows(ALL) == [(1, 1, 3, 0)]


def test_other_keys_stay(store: Store) -> None:
    for number in (0, 1):
        store.put(measured(number), number)
        store.put(measured(number), number, target="other")
    store.put(OK, 1)
    assert store.rows(ALL) == [(4, 0, 9, 0)]


def test_hostile_text_comes_back_without_what_cannot_be_stored(store: Store) -> None:
    kept = HOSTILE.replace("\x00", "�").replace("\ud800", "?")
    bad = finding(HOSTILE)
    answer = Answer.judged(
        HOSTILE,
        findings=[bad],
        metrics=[Metric(name=HOSTILE, value=1.5, unit=Unit.COUNT, labels={HOSTILE: HOSTILE})],
        evidence={HOSTILE: [HOSTILE, float("nan"), {1, 2}, FIRST]},
        state={"x": HOSTILE},
    )
    store.put(answer, target=HOSTILE.replace("\x00", "").replace("\ud800", ""))
    assert store.value("select summary from upkeep.answer") == kept
    assert store.value("select object from upkeep.finding") == kept
    assert store.rows("select name, labels from upkeep.metric") == [(kept, {kept: kept})]
    assert store.value("select state from upkeep.duty_state") == {"x": kept}
    assert store.value("select evidence from upkeep.answer")[kept][1] == "nan"


def test_every_number_and_moment_comes_back(store: Store) -> None:
    plus_two = timezone(timedelta(hours=2))
    metrics = [
        Metric(name="a", value=0.1 + 0.2, unit=Unit.SHARE, numerator=1, denominator=3.5, n=7, at=FIRST.astimezone(plus_two)),
        Metric(name="b", value=float("inf"), unit=Unit.PER_SECOND),
        Metric(name="c", value=-1e300, unit=Unit.SECONDS, labels={"z": "1", "a": "2"}),
        Metric(name="d", value=10**15, unit=Unit.COUNT, at=datetime(2026, 2, 28, 23, tzinfo=UTC).astimezone(plus_two)),
    ]
    store.put(Answer.judged("x", metrics=metrics))
    rows = store.rows("select name, value, numerator, denominator, n, at, labels from upkeep.metric order by name")
    assert rows[0] == ("a", 0.1 + 0.2, 1, 3.5, 7, FIRST, {})
    assert rows[1][1] == float("inf")
    assert rows[2][1] == -1e300
    assert rows[2][5:] == (day(0).end, {"a": "2", "z": "1"})
    assert rows[3][5] == datetime(2026, 2, 28, 23, tzinfo=UTC)


def test_long_labels_are_cut_and_stay_apart(store: Store) -> None:
    texts = ["select 漢" + "字" * 5000 + end for end in ("a", "b")]
    store.put(Answer.judged("x", metrics=[Metric(name="m", value=1, unit=Unit.SECONDS, labels={"query": t}) for t in texts]))
    kept = [row[0] for row in store.rows("select labels ->> 'query' from upkeep.metric")]
    assert len(set(kept)) == 2
    assert {len(text) for text in kept} == {LONGEST_LABEL}


@pytest.mark.parametrize(
    "twice",
    [
        Answer.judged("x", metrics=[Metric(name="m", value=v, unit=Unit.SECONDS) for v in (1, 2)]),
        Answer.judged("x", findings=[finding(), finding()]),
    ],
    ids=["metric", "finding"],
)
def test_one_key_twice_is_said_and_stores_nothing(store: Store, twice: Answer) -> None:
    store.put(OK)
    with pytest.raises(BrokenError, match="said two things about shop under one key"):
        store.put(twice)
    assert store.rows("select summary from upkeep.answer") == [("all fine",)]


def test_rows_that_are_there_win_over_a_stand_in(store: Store) -> None:
    save_again = (store.connection, sequences, "shop", day(0), UNKNOWN, PROVENANCE)
    assert save_unless_answered(*save_again)
    store.put(OK)
    assert not save_unless_answered(*save_again)
    assert store.value("select status::text from upkeep.answer") == "ok"


def test_memory_is_of_earlier_windows_and_old_ones_are_forgotten(store: Store) -> None:
    for number in range(8):
        store.put(Answer.judged("x", state={"n": number}), number)
    assert StoredHistory(store.connection, Key.of(sequences, "shop", day(7))).state() == {"n": 6}
    assert store.value("select count(*) from upkeep.duty_state") == 4
    assert StoredHistory(store.connection, Key.of(sequences, "other", day(7))).state() is None


def _save_and_hang(endpoint: Endpoint, after: str) -> None:
    """Save, but stand still before the statement `after`, for whoever kills us."""
    real = answers.sql

    def slow(name: str) -> object:
        if name == after:
            time.sleep(60)
        return real(name)

    answers.sql = slow
    with connected(endpoint) as connection:
        answer = Answer.judged("new", findings=measured(1, "new").findings, metrics=measured(1).metrics, state={"n": 2})
        save(connection, sequences, "shop", day(0), answer, PROVENANCE)


@pytest.mark.parametrize("after", ["delete_answer", "insert_answer", "copy_findings", "copy_metrics", "insert_state"])
def test_killed_between_statements_nothing_is_half_written(store: Store, after: str) -> None:
    store.put(breach("public.old"))
    before = store.rows("select * from upkeep.episode"), store.rows("select * from upkeep.answer")
    child = multiprocessing.get_context("fork").Process(target=_save_and_hang, args=(store.endpoint, after))
    child.start()
    _wait_for(store, "idle in transaction")
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    store.put(OK, 1)
    assert store.rows("select object from upkeep.finding") == [("public.old",)]
    assert (store.rows("select * from upkeep.answer where summary = 'found'")) == before[1]
    assert store.value("select count(*) from upkeep.metric") == 0
    store.put(OK)
    assert store.rows(ALL) == [(2, 0, 0, 0)]


def _wait_for(store: Store, state: str) -> None:
    ask = "select count(*) from pg_stat_activity where datname = current_database() and state = %s and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 20
    while not store.value(ask, [state]):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_many_writers_of_one_key_leave_one_answer(store: Store) -> None:
    def write(number: int) -> None:
        with connected(store.endpoint) as connection:
            for _ in range(5):
                save(connection, sequences, "shop", day(0), measured(number, f"public.t{number}"), PROVENANCE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert store.rows(ALL) == [(1, 1, 3, 0)]
    assert store.value("select count(*) from upkeep.episode") == 1


def test_writers_of_neighbouring_windows_tell_one_life(store: Store) -> None:
    kinds = [breach("public.a"), OK, breach("public.a"), UNKNOWN, breach("public.a"), OK, OK, breach("public.a")]

    def write(number: int) -> None:
        with connected(store.endpoint) as connection:
            for _ in range(3):
                save(connection, sequences, "shop", day(number), kinds[number], PROVENANCE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(len(kinds))))
    told = store.rows("select first_seen, resolved_at from upkeep.episode order by 1")
    assert told == [(day(0).end, day(1).end), (day(2).end, day(5).end), (day(7).end, None)]


def test_partitions_are_made_at_once_by_many_without_deadlock(store: Store) -> None:
    moments = [datetime(2027, month, 1, 12, tzinfo=UTC) for month in range(1, 7)]

    def write(number: int) -> None:
        metrics = [Metric(name="m", value=1, unit=Unit.SECONDS, at=at) for at in (moments if number % 2 else moments[::-1])]
        with connected(store.endpoint) as connection:
            save(connection, sequences, f"t{number}", day(0), Answer.judged("x", metrics=metrics), PROVENANCE)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert store.value("select count(*) from upkeep.metric") == 36
    ask = "select count(*) from pg_inherits where inhparent = 'upkeep.metric'::regclass and inhrelid::regclass::text ~ '2027'"
    assert store.value(ask) == 6


def test_a_partition_can_be_made_while_somebody_writes_and_reads(store: Store) -> None:
    with psycopg.connect(store.connection.info.dsn, user="postgres", password=store.endpoint.password) as other:
        store.put(measured(1))
        other.execute("select count(*) from upkeep.metric")
        other.execute("delete from upkeep.metric")
        store.run("set lock_timeout = '3s'")
        store.run("select upkeep.ensure_metric_month('2029-05-17')")
        other.rollback()
    assert store.value("select to_regclass('upkeep.metric_2029_05')::text") == "upkeep.metric_2029_05"
