"""Durations of a log: plans and their statements, and steps of the extended protocol."""

import json
from datetime import UTC, datetime, timedelta
from html import escape

import pytest

from tests.growth import calls
from upkeep.formats.duration_steps import MOST_SESSIONS, Timed
from upkeep.formats.durations import timed
from upkeep.formats.log_entries import Entry

AT = datetime(2026, 11, 1, tzinfo=UTC)
PLAN = "duration: 5.000 ms  plan:\nQuery Text: select 1\nResult  (cost=0.00..0.01 rows=1 width=4)"
DONE = "duration: 5.100 ms  statement: select 1"


def entry(seconds: float, message: str, session: str = "1") -> Entry:
    return Entry(AT + timedelta(seconds=seconds), message, session, "u", "d")


@pytest.mark.parametrize("order", [(PLAN, DONE), (DONE, PLAN)])
def test_a_plan_and_its_statement_are_one(order: tuple[str, str]) -> None:
    both = list(timed(entry(i, found) for i, found in enumerate(order * 3)))
    assert [(s.micros, bool(s.plan)) for s in both] == [(5100, True)] * 3


def test_a_plan_of_another_session_or_statement_is_its_own() -> None:
    other = DONE.replace("select 1", "select 2")
    assert len(list(timed([entry(0, PLAN), entry(1, DONE, session="2")]))) == 2
    assert len(list(timed([entry(0, PLAN), entry(1, other)]))) == 2


def found(*messages: str | tuple[float, str]) -> list[Timed]:
    """Calls in messages of one session, each a second after the one before or at its own second."""
    told = [message if isinstance(message, tuple) else (float(i), message) for i, message in enumerate(messages)]
    return list(timed(entry(at, message) for at, message in told))


def took(ms: float, rest: str) -> str:
    return f"duration: {ms:.3f} ms  {rest}"


def test_one_run_of_parse_bind_execute_and_fetch_is_one_call() -> None:
    steps = ["parse <unnamed>", "bind s1/C_2", "execute s1/C_2", "execute fetch from s1/C_2", "execute fetch from s1/C_2"]
    calls = found(*(took(1000, f"{step}: select 1") for step in steps * 2))
    assert [(c.micros, c.text) for c in calls] == [(5_000_000, "select 1")] * 2


@pytest.mark.parametrize("step", ["parse <unnamed>", "bind s1", "execute s1", "execute fetch from s1/C_1"])
def test_a_slow_step_alone_is_a_call(step: str) -> None:
    assert [(c.micros, c.text) for c in found(took(250_000, f"{step}: select 1"))] == [(250_000_000, "select 1")]


def test_steps_of_other_runs_and_statements_are_other_calls() -> None:
    assert len(found(took(1, "parse s: select 1"), took(1, "bind s: select 2"), took(1, "execute s: select 3"))) == 3
    assert len(found(took(1, "execute s: select 1"), took(1, "bind s: select 1"), took(1, "execute s: select 1"))) == 2
    assert len(found((0, took(1, "parse s: select 1")), (3600, took(1, "execute s: select 1")))) == 2
    mixed = [entry(0, took(1, "parse s: select 1")), entry(0, took(1, "execute s: select 1"), session="2")]
    assert len(list(timed(mixed))) == 2
    nameless = [entry(0, took(1, f"{step} s: select 1"), session="") for step in ("parse", "bind", "execute")]
    assert len(list(timed(nameless))) == 3, "sessions that cannot be told apart are not put together"


@pytest.mark.parametrize("name", ["a:b", "a: b", "S: 1", "select: 1", "p/x: y", "é", "1: (x", "::", ": "])
def test_a_prepared_name_may_hold_anything(name: str) -> None:
    for step in ("parse", "bind", "execute", "execute fetch from"):
        for text in ("select 'a: select b'", "/* x: y */ update t set a = 1", "(select 1)", "\n\twith x as (select 1) select 2"):
            assert [c.text for c in found(took(5, f"{step} {name}: {text}"))] == [text]
    assert [c.text for c in found((0, f"execute {name}: select 1"), (0, "duration: 1.000 ms"))] == ["select 1"]


def nested(at: float, ms: float, text: str) -> tuple[float, str]:
    return at, took(ms, f"plan:\nQuery Text: {text}\nResult  (cost=0.00..0.01 rows=1 width=4)")


