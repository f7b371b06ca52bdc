"""
What each measure saved in each whole month after it: one claim for each cost, whoever else has measures about it. Pure.

Measures about the same charges stand in the order in which they were taken. Each is credited with what it took off the cost that
the one before it left: the usage at the unit cost of before it, less the usage at the unit cost between it and the next. Where
there is no whole month between two, nobody can tell them apart, and they share what both saved as they were expected to.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from upkeep.ledger.counterfactual import NONE, Asked, Priced
from upkeep.ledger.measure_taken import Measure
from upkeep.ledger.scope_costs import Books, Claim, MonthCost, days_of, months_ago, next_month

_EXACT = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """
    One measure and month; amounts are None unless `state` is "measured" ("following" before the month is whole, "unknown" else).

    `counterfactual` - `cost` = `saved` + `price` + `discount` + `shared`. `low` and `high` are None with fewer than two months
    before.
    """

    measure: Measure
    month: date
    state: str
    days_known: int
    months_before: int = 0
    cost: Decimal | None = None
    counterfactual: Decimal | None = None
    saved: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    price: Decimal | None = None
    discount: Decimal | None = None
    shared: Decimal | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Block:
    """Measures that nobody can tell apart, oldest first, with what their charges would have cost without any of them."""

    measures: tuple[Measure, ...]
    priced: Priced


# Of the charges that measures claim, in a currency and a month.
_Told = Callable[[Claim, str, date], Sequence[_Block]]


def first_month(measure: Measure) -> date:
    """The first month that is whole after it was taken."""
    return measure.taken_on if measure.taken_on.day == 1 else next_month(measure.taken_on)


def followed(measure: Measure, last: date, most: int) -> Iterator[date]:
    """Months in which it is followed, up to the month `last` and at most so many; at least the first one that will be whole."""
    month, end = first_month(measure), measure.ended_on
    yield from [month] if month > last >= measure.taken_on.replace(day=1) and end is None else []
    for _ in range(most):
        if month > last or (end and next_month(month) > end):
            return
        yield month
        month = next_month(month)


def saved(measures: Sequence[Measure], books: Books, last: date, *, before: int, most: int) -> list[Saved]:
    """Every measure in every month that it is followed, from `before` whole months before it."""

    @cache
    def told(claim: Claim, currency: str, month: date) -> Sequence[_Block]:
        active = [m for m in measures if m.name in claim and _active(m, month)]
        return list(_blocks(active, month, books, books.pools[claim, currency], before))

    return [_one(m, month, told, books, last, before) for m in measures for month in followed(m, last, most)]


def _active(measure: Measure, month: date) -> bool:
    return measure.taken_on < next_month(month) and not (measure.ended_on and measure.ended_on <= month)


def _one(measure: Measure, month: date, told: _Told, books: Books, last: date, before: int) -> Saved:
    known = books.known_days.get(month, 0)
    made = Saved(measure=measure, month=month, state="following", days_known=known)
    if month not in books.whole:
        late = f"{known} of {days_of(month)} days of the month are known"
        return made if month >= last else replace(made, state="unknown", notes=(f"{late}: see bill_quality of the account",))
    parts = [_part(measure, month, told, books, claim) for claim in books.of(measure)]
    measured = [part for part in parts if part.state == "measured"]
    if not measured:
        return replace(made, state="unknown", notes=_why_unknown(measure, books, before, parts))
    total = measured[0]
    for part in parts:
        total = _together(total, part) if part is not measured[0] else total
    return total


def _why_unknown(measure: Measure, books: Books, before: int, parts: Sequence[Saved]) -> tuple[str, ...]:
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    if not parts:
        return (f"no charges are known of {measure.scope} in {measure.currency}",)
    if not _months_before(measure, books, before):
        return (f"no whole month before {measure.taken_on} is known",)
    return notes or (f"the months before it have no usage to set costs against ({measure.basis})",)


def _together(one: Saved, other: Saved) -> Saved:
    """Two parts of the charges of one measure; what is not told of one is only said."""
    notes = tuple(dict.fromkeys(one.notes + other.notes))
    if other.state != "measured":
        return replace(one, notes=notes)
    names = ("cost", "counterfactual", "saved", "price", "discount", "shared", "low", "high")
    sums: dict[str, Any] = {name: _added(getattr(one, name), getattr(other, name)) for name in names}
    return replace(one, **sums, months_before=min(one.months_before, other.months_before), notes=notes)


def _added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def _months_before(measure: Measure, books: Books, most: int, since: date | None = None) -> tuple[date, ...]:
    """Whole months before the one in which it was taken, the newest `most`, none before `since`."""
    taken = measure.taken_on.replace(day=1)
    months = [months_ago(taken, n) for n in range(most, 0, -1)]
    return tuple(month for month in months if month in books.whole and (since is None or month >= since))


def _part(measure: Measure, month: date, told: _Told, books: Books, claim: Claim) -> Saved:
    """What a measure is credited with of the charges that these measures claim; unknown where nothing tells of before."""
    blocks = told(claim, measure.currency, month)
    place = next((n for n, block in enumerate(blocks) if measure in block.measures), None)
    if place is None:
        text = f"nothing tells what charges shared with {_names(claim - {measure.name})} cost before: they are left out"
        left_out = (text,) if len(claim) > 1 else ()
        return Saved(measure=measure, month=month, state="unknown", days_known=books.known_days[month], notes=left_out)
    after = blocks[place + 1] if place + 1 < len(blocks) else None
    return _credited(measure, month, books, blocks[place], after)


def _blocks(active: Sequence[Measure], month: date, books: Books, costs: Sequence[MonthCost], before: int) -> Iterator[_Block]:
    made: list[_Block] = []
    for measure in sorted(active, key=lambda m: (m.taken_on, m.name)):
        since = first_month(made[-1].measures[-1]) if made else None
        months = _months_before(measure, books, before, since)
        priced = Asked(measure, month, months, books).priced(costs)
        if priced:
            made.append(_Block((measure,), priced))
        elif made:
            made[-1] = replace(made[-1], measures=(*made[-1].measures, measure))
    yield from made


def _credited(measure: Measure, month: date, books: Books, block: _Block, after: _Block | None) -> Saved:
    priced = block.priced
    left = after.priced.repriced if after else priced.undiscounted
    whole = priced.repriced - left
    share = _share(measure, block.measures)
    ours = (whole * share).quantize(_EXACT)
    price, discount = priced.expected - priced.repriced, priced.undiscounted - priced.cost
    sure = priced.months > 1
    return Saved(
        measure=measure, month=month, state="measured", days_known=books.known_days[month], months_before=priced.months,
        cost=priced.cost, counterfactual=priced.expected, saved=ours,
        low=ours - (share * (priced.expected - priced.low)).quantize(_EXACT) if sure else None,
        high=ours + (share * (priced.high - priced.expected)).quantize(_EXACT) if sure else None,
        price=price, discount=discount, shared=priced.expected - priced.cost - ours - price - discount,
        notes=(*priced.notes, *_notes_of_others(measure, block, after)),
    )  # fmt: skip


def _share(measure: Measure, among: Sequence[Measure]) -> Decimal:
    """A measure's part of what several saved: as they were expected to, alike where that is not told of all."""
    expected = [each.expected_saving or NONE for each in among]
    if not all(expected):
        return Decimal(1) / len(among)
    return (measure.expected_saving or NONE) / sum(expected)


def _notes_of_others(measure: Measure, block: _Block, after: _Block | None) -> Iterator[str]:
    others = [each for each in block.measures if each != measure]
    if others:
        how = "as they were expected to" if all(each.expected_saving for each in block.measures) else "alike"
        yield f"shared {how} with {_names(each.name for each in others)}: no whole month lies between them"
    if after:
        yield f"what was saved since {after.measures[0].taken_on} is credited to {_names(m.name for m in after.measures)}"


def _names(names: "Iterator[str] | frozenset[str]") -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))
