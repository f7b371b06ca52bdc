"""Old rows go after their age, in batches that may be cut off anywhere; what is kept does not change."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.store.conftest import FIRST, OK, PROVENANCE, Store, breach, day, measured
from upkeep.advisories.found import Located
from upkeep.advisories.rows import dependency
from upkeep.answer import Answer, Metric
from upkeep.checks.database.sequences import sequences
from upkeep.config.settings import Keep
from upkeep.formats.package import Package
from upkeep.reports.run import build
from upkeep.store import retention
from upkeep.store.answers import note_asked, save
from upkeep.store.history import StoredHistory
from upkeep.store.key import Key
from upkeep.store.metric_rollup import roll_up
from upkeep.store.outbox import Message, put
from upkeep.store.retention import Dropped, drop_old_rows
from upkeep.store.runs import begin_run
from upkeep.units import Unit
from upkeep.window import Cadence, Window

DAYS, KEPT = 112, 100
NOW = day(DAYS).start
OLD = [day(number) for number in range(DAYS - KEPT)]
KEEP = Keep(metrics_days=KEPT, evidence_days=KEPT, messages_days=KEPT, packages_days=KEPT)
PER_DAY = 5
ROLLED = """
    select duty, target, day, name, labels, unit, min, max, avg, sum, n, last, numerator, denominator
    from upkeep.metric_day order by duty, target, day, name, labels::text
