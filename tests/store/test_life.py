"""The life of a finding: seen, resolved, reopened, waived, due, whatever order its windows came in."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.store.conftest import FIRST, OK, UNKNOWN, Store, breach, day, finding
from upkeep.answer import Answer
from upkeep.checks.database.sequences import sequences

# The definition, told from observations alone and without a care for speed.
DEFINITION = """
    with seen as (
        select distinct duty, target, fingerprint, window_end from upkeep.finding where window_end <= %(moment)s
    ),
    clear as (
        select seen_ever.fingerprint, answer.window_end
        from (select distinct duty, target, fingerprint from seen) as seen_ever
        join upkeep.answer using (duty, target)
        where answer.status <> 'unknown' and answer.window_end <= %(moment)s
        and not exists (
            select from seen where seen.fingerprint = seen_ever.fingerprint and seen.window_end = answer.window_end
        )
    ),
    begun as (
        select * from seen
        where not exists (
            select from seen as earlier
            where earlier.fingerprint = seen.fingerprint and earlier.window_end < seen.window_end
            and not exists (
                select from clear
                where clear.fingerprint = seen.fingerprint
                and clear.window_end > earlier.window_end and clear.window_end < seen.window_end
            )
        )
    )
    select
        fingerprint,
        (select max(window_end) from begun where begun.fingerprint = seen.fingerprint) as first_seen,
        min(window_end) as first_seen_ever,
        max(window_end) as last_seen,
        (select count(*) from begun where begun.fingerprint = seen.fingerprint) as episodes,
        (select min(window_end) from clear where clear.fingerprint = seen.fingerprint and clear.window_end > max(seen.window_end))
    from seen group by fingerprint order by fingerprint
"""
TOLD = """
    select fingerprint, first_seen, first_seen_ever, last_seen, episodes, resolved_at
    from upkeep.finding_life_as_of(%(moment)s) order by fingerprint
