"""Durations of a log: plans and their statements, and steps of the extended protocol."""

from datetime import UTC, datetime, timedelta

import pytest

from upkeep.formats.durations import MOST_SESSIONS, timed
from upkeep.formats.log_entries import Entry

AT = datetime(2026, 11, 1, tzinfo=UTC)
PLAN = "duration: 5.000 ms  plan:\nQuery Text: select 1\nResult  (cost=0.00..0.01 rows=1 width=4)"
DONE = "duration: 5.100 ms  statement: select 1"


def entry(seconds: float, message: str, session: str = "1") -> Entry:
    return Entry(AT + timedelta(seconds=seconds), message, session, "u", "d")


@pytest.mark.parametrize("order", [(PLAN, DONE), (DONE, PLAN)])
def test_a_plan_and_its_statement_are_one(order: tuple[str, str]) -> None:
    found = list(timed(entry(i, message) for i, message in enumerate(order * 3)))
    assert [(s.micros, bool(s.plan)) for s in found] == [(5100, True)] * 3


def test_a_plan_of_another_session_or_statement_is_its_own() -> None:
    other = DONE.replace("select 1", "select 2")
    assert len(list(timed([entry(0, PLAN), entry(1, DONE, session="2")]))) == 2
    assert len(list(timed([entry(0, PLAN), entry(1, other)]))) == 2


def test_parse_and_bind_take_time_but_are_no_calls() -> None:
    steps = ["parse <unnamed>", "bind s1/C_2", "execute s1/C_2", "execute fetch from s1"]
    found = list(timed(entry(i, f"duration: 1.000 ms  {step}: select 1") for i, step in enumerate(steps)))
    assert sorted(s.runs for s in found) == [0, 0, 1, 1]
    assert {s.text for s in found} == {"select 1"}


def test_a_duration_without_text_takes_the_text_logged_before() -> None:
    found = list(timed([entry(0, "statement: select 1"), entry(1, "duration: 1.000 ms"), entry(2, "duration: 2.000 ms")]))
    assert [s.text for s in found] == ["select 1", None]


def test_sessions_that_never_come_back_are_not_kept_for_ever() -> None:
    many = [entry(i, PLAN, session=str(i)) for i in range(MOST_SESSIONS * 2)]
    found = timed(many)
    assert [s.session for _, s in zip(range(3), found, strict=False)] == ["0", "1", "2"]
    assert len(list(found)) == MOST_SESSIONS * 2 - 3
