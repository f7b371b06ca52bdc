"""Rankings: exact sums, percentiles to one in a hundred, bounded and independent of order."""

import random

from upkeep.stats.ranking import OTHER, Ranking, Tally


def test_percentiles_are_right_to_one_in_a_hundred() -> None:
    rng = random.Random(1)  # noqa: S311 - made-up durations
    values = [round(rng.lognormvariate(10, 2)) for _ in range(5000)]
    tally, turned = Tally(), Tally()
    for one, other in zip(values, reversed(values), strict=True):
        tally.add(one)
        turned.add(other)
    exact = sorted(values)[round(0.95 * len(values)) - 1]
    assert abs(tally.percentile(0.95) / exact - 1) < 0.011
    assert tally == turned
    assert tally.longest == max(values)
    assert tally.total == sum(values)


def test_nothing_ran() -> None:
    tally = Tally()
    assert (tally.count, tally.total, tally.longest, tally.percentile(0.95)) == (0, 0, 0, 0.0)
    assert tally.add(1000)
    assert not tally.add(999)


def test_too_many_kinds_are_counted_together() -> None:
    ranking = Ranking(most=2)
    for name, micros in (("a", 1), ("b", 5), ("c", 2), ("a", 1), ("d", 2)):
        ranking.add(ranking.kind(name), micros)
    assert [(name, t.total) for name, t in ranking.dearest()] == [("b", 5), (OTHER, 4), ("a", 2)]
