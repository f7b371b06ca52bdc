"""Episodes are worked out around a changed window only, and are what working out the whole past would give."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.store.conftest import OK, PROVENANCE, UNKNOWN, Store, breach, day
from upkeep.answer import Answer
from upkeep.checks.database.sequences import sequences
from upkeep.store.answers import save
from upkeep.window import Window

Rows = list[tuple[Any, ...]]
EPISODES = "select target, fingerprint, first_seen, resolved_at, gone_at from upkeep.episode order by 1, 2, 3"
NOT_GONE_THEN = "select count(*) from upkeep.episode where gone_at is distinct from upkeep.gone_at(duty, target, resolved_at)"
WHOLE_PAST = """
    select upkeep.retell(array_agg(pair.duty), array_agg(pair.target))
    from (select duty, target from upkeep.answer union select duty, target from upkeep.episode) as pair
"""
DAYS = 14
TARGETS = ("shop", "other")


def in_full(store: Store) -> Rows:
    """The oracle: episodes worked out from the whole past, by another function, and not kept."""
    with store.connection.transaction(force_rollback=True):
        store.run("delete from upkeep.episode")
        store.run(WHOLE_PAST)
        return store.rows(EPISODES)


def any_answer(chance: random.Random) -> Answer:
    """A breach of some of few names, so that fingerprints overlap; ok; or unknown."""
    names = chance.sample(["a", "b", "ä c", "d"], chance.randint(0, 4))
    return chance.choice([breach(*names), breach(*names), OK, UNKNOWN])


def any_window(chance: random.Random) -> Window:
    """A day, sometimes with another start: two windows of one end are one moment."""
    window = day(chance.randint(0, DAYS))
    return Window(window.start - timedelta(hours=chance.choice([0, 0, 0, 6])), window.end)


def _save(store: Store, chance: random.Random) -> None:
    asked = replace(PROVENANCE, asked_at=PROVENANCE.asked_at + timedelta(hours=chance.randint(0, 400)))
    save(store.connection, sequences, chance.choice(TARGETS), any_window(chance), any_answer(chance), asked)


def _delete_one(store: Store, chance: random.Random) -> None:
    window = any_window(chance)
    store.run("delete from upkeep.answer where window_end = %s and target = %s", [window.end, chance.choice(TARGETS)])


def _delete_several(store: Store, chance: random.Random) -> None:
    store.run("delete from upkeep.answer where window_end = any(%s)", [[any_window(chance).end for _ in range(3)]])


def _delete_findings(store: Store, chance: random.Random) -> None:
    store.run("delete from upkeep.finding where window_end = %s and object = 'a'", [any_window(chance).end])


def _silence(store: Store, chance: random.Random) -> None:
    store.run("update upkeep.answer set status = 'unknown' where window_end = %s", [any_window(chance).end])


def _speak(store: Store, chance: random.Random) -> None:
    ends = [any_window(chance).end for _ in range(2)]
    store.run("update upkeep.answer set status = 'ok' where status = 'unknown' and window_end = any(%s)", [ends])


def _copy_to_other_days(store: Store, chance: random.Random) -> None:
    params = {"from": any_window(chance).end, "days": chance.randint(1, 3)}
    for table in ("answer", "finding"):
        store.run(f"create temporary table copied (like upkeep.{table})")
        store.run(f"insert into copied select * from upkeep.{table} where window_end = %(from)s", params)
        for moment in ("window_start", "window_end"):
            store.run(f"update copied set {moment} = {moment} + %(days)s * interval '1 day'", params)
        store.run(f"insert into upkeep.{table} select * from copied on conflict do nothing")
        store.run("drop table copied")


def _rename(store: Store, chance: random.Random) -> None:
    new = f"{chance.randint(0, 99):016d}"
    store.run(
        "update upkeep.finding set fingerprint = left(md5(%s || target), 16) where window_end = %s and object = 'b'",
        [new, day(3).end],
    )


def _ask_later(store: Store, chance: random.Random) -> None:
    store.run("update upkeep.answer set asked_at = asked_at + interval '3 hours' where window_end = %s", [any_window(chance).end])


def _drop_evidence(store: Store, chance: random.Random) -> None:
    store.run("update upkeep.answer set evidence = '{}' where window_end < %s", [any_window(chance).end])


CHANGES: tuple[Callable[[Store, random.Random], None], ...] = (
    *[_save] * 8,
    _delete_one,
    _delete_several,
    _delete_findings,
    _silence,
    _speak,
    _copy_to_other_days,
    _rename,
    _ask_later,
    _drop_evidence,
)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_changes_they_are_what_the_whole_past_says(store: Store, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test that can be repeated
    for step in range(80):
        change = chance.choice(CHANGES)
        change(store, chance)
        assert store.rows(EPISODES) == in_full(store), (step, change.__name__)
        assert store.rows(NOT_GONE_THEN) == [(0,)], (step, change.__name__)


def test_a_year_backwards_is_the_year_forwards(store: Store) -> None:
    chance = random.Random(1)  # noqa: S311 - a test that can be repeated
    answers = [any_answer(chance) for _ in range(60)]
    for number, answer in enumerate(answers):
        store.put(answer, number)
    forwards = store.rows(EPISODES)
    store.run("truncate upkeep.answer cascade; truncate upkeep.episode")
    for number in reversed(range(len(answers))):
        store.put(answers[number], number)
    assert store.rows(EPISODES) == forwards
    assert len(forwards) > 20


@pytest.mark.parametrize("statement", ["set evidence = '{}'", "set summary = 'x', seconds = 2", "set status = status"])
def test_an_update_that_changes_no_life_waits_for_nobody(store: Store, statement: str) -> None:
    for number in range(3):
        store.put(breach("public.a"), number)
    with store.connection.transaction():
        store.run(f"update upkeep.answer {statement}")
        assert (
            store.rows("select mode from pg_locks where relation = 'upkeep.episode'::regclass and pid = pg_backend_pid()") == []
        )


def test_only_what_lies_around_the_window_is_written(store: Store) -> None:
    for number in range(10):
        store.put(breach("a") if number % 2 else OK, number)
    before = dict(store.rows("select first_seen, xmin::text from upkeep.episode"))
    store.put(UNKNOWN, 4)
    after = dict(store.rows("select first_seen, xmin::text from upkeep.episode"))
    assert {first for first, _ in before.items() ^ after.items()} == {day(3).end, day(5).end}


def test_only_what_lies_around_the_window_is_read(store: Store) -> None:
    store.run("set enable_seqscan = off")
    few, many = (_read_for_a_window_among(store, windows) for windows in (30, 300))
    assert many < few + 50, f"{few} rows were read among 30 windows, {many} among 300: the whole past is looked at"


def _read_for_a_window_among(store: Store, windows: int) -> int:
    """Rows that were read to save an answer in the middle of a past of alternating ones."""
    for number in range(windows):
        store.put(breach("a") if number % 2 else OK, number)
    store.run("select pg_stat_force_next_flush()")  # else what was read before counts too
    with store.connection.transaction():
        store.put(UNKNOWN, windows // 2)
        ((count,),) = store.rows("""
            select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint
            from pg_stat_xact_user_tables
            where schemaname = 'upkeep' and relname in ('answer', 'finding', 'episode')
        """)
    return int(count)
