"""What PostgreSQL itself holds about the report tables, so that no gate needs to look."""

import pytest

from tests.store.conftest import OK, Store, breach, measured
from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.errors import BrokenError
from upkeep.units import Unit


def whole(store: Store) -> None:
    store.put(measured(1, "public.a"))
    store.put(OK, target="other")


@pytest.mark.fault
@pytest.mark.parametrize(
    "damage",
    [
        "update upkeep.answer set status = 'fine'",
        "update upkeep.answer set summary = ' '",
        "update upkeep.answer set seconds = -1",
        "update upkeep.answer set window_end = window_start",
        "insert into upkeep.answer select * from upkeep.answer",
        "update upkeep.finding set title = ''",
        "update upkeep.finding set remedy = ' '",
        "update upkeep.finding set fingerprint = 'mine'",
        "update upkeep.finding set fingerprint = upper(fingerprint || 'a')",
        "update upkeep.finding set severity = 'awful'",
        "insert into upkeep.finding select * from upkeep.finding",
        "insert into upkeep.metric select * from upkeep.metric",
        "update upkeep.metric set value = null",
    ],
)
def test_a_row_that_cannot_be(store: Store, damage: str) -> None:
    import psycopg

    whole(store)
    refusals = (psycopg.errors.IntegrityError, psycopg.errors.InvalidTextRepresentation)
    with pytest.raises(refusals), store.connection.transaction():
        store.run(damage)


@pytest.mark.near_miss
@pytest.mark.parametrize("edge", ["seconds = 0", "summary = '.'", "seconds = 'Infinity'"])
def test_edges(store: Store, edge: str) -> None:
    whole(store)
    store.run(f"update upkeep.answer set {edge}")


@pytest.mark.fault
@pytest.mark.parametrize(
    "answer",
    [
        Answer.judged(" "),
        Answer.judged("x", findings=[Finding(rule="r", object="o", severity=Severity.LOW, title="t", remedy=" ")]),
        Answer.judged("x", metrics=[Metric(name="m", value=1, unit=Unit.COUNT)] * 2),
    ],
    ids=["no summary", "no remedy", "one metric twice"],
)
def test_an_answer_that_cannot_be_leaves_the_one_before(store: Store, answer: Answer) -> None:
    store.put(breach("public.a"))
    with pytest.raises(BrokenError, match=r"sequences said .* about shop .*nothing was stored") as raised:
        store.put(answer)
    assert not raised.value.retry
    assert store.rows("select status::text from upkeep.answer") == [("breach",)]
