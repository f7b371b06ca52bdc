"""The roll-up of metrics by day."""

from datetime import timedelta

from tests.store.conftest import FIRST, Store, day, measured
from upkeep.answer import Answer, Metric
from upkeep.store.metric_rollup import roll_up
from upkeep.units import Unit
from upkeep.window import Cadence


def test_a_value_at_the_end_of_a_window_is_of_its_day(store: Store) -> None:
    moments = (None, FIRST, FIRST + timedelta(hours=6))
    values = [Metric(name="m", value=i, unit=Unit.COUNT, at=at) for i, at in enumerate(moments, start=1)]
    store.put(Answer.judged("x", metrics=values))
    assert roll_up(store.connection, Cadence.DAILY, day(0)) == 1
    row = "select day, min, max, avg, sum, n, last from upkeep.metric_day"
    assert store.rows(row) == [(FIRST.date(), 1, 3, 2, 6, 3, 1)]


def test_a_rerun_replaces_the_day(store: Store) -> None:
    store.put(measured(1))
    assert roll_up(store.connection, Cadence.DAILY, day(0)) == 3
    store.put(
        Answer.judged(
            "x", metrics=[Metric(name="m", value=1, unit=Unit.COUNT), Metric(name="m", value=2, unit=Unit.COUNT, at=FIRST)]
        )
    )
    assert [roll_up(store.connection, Cadence.DAILY, day(0)) for _ in range(2)] == [1, 1]
    assert store.rows("select name, n from upkeep.metric_day") == [("m", 2)]


def test_other_days_and_targets_stay(store: Store) -> None:
    for number in (0, 1):
        for target in ("shop", "other"):
            store.put(measured(number), number, target=target)
        roll_up(store.connection, Cadence.DAILY, day(number))
    store.put(Answer.judged("nothing measured"), 1)
    assert roll_up(store.connection, Cadence.DAILY, day(1)) == 3
    counted = "select target, day, count(*) from upkeep.metric_day group by 1, 2 order by 1, 2"
    assert [row[2] for row in store.rows(counted)] == [3, 3, 3]
