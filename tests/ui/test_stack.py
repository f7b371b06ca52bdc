"""Bars of months: they add up, what is negative hangs below zero, the smallest services are one, no month is left out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from upkeep.ui.pages.costs import short
from upkeep.ui.stack import OTHERS, SHOWN, month_back, next_month, stack


@dataclass(frozen=True)
class Row:
    """A month's cost of a service."""

    month: date
    service: str
    cost: Decimal


@dataclass(frozen=True)
class Restated:
    """A closed month that changed."""

    month: date


JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


def row(month: date, service: str, cost: str) -> Row:
    return Row(month, service, Decimal(cost))


def test_pieces_stand_on_each_other_and_fill_the_largest_month() -> None:
    made = stack([row(JUNE, "a", "60"), row(JUNE, "b", "40"), row(JULY, "a", "50")], [], JULY)
    june, july = made.bars
    assert [(p.service, p.y, p.height) for p in june.pieces] == [("a", 40.0, 60.0), ("b", 0.0, 40.0)]
    assert [(p.y, p.height) for p in july.pieces] == [(50.0, 50.0)]
    assert (june.total, july.total, made.zero) == (Decimal(100), Decimal(50), 100.0)
    assert june.last == date(2026, 6, 30)


def test_what_is_negative_hangs_below_zero() -> None:
    made = stack([row(JUNE, "a", "75"), row(JUNE, "credit", "-25")], [], JUNE)
    assert [(p.service, p.y, p.height) for p in made.bars[0].pieces] == [("a", 0.0, 75.0), ("credit", 75.0, 25.0)]
    assert (made.bars[0].total, made.zero) == (Decimal(50), 75.0)


def test_a_month_without_anything_is_there_and_one_with_only_credits_too() -> None:
    made = stack([row(JUNE, "a", "10"), row(AUGUST, "a", "-4")], [Restated(JULY)], AUGUST)
    assert [(bar.month, bar.total, len(bar.restated)) for bar in made.bars] == [
        (JUNE, Decimal(10), 0), (JULY, Decimal(0), 1), (AUGUST, Decimal(-4), 0),
    ]  # fmt: skip


def test_the_smallest_services_are_one_and_nothing_is_lost() -> None:
    rows = [row(JUNE, f"service {n:02}", str(100 - n)) for n in range(12)]
    made = stack(rows, [], JUNE)
    assert [name for name, _, _ in made.services] == [*(f"service {n:02}" for n in range(SHOWN)), OTHERS]
    assert sum(cost for _, _, cost in made.services) == sum(one.cost for one in rows) == made.bars[0].total
    assert len({tone for _, tone, _ in made.services}) == SHOWN + 1


def test_one_service_more_than_there_are_colours_keeps_its_name() -> None:
    made = stack([row(JUNE, f"service {n}", "1") for n in range(SHOWN + 1)], [], JUNE)
    assert OTHERS not in [name for name, _, _ in made.services]


def test_a_service_that_is_called_like_the_rest_is_counted_once() -> None:
    rows = [row(JUNE, OTHERS, "500"), *(row(JUNE, f"service {n}", "1") for n in range(12))]
    assert sum(cost for _, _, cost in stack(rows, [], JUNE).services) == Decimal(512)


def test_nothing_and_all_zero_are_drawn() -> None:
    assert [bar.total for bar in stack([], [], JUNE).bars] == [Decimal(0)]
    assert stack([row(JUNE, "a", "0")], [], JUNE).bars[0].pieces[0].height == 0.0


def test_months_over_the_end_of_a_year() -> None:
    assert (next_month(date(2026, 12, 1)), month_back(date(2026, 1, 1), 12)) == (date(2027, 1, 1), date(2025, 1, 1))
    assert month_back(date(2026, 12, 1), 12) == date(2025, 12, 1)


@pytest.mark.parametrize(
    ("amount", "said"),
    [("0", "0"), ("9999.4", "9,999"), ("10000", "10.0 k"), ("1234567", "1.2 M"), ("-12000", "-12.0 k"), ("5e9", "5.0 G")],
)
def test_amounts_in_few_digits(amount: str, said: str) -> None:
    assert short(Decimal(amount)) == said