"""
RAW = "select count(*), min(window_end) from upkeep.metric"


def values(number: int) -> Answer:
    """Values of one day: headline, two moments of one name, a share, and one with labels."""
    chance = random.Random(number)  # noqa: S311 - a test that can be repeated
    window = day(number)
    return Answer.judged(
        "measured",
        metrics=[
            Metric(name="size", value=chance.random(), unit=Unit.BYTES),
            *(
                Metric(name="load", value=chance.random(), unit=Unit.SECONDS, at=window.start + timedelta(hours=h))
                for h in (0, 6)
            ),
            Metric(name="used", value=0.5, unit=Unit.SHARE, numerator=number, denominator=2 * number + 1, n=9),
            Metric(name="used", value=chance.random(), unit=Unit.SHARE, labels={"table": "a"}),
        ],
        evidence={"seen": number},
    )


def fill(store: Store, *, rolled: bool = True) -> None:
    """So many days of two targets, each rolled up by its report unless that never came."""
    for number in range(DAYS):
        for target in ("shop", "other"):
            store.put(values(number), number, target=target)
        if rolled:
            roll_up(store.connection, Cadence.DAILY, day(number))


def drop(store: Store, keep: Keep = KEEP, *, budget_s: float = 60, now: datetime = NOW) -> Dropped:
    return drop_old_rows(store.connection, keep, now, budget_s=budget_s)


@pytest.fixture
def filled(store: Store) -> Store:
    """Days rolled up as they should be."""
    fill(store)
    return store


@pytest.mark.parametrize("rolled", [True, False], ids=["rolled up before", "never rolled up"])
def test_values_go_and_their_days_are_what_rolling_up_says(store: Store, *, rolled: bool) -> None:
    fill(store, rolled=rolled)
    with store.connection.transaction(force_rollback=True):
        for window in OLD:
            roll_up(store.connection, Cadence.DAILY, window)
        expected = store.rows(ROLLED)
    dropped = drop(store)
    assert (dropped.metrics, dropped.finished) == (2 * PER_DAY * len(OLD), True)
    assert store.rows(ROLLED) == expected
    assert store.rows(RAW) == [(2 * PER_DAY * KEPT, day(DAYS - KEPT).end)]


def test_again_does_nothing(filled: Store) -> None:
    drop(filled)
    before = filled.rows(ROLLED), filled.rows(RAW)
    assert drop(filled) == Dropped(metrics=0, evidence=0, messages=0, packages=0, months=(), finished=True)
    assert (filled.rows(ROLLED), filled.rows(RAW)) == before


def test_rolling_an_old_window_up_again_loses_nothing(filled: Store) -> None:
    before = filled.rows(ROLLED)
    drop(filled)
    for window in (*OLD, day(DAYS - KEPT), day(DAYS - 1)):
        roll_up(filled.connection, Cadence.DAILY, window)
    assert filled.rows(ROLLED) == before


def test_an_old_window_that_is_asked_again_replaces_its_day_and_goes_again(filled: Store) -> None:
    drop(filled)
    new = Answer.judged("again", metrics=[Metric(name="size", value=7, unit=Unit.BYTES)])
    filled.put(new, 3)
    roll_up(filled.connection, Cadence.DAILY, day(3))
    days = "select target, name, max from upkeep.metric_day where day = %s and target = 'shop'"
    assert filled.rows(days, [day(3).start.date()]) == [("shop", "size", 7)]
    assert drop(filled).metrics == 1
    assert filled.rows(days, [day(3).start.date()]) == [("shop", "size", 7)]
    other = "select count(*) from upkeep.metric_day where day = %s and target = 'other'"
    assert filled.value(other, [day(3).start.date()]) == 4


def test_cut_off_after_every_batch_it_ends_the_same(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled.connection.transaction(force_rollback=True):
        drop(filled)
        expected = filled.rows(ROLLED), filled.rows(RAW)
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(retention, "DAYS_AT_ONCE", 3)
    calls = [drop(filled, budget_s=0)]
    while not calls[-1].finished:
        assert calls[-1].metrics <= PER_DAY, "a batch is one day of one duty and target"
        calls.append(drop(filled, budget_s=0))
        assert len(calls) < 200
    assert len(calls) > len(OLD)
    assert str(calls[0]).endswith("the rest goes next time")
    assert "next time" not in str(calls[-1])
    assert (filled.rows(ROLLED), filled.rows(RAW)) == expected
    assert filled.value("select count(*) from upkeep.answer where evidence = '{}'") == 2 * len(OLD)


def test_what_compares_sees_the_same_as_before(filled: Store) -> None:
    def seen() -> list[Any]:
        past = StoredHistory(filled.connection, Key.of(sequences, "shop", day(DAYS - 1)))
        report = build(filled.connection, Cadence.DAILY, day(DAYS - 1), None)
        return [past.metrics("size", 28), past.metrics("used", 60), past.state(), report.content(), report.numbers]

    before = seen()
    assert len(before[0]) == 28
    assert before[4], "the report compares numbers"
    assert drop(filled).metrics
    assert seen() == before


def test_a_window_goes_as_a_whole(store: Store) -> None:
    quarter = Window(FIRST, FIRST + timedelta(days=92))
    metrics = [Metric(name="m", value=n, unit=Unit.COUNT, at=FIRST + timedelta(days=n)) for n in range(92)]
    save(store.connection, sequences, "shop", quarter, Answer.judged("x", metrics=metrics), PROVENANCE)
    assert drop(store, now=quarter.end + timedelta(days=KEPT) - timedelta(hours=1)).metrics == 0
    assert drop(store, now=quarter.end + timedelta(days=KEPT)).metrics == 92
    assert store.value("select count(*) from upkeep.metric_day") == 92


def test_evidence_goes_and_the_answer_stays(store: Store) -> None:
    for number in (0, DAYS - KEPT - 1, DAYS - KEPT, DAYS - 1):
        store.put(Answer.judged("found", findings=breach("a").findings, evidence={"seen": number}), number)
    kept = "select window_end, status, summary, asked_at from upkeep.answer order by 1"
    before = store.rows(kept), store.rows("select * from upkeep.finding"), store.rows("select * from upkeep.episode")
    assert drop(store).evidence == 2
    assert (store.rows(kept), store.rows("select * from upkeep.finding"), store.rows("select * from upkeep.episode")) == before
    left = [row[0] for row in store.rows("select evidence from upkeep.answer order by window_end")]
    assert left == [{}, {}, {"seen": DAYS - KEPT}, {"seen": DAYS - 1}]


@pytest.mark.parametrize(
    ("state", "age", "stays"),
    [("sent", 101, False), ("counted", 101, False), ("failed", 101, False), ("pending", 101, True), ("sent", 99, True)],
)
def test_messages_that_were_told_long_ago_go(store: Store, state: str, age: int, *, stays: bool) -> None:
    put(store.connection, Message(key="k", thread="t", kind="summary", body={"text": "x", "blocks": []}))
    store.run("update upkeep.message set state = %s, changed_at = %s", [state, NOW - timedelta(days=age)])
    assert drop(store).messages == (not stays)
    assert store.value("select count(*) from upkeep.message") == stays


PACKAGE = Package("PyPI", "requests", "2.31.0")


@pytest.mark.parametrize(("age", "stays"), [(KEPT - 1, True), (KEPT + 1, False)])
def test_packages_that_were_locked_long_ago_go_and_faults_and_answers_stay(store: Store, age: int, *, stays: bool) -> None:
    number = DAYS - age - 1
    rows = [dependency(place, Located("uv.lock", PACKAGE)) for place in range(3)]
    store.put(Answer.judged("looked", records=rows), number)
    went = drop_old_rows(store.connection, KEEP, NOW).packages
    assert (went, store.connection.execute("select count(*) from upkeep.dependency").fetchone()) == (
        (0, (3,)) if stays else (3, (0,))
    )
    assert store.connection.execute("select count(*) from upkeep.answer").fetchone() == (1,)


def test_notes_about_runs_of_long_ago_go(store: Store) -> None:
    for number in (0, DAYS - 1):
        of = Key.of(sequences, "shop", day(number))
        asked = PROVENANCE.__class__("daily", f"r{number}", "t", 0, 1, of.window_end, 0)
        begin_run(store.connection, Cadence.DAILY, day(number), asked, "scheduled", "t")
        note_asked(store.connection, sequences, "shop", day(number), asked)
    drop(store)
    assert store.rows("select run_id from upkeep.run_start") == [(f"r{DAYS - 1}",)]
    assert store.rows("select run_id from upkeep.pending_answer") == [(f"r{DAYS - 1}",)]
    assert store.value("select count(*) from upkeep.run") == 2


def test_a_month_that_holds_nothing_goes_and_comes_back_when_needed(filled: Store) -> None:
    later = NOW + timedelta(days=31)
    assert "metric_2026_03" in drop(filled, now=later).months
    assert filled.value("select to_regclass('upkeep.metric_2026_03')") is None
    filled.put(values(2), 2)
    assert filled.value("select count(*) from upkeep.metric_2026_03") == PER_DAY
    assert drop(filled, now=later).months == ("metric_2026_03",)


def test_a_month_that_somebody_reads_is_left_for_another_day(filled: Store) -> None:
    filled.run("delete from upkeep.metric where at < '2026-04-01'")
    with filled.endpoint.connect("reader", autocommit=False) as reader:
        reader.execute("select count(*) from upkeep.metric_2026_03")
        assert "metric_2026_03" not in drop(filled, now=NOW + timedelta(days=31)).months
        reader.rollback()
    assert "metric_2026_03" in drop(filled, now=NOW + timedelta(days=31)).months


@pytest.mark.parametrize("cadence", list(Cadence))
def test_values_that_a_report_compares_stay_however_short_the_age(store: Store, cadence: Cadence) -> None:
    store.run(
        "insert into upkeep.duty values ('sequences', 'database', 'check', %s, 'database', 't', false, 'databases', true)",
        [cadence.value],
    )
    store.put(values(0))
    age = max(KEPT, cadence.compared_days)
    assert drop(store, now=day(0).end + timedelta(days=age, hours=-1)).metrics == 0
    assert drop(store, now=day(0).end + timedelta(days=age)).metrics == PER_DAY


def test_it_says_what_went(store: Store) -> None:
    store.put(measured(1), 1)
    store.put(OK, 2)
    assert str(drop(store)).startswith("dropped for their age: 3 values, evidence of 0 answers, 0 messages")