"""


def life(store: Store) -> dict[str, Any]:
    """The only finding there is."""
    cursor = store.connection.execute("select * from upkeep.finding_life")
    columns = [column.name for column in cursor.description or ()]
    (row,) = cursor.fetchall()
    return dict(zip(columns, row, strict=True))


def put_all(store: Store, answers: str) -> None:
    """One letter a day: b breach, o ok, u unknown, - nothing."""
    kinds = {"b": breach("public.a"), "o": OK, "u": UNKNOWN}
    for number, letter in enumerate(answers):
        if letter in kinds:
            store.put(kinds[letter], number)


@pytest.mark.parametrize(
    ("answers", "first", "episodes", "resolved"),
    [
        ("b", 0, 1, None),
        ("obb", 1, 1, None),
        ("bu", 0, 1, None),
        ("b-", 0, 1, None),
        ("bub", 0, 1, None),
        ("b--b", 0, 1, None),
        ("bo", 0, 1, 1),
        ("buo", 0, 1, 2),
        ("bob", 2, 2, None),
        ("bobuob", 5, 3, None),
        ("boboo", 2, 2, 3),
    ],
)
def test_episodes(store: Store, answers: str, first: int, episodes: int, resolved: int | None) -> None:
    put_all(store, answers)
    told = life(store)
    assert told["first_seen"] == day(first).end
    assert told["first_seen_ever"] == day(answers.index("b")).end
    assert told["last_seen"] == day(answers.rindex("b")).end
    assert (told["episodes"], told["reopened"]) == (episodes, episodes - 1)
    assert told["resolved_at"] == (None if resolved is None else day(resolved).end)
    assert told["state"] == ("open" if resolved is None else "resolved")


def test_another_finding_resolves_this_one(store: Store) -> None:
    store.put(breach("public.a", "public.b"))
    store.put(breach("public.b"), 1)
    assert store.rows("select object, state from upkeep.finding_life order by 1") == [
        ("public.a", "resolved"),
        ("public.b", "open"),
    ]


def test_a_rerun_that_finds_nothing_takes_the_finding_back(store: Store) -> None:
    store.put(breach("public.a"))
    store.put(OK)
    assert store.rows("select * from upkeep.finding_life") == []


def test_a_backfill_fills_the_gap(store: Store) -> None:
    put_all(store, "b-b")
    assert life(store)["episodes"] == 1
    store.put(OK, 1)
    assert (life(store)["episodes"], life(store)["first_seen"]) == (2, day(2).end)
    store.put(UNKNOWN, 1)
    assert (life(store)["episodes"], life(store)["first_seen"]) == (1, day(0).end)


@pytest.mark.parametrize("seed", range(4))
def test_any_order_tells_what_the_definition_says(store: Store, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test that can be repeated
    for _ in range(60):
        names = chance.sample(["a", "b", "ä c"], chance.randint(0, 3))
        answer: Answer = chance.choice([breach(*names), breach(*names), OK, UNKNOWN])
        store.put(answer, chance.randint(0, 12), target=chance.choice(["shop", "other"]))
    for moment in ("infinity", *(day(number).end for number in range(12))):
        assert store.rows(TOLD, {"moment": moment}) == store.rows(DEFINITION, {"moment": moment}), moment


def test_rows_deleted_by_hand_are_forgotten(store: Store) -> None:
    put_all(store, "bob")
    store.run("delete from upkeep.answer where window_end = %s", [day(1).end])
    assert life(store)["episodes"] == 1
    store.run("delete from upkeep.finding")
    assert store.rows("select * from upkeep.episode") == []


def declared(store: Store) -> None:
    """What findings_as_of needs to know of duty and target."""
    store.run("insert into upkeep.target values ('shop', 'databases', 'dba', 'U1', 'high', '{}', null, true)")
    store.run(
        "insert into upkeep.duty values ('sequences', 'database', 'check', 'daily', 'database', 't', false, 'databases', true)"
    )
    store.run("insert into upkeep.due_days values ('high', 3)")


def test_due_and_overdue(store: Store) -> None:
    declared(store)
    put_all(store, "bbbbbb")
    ask = "select due_at, overdue, red from upkeep.findings_as_of(%s)"
    assert store.rows(ask, [FIRST]) == []
    assert store.rows(ask, [day(3).end]) == [(day(0).end + timedelta(days=3), False, True)]
    assert store.rows(ask, [day(4).end]) == [(day(0).end + timedelta(days=3), True, True)]


@pytest.mark.parametrize(
    ("due_by", "due"),
    [
        (day(1).start, day(1).start),
        (day(9).end, day(0).end + timedelta(days=3)),
        (FIRST - timedelta(days=9), FIRST - timedelta(days=9)),
        (None, day(0).end + timedelta(days=3)),
    ],
    ids=["sooner", "later", "past when first seen", "none of its own"],
)
@pytest.mark.parametrize("ask", ["findings_as_of", "findings_now"])
def test_due_is_the_earlier_of_its_severity_and_its_own_day(
    store: Store, ask: str, due_by: datetime | None, due: datetime
) -> None:
    declared(store)
    dated = Answer.judged("found", findings=[replace(finding(), due_by=due_by)])
    for number in range(2):
        store.put(dated, number)
    late = f"select due_at, overdue from upkeep.{ask}(%s)"
    assert store.rows(late, [day(1).end]) == [(due, due < day(1).end)]
    assert store.rows(late, [day(8).end]) == [(due, True)]


@pytest.mark.parametrize("due_by", [day(1).start, day(9).end, None], ids=["sooner", "later than its severity", "stands still"])
@pytest.mark.parametrize("ask", ["findings_as_of", "findings_now"])
def test_a_clock_of_its_own_stands_alone(store: Store, ask: str, due_by: datetime | None) -> None:
    declared(store)
    dated = Answer.judged("found", findings=[replace(finding(), due_by=due_by, own_clock=True)])
    for number in range(2):
        store.put(dated, number)
    late = f"select due_at, overdue from upkeep.{ask}(%s)"
    assert store.rows(late, [day(8).end]) == [(due_by, due_by == day(1).start)]
    assert store.rows(late, [day(20).end]) == [(due_by, due_by is not None)]
    assert store.value("select due_at from upkeep.finding_life") == due_by


def test_the_severity_counts_again_when_the_newest_observation_has_no_clock_of_its_own(store: Store) -> None:
    declared(store)
    for number, own in enumerate([True, False]):
        store.put(Answer.judged("found", findings=[replace(finding(), own_clock=own)]), number)
    assert store.value("select due_at from upkeep.finding_life") == day(0).end + timedelta(days=3)


def test_the_newest_observation_says_by_when(store: Store) -> None:
    declared(store)
    for number, own in enumerate([day(2).start, day(3).start]):
        store.put(Answer.judged("found", findings=[replace(finding(), due_by=own)]), number)
    assert store.value("select due_at from upkeep.finding_life") == day(3).start


def test_its_own_day_decides_where_no_days_are_declared(store: Store) -> None:
    store.put(Answer.judged("found", findings=[replace(finding(), due_by=day(2).start)]))
    assert store.value("select due_at from upkeep.finding_life") == day(2).start


@pytest.mark.parametrize(
    ("target", "rule", "name", "waived"),
    [
        (None, None, None, True),
        ("shop", "sequence_near_end", "public.a", True),
        ("other", None, None, False),
        (None, "other", None, False),
        (None, None, "public.b", False),
    ],
)
def test_a_waiver_quiets_what_it_matches_while_it_holds(
    store: Store, target: str | None, rule: str | None, name: str | None, *, waived: bool
) -> None:
    declared(store)
    put_all(store, "bbbbbb")
    days = (FIRST.date() + timedelta(days=2), FIRST.date() + timedelta(days=5))
    args = ["sequences", target, rule, name, *days]
    store.run("insert into upkeep.waiver values ('w', %s, %s, %s, %s, 'why', 'https://x', 'dba', %s, %s, true)", args)
    ask = "select waived, red, overdue, waived_until from upkeep.findings_as_of(%s)"
    until: date | None = days[1] if waived else None
    assert store.rows(ask, [day(0).end]) == [(False, True, False, until)]
    assert store.rows(ask, [day(1).end]) == [(waived, not waived, False, until)]
    assert store.rows(ask, [day(4).end]) == [(False, True, True, until)]


def test_what_is_looked_after_no_longer_is_not_red(store: Store) -> None:
    declared(store)
    put_all(store, "b")
    store.run("update upkeep.target set active = false")
    assert store.rows("select red, active from upkeep.findings_as_of(%s)", [day(0).end]) == [(False, False)]


def test_a_finding_of_an_undeclared_duty_is_red(store: Store) -> None:
    put_all(store, "b")
    assert store.rows("select red, active from upkeep.findings_as_of(%s)", [day(0).end]) == [(True, True)]
    assert sequences.name == store.value("select duty from upkeep.findings_as_of(%s)", [day(0).end])