def test_plans_inside_a_statement_are_part_of_its_time() -> None:
    inner = [nested(1, 400, "select 1"), nested(1.9, 300, "select 2"), nested(1.95, 800, "select 3")]
    assert [(c.text, c.micros) for c in found(*inner, (2, took(1500, "statement: select f()")))] == [("select f()", 1_500_000)]
    assert [(c.text, c.micros) for c in found(*inner, nested(2, 1500, "select f()"))] == [("select f()", 1_500_000)]
    both = found(*inner, nested(2, 1499, "select f()"), (2, took(1500, "statement: select f()")))
    assert [(c.text, c.micros, "select f()" in str(c.plan)) for c in both] == [("select f()", 1_500_000, True)]
    extended = found(
        (0.4, took(1, "bind s: select f()")), *inner, (2, took(1500, "execute s: select f()")), nested(2, 1499, "select f()")
    )
    assert [(c.text, c.micros, "select f()" in str(c.plan)) for c in extended] == [("select f()", 1_501_000, True)]


def test_plans_one_after_the_other_are_calls() -> None:
    plans = [nested(1, 400, "select 1"), nested(1.5, 400, "select 2"), nested(1.9, 400, "select 3")]
    assert len(found(*plans)) == 3
    assert len(found(*plans, (2.4, took(450, "statement: select 4")))) == 4
    several = "select 1; select 2"
    assert len(found(nested(1, 400, several), nested(1.5, 450, several), (1.5, took(900, f"statement: {several}")))) == 1


def test_many_plans_take_work_in_proportion_to_their_number() -> None:
    def work(many: int) -> int:
        entries = [entry(i, nested(i, 10, f"select {i}")[1]) for i in range(many)]
        return calls(lambda: len(list(timed(entries))))

    assert work(8000) < 5 * work(2000)


def test_a_plan_tells_a_duration_without_text() -> None:
    bare = (2.0, "duration: 1500.000 ms")
    own = nested(2, 1490, "select f()")
    assert [(c.text, c.micros) for c in found(nested(1, 400, "select 1"), own, bare)] == [("select f()", 1_490_000)]
    assert [(c.text, c.micros) for c in found(bare, own)] == [("select f()", 1_490_000)]
    assert [c.text for c in found(nested(1, 400, "select 1"), bare)] == [None], "a part of it is not its text"


@pytest.mark.parametrize("form", ["yaml", "xml", "json"])
def test_a_plan_in_any_form_is_one_with_its_statement(form: str) -> None:
    text = "select 'it''s', \"A\", b\nfrom t where a < 5 and c > '&'"
    plans = {
        "yaml": f'Query Text: {json.dumps(text)}\nPlan: \n  Node Type: "Result"',
        "json": json.dumps({"Query Text": text, "Plan": {"Node Type": "Result"}}, indent=2),
        "xml": f"<explain>\n  <Query-Text>{escape(text, quote=False)}</Query-Text>\n  <Plan>\n  </Plan>\n</explain>",
    }
    calls_ = found((1, took(5, f"plan:\n{plans[form]}")), (1, took(6, f"statement: {text}")))
    assert [(c.text, c.micros, bool(c.plan)) for c in calls_] == [(text, 6000, True)]


def test_a_duration_never_takes_the_text_of_another_statement() -> None:
    logged, bare = "statement: update t set a = 1", "duration: 100.000 ms"
    failed = Entry(AT, "", "1", "u", "d", failed=True)
    assert [c.text for c in timed([entry(0, logged), failed, entry(0.2, bare)])] == [None], "the update failed"
    assert [c.text for c in timed([entry(0, logged), entry(600, bare)])] == [None], "it began ten minutes later"
    assert [c.text for c in timed([entry(0, logged), entry(0.1, bare, session="2")])] == [None]
    assert [c.text for c in timed([entry(0, logged, session=""), entry(0.1, bare, session="")])] == [None]
    assert [c.text for c in found((0, logged), (0.1, took(1, 'fastpath function call: "f" (OID 1)')))] == [None]
    cut = f'duration: 5.000 ms  plan:\n{{"Query Text": "select {"x" * 50}'
    assert [c.text for c in found((0, cut), (0, took(6, "statement: select 1")))][-1] == "select 1"


def test_a_duration_without_text_takes_the_text_logged_before() -> None:
    both = list(timed([entry(0, "statement: select 1"), entry(1, "duration: 1.000 ms"), entry(2, "duration: 2.000 ms")]))
    assert [s.text for s in both] == ["select 1", None]


def test_sessions_that_never_come_back_are_not_kept_for_ever() -> None:
    many = [entry(i, PLAN, session=str(i)) for i in range(MOST_SESSIONS * 2)]
    coming = timed(many)
    assert [s.session for _, s in zip(range(3), coming, strict=False)] == ["0", "1", "2"]
    assert len(list(coming)) == MOST_SESSIONS * 2 - 3
