"""drivers: price, usage and mix add up to what came, to the last digit."""

import random
from decimal import Decimal

import pytest

from tests.checks.costs.bills import DAY, FIRST, Line
from upkeep.ledger.spend_drivers import Drivers, drivers

BEFORE = {FIRST + n * DAY for n in range(4)}
NOW = {FIRST + n * DAY for n in range(4, 6)}


def of(*lines: Line) -> Drivers:
    """Two days beside the four before."""
    return drivers([line.series() for line in lines], NOW, BEFORE)


def line(before: tuple[float, float], now: tuple[float, float], **more: str) -> Line:
    """Price and quantity a day, four days and then two."""
    days = [before] * 4 + [now] * 2
    return Line([str(price * amount) for price, amount in days], quantities=[amount for _, amount in days], **more)  # type: ignore[arg-type]


def adds_up(found: Drivers) -> bool:
    return found.difference == found.price + found.usage + found.mix + found.other


def test_nothing_changed() -> None:
    assert of(line((2, 10), (2, 10))) == Drivers(*[Decimal(0)] * 5)


def test_a_price_that_rose() -> None:
    found = of(line((2, 10), (3, 10)))
    assert [found.difference, found.price, found.usage, found.mix] == [20, 20, 0, 0]
    assert found.main == "price"


def test_use_that_doubled() -> None:
    found = of(line((2, 10), (2, 20)))
    assert [found.difference, found.usage, found.price] == [40, 40, 0]
    assert found.main == "usage"


def test_the_same_use_of_dearer_things() -> None:
    found = of(line((1, 10), (1, 5), service="small"), line((4, 10), (4, 15), service="large"))
    assert [found.difference, found.mix, found.usage, found.price] == [30, 30, 0, 0]
    assert found.main == "mix"


def test_units_are_never_added_to_each_other() -> None:
    found = of(line((1, 10), (1, 20), service="a", unit="hours"), line((5, 1000), (5, 1000), service="b", unit="GB"))
    assert [found.usage, found.mix] == [20, 0]


def test_what_is_new_or_gone_or_not_counted_is_apart() -> None:
    assert of(Line(["0"] * 4 + ["7"] * 2)).other == 14
    assert of(line((2, 10), (0, 0))).other == -40
    assert of(Line(["5"] * 4 + ["6"] * 2)).other == 2


def test_two_units_in_one_series_are_not_counted() -> None:
    mixed = line((2, 10), (2, 20)).series()
    other = line((2, 10), (2, 20), unit="GB").series()
    joined = type(mixed)(mixed.sub_account, mixed.service, {}, "USD", mixed.days + other.days)
    found = drivers([joined], NOW, BEFORE)
    assert found.other == found.difference != 0


@pytest.mark.parametrize("seed", range(20))
def test_they_add_up_exactly_whatever_the_numbers(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - numbers, not secrets
    lines = [
        Line(
            [f"{chance.uniform(0, 999):.10f}" for _ in range(6)],
            service=f"s{n}",
            unit=chance.choice(["hours", "GB"]),
            quantities=[chance.choice([0.0, chance.uniform(0, 7)]) for _ in range(6)] if chance.random() < 0.8 else None,
        )
        for n in range(5)
    ]
    assert adds_up(of(*lines))


def test_days_are_needed_on_both_sides() -> None:
    with pytest.raises(ValueError, match="one of each"):
        drivers([], NOW, set())
