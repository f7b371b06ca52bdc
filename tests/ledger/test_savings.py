"""Savings against a counterfactual, each reckoned by hand to the cent: measured situations, and what is not told."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from upkeep.ledger.counterfactual import Asked, Priced
from upkeep.ledger.measure_taken import DAYS, OTHER_SPEND, Measure
from upkeep.ledger.savings import Saved, first_month, followed, saved
from upkeep.ledger.scope_costs import MonthCost, books, days_of, months_ago

JAN, FEB, MAR, APR, MAY, JUN, JUL, AUG = (date(2026, n, 1) for n in range(1, 9))
Amounts = Sequence[tuple[str, str] | None]


def measure(name: str = "m", on: date = date(2026, 4, 10), **more: Any) -> Measure:
    """A measure about compute, taken in April: January to March are before it, May is the first month after it."""
    fields = {"service": "compute", "currency": "EUR", "what": "w", "taken_by": "ann", **more}
    return Measure(account="aws", name=name, taken_on=on, **fields)


def months(amounts: Amounts, since: date = JAN, **more: Any) -> list[MonthCost]:
    """Cost and quantity of one month after the other; None for a month without."""
    found = []
    for n, each in enumerate(amounts):
        if each:
            cost, quantity = map(Decimal, each)
            fields: dict[str, Any] = {
                "month": months_ago(since, -n), "sub_account": "production", "service": "compute", "region": "eu", "tags": {},
                "currency": "EUR", "unit": "hours", "cost": cost, "contracted": cost, "contracted_told": True,
                "quantity": quantity, "quantity_told": True, "provisional": False, **more,
            }  # fmt: skip
            found.append(MonthCost(**fields))
    return found


def told(costs: Sequence[MonthCost], *measures: Measure, last: date = MAY, **short: int) -> list[Saved]:
    """Every answer, with all days known from January to `last`, but for months given with fewer days."""
    known = {month: days_of(month) for month in (JAN, FEB, MAR, APR, MAY, JUN, JUL, AUG) if month <= last}
    known |= {date.fromisoformat(name.removeprefix("m").replace("_", "-")): days for name, days in short.items()}
    return saved(measures, books(costs, measures, known), last, before=6, most=12)


def one(costs: Sequence[MonthCost], *measures: Measure, **more: Any) -> Saved:
    """The only answer; what it says of its parts adds up."""
    (found,) = told(costs, *(measures or (measure(),)), **more)
    assert_adds_up(found)
    return found


def assert_adds_up(each: Saved) -> None:
    if each.saved is not None:
        assert each.counterfactual is not None
        assert each.cost is not None
        parts = (each.saved, each.price, each.discount, each.shared)
        assert each.counterfactual - each.cost == sum(part for part in parts if part is not None)


def exact(*amounts: str | None) -> tuple[Decimal | None, ...]:
    return tuple(None if each is None else Decimal(each) for each in amounts)


BEFORE: Amounts = [("100", "50"), ("126", "60"), ("110", "55"), ("99", "50")]  # 2.00, 2.10, 2.00 an hour; April does not count


def test_the_same_usage_at_the_median_price_of_before() -> None:
    found = one(months([*BEFORE, ("90", "60")]))
    # 60 hours at 2.00 are 120.00; at 2.10 they would be 126.00, and never less than 120.00.
    assert (found.month, found.months_before) == (MAY, 3)
    assert (found.counterfactual, found.cost, found.saved, found.low, found.high) == exact("120", "90", "30", "30", "36")
    assert found.notes == ()


def test_usage_doubles_while_the_price_falls() -> None:
    found = one(months([*BEFORE, ("150", "100")]))
    assert (found.counterfactual, found.saved) == exact("200", "50")  # spend rose by 50 %, and still 50.00 were saved


def test_a_saving_below_zero_is_told() -> None:
    found = one(months([*BEFORE, ("150", "50")]))
    assert (found.counterfactual, found.saved, found.low, found.high) == exact("100", "-50", "-50", "-45")


def test_nothing_is_told_before_the_month_is_whole() -> None:
    found = one(months([*BEFORE, ("30", "20")]), m2026_05_01=12)
    assert (found.state, found.days_known, found.saved, found.cost) == ("following", 12, None, None)


def test_the_last_day_makes_it_whole() -> None:
    assert one(months([*BEFORE, ("90", "60")]), m2026_05_01=30).state == "following"
    assert one(months([*BEFORE, ("90", "60")]), m2026_05_01=31).state == "measured"


def test_a_month_with_a_gap_that_is_long_over_is_unknown() -> None:
    found = told(months([*BEFORE, ("90", "60"), ("90", "60")]), measure(), last=JUN, m2026_05_01=30)
    assert [(x.month, x.state) for x in found] == [(MAY, "unknown"), (JUN, "measured")]
    assert "30 of 31 days of the month are known" in found[0].notes[0]


def test_a_month_before_with_a_gap_does_not_count() -> None:
    found = one(months([("500", "50"), *BEFORE[1:], ("90", "60")]), m2026_01_01=30)
    # 2.10 and 2.00 are left: their median is 2.05.
    assert (found.months_before, found.counterfactual, found.saved) == (2, *exact("123", "33"))


def test_one_month_before_has_no_interval_and_says_so() -> None:
    found = one(months([None, None, ("110", "55"), None, ("90", "60")]))
    assert (found.saved, found.low, found.high, found.months_before) == (*exact("30", None, None), 1)
    assert "only one whole month before" in found.notes[0]


def test_no_month_before_is_unknown() -> None:
    found = one(months([None, None, None, ("9", "9"), ("90", "60")]), m2026_01_01=0, m2026_02_01=0, m2026_03_01=0)
    assert (found.state, found.notes) == ("unknown", ("no whole month before 2026-04-10 is known",))


def test_a_new_service_is_left_out_and_named() -> None:
    costs = [*months([*BEFORE, ("90", "60")]), *months([("12", "3")], MAY, service="lambda", unit="calls")]
    found = one(costs, measure(service=None))
    assert (found.cost, found.counterfactual, found.saved) == exact("102", "132", "30")
    assert found.notes == ("lambda (calls) has no usage in the whole months before it: 12.00 EUR are left out",)


def test_only_a_new_service_is_unknown() -> None:
    found = one(months([("12", "3")], MAY))
    assert found.state == "unknown"
    assert found.notes == ("the months before it have no usage to set costs against (own units)",)


def test_zero_usage_saves_nothing_by_its_own_units_and_says_so() -> None:
    found = one(months([*BEFORE, ("0", "0")]))
    assert (found.counterfactual, found.saved) == exact("0", "0")
    assert "nothing was used of compute (hours)" in found.notes[0]
    assert one(months([*BEFORE])).saved == 0


def test_use_that_halved_is_not_passed_over_in_silence() -> None:
    assert "of before was used of compute" in one(months([*BEFORE, ("40", "20")])).notes[0]
    assert one(months([*BEFORE, ("80", "40")])).notes == ()


def test_by_days_what_is_not_used_is_saved() -> None:
    found = one(months([("62", "1"), ("56", "1"), ("93", "1"), None, ("15.50", "0")]), measure(normalised_by=DAYS))
    # 2.00, 2.00 and 3.00 a day: 31 days at 2.00 are 62.00, at 3.00 93.00.
    assert (found.counterfactual, found.saved, found.low, found.high) == exact("62", "46.50", "46.50", "77.50")


def test_no_usage_column_is_set_against_the_other_spend_and_says_so() -> None:
    costs = months([("100", "0"), ("100", "0"), ("100", "0"), None, ("90", "0")], unit=None)
    others = months([("1000", "1")] * 4 + [("1200", "1")], service="database")
    found = one([*costs, *others])
    assert (found.counterfactual, found.saved) == exact("120", "30")
    assert "no usage is told of compute: set against the account's other spend" in found.notes


def test_a_quantity_that_is_told_in_part_is_no_usage() -> None:
    costs = months([*BEFORE, ("90", "60")], quantity_told=False)
    others = months([("1000", "1")] * 5, service="database")
    assert one([*costs, *others]).counterfactual == 110  # the median of 100, 126 and 110


def test_other_spend_leaves_out_what_other_measures_are_about() -> None:
    costs = months([("100", "1")] * 5)
    others = [*months([("1000", "1")] * 5, service="database"), *months([("800", "1")] * 4 + [("1", "1")], service="storage")]
    ours = measure(normalised_by=OTHER_SPEND)
    found = told([*costs, *others], ours, measure("other", service="storage"))
    assert next(x for x in found if x.measure == ours).counterfactual == 100


def test_a_driver_of_another_service() -> None:
    costs = [*months([("50", "1"), ("60", "1"), ("50", "1"), None, ("55", "1")])]
    driver = months([("1", "1000"), ("1", "1200"), ("1", "1000"), None, ("1", "1500")], service="balancer", unit="requests")
    found = one([*costs, *driver], measure(normalised_by="requests", driver_service="balancer"))
    assert (found.counterfactual, found.saved) == exact("75", "20")


def test_a_driver_that_is_not_there_is_unknown() -> None:
    found = one(months([*BEFORE, ("90", "60")]), measure(normalised_by="requests"))
    assert found.state == "unknown"
    assert found.notes == ("the months before it have no usage to set costs against (requests)",)


def test_a_discount_of_commitments_is_apart() -> None:
    before = months([("100", "50"), ("120", "60"), ("110", "55")])
    # In May 60 hours at 1.50 would be 90.00, and a savings plan takes a third of it.
    found = one([*before, *months([("60", "60")], MAY, contracted=Decimal(90))])
    assert (found.counterfactual, found.cost, found.saved, found.discount) == exact("120", "60", "30", "30")


def test_a_discount_that_ends_is_apart_too() -> None:
    before = months([("60", "60")] * 3, contracted=Decimal(90))
    found = one([*before, *months([("45", "30")], MAY)])
    # Without the discount 30 hours would be 45.00 as before: the measure saved nothing, and the discount cost 15.00.
    assert (found.counterfactual, found.saved, found.discount) == exact("30", "0", "-15")


def test_without_contracted_cost_it_says_that_discounts_are_in_it() -> None:
    found = one(months([*BEFORE, ("90", "60")], contracted_told=False))
    assert (found.saved, found.discount) == exact("30", "0")
    assert found.notes == ("contracted cost is not told: changes of discounts are part of it",)


def test_a_price_that_fell_for_all_is_apart() -> None:
    costs = months([("100", "50")] * 4 + [("75", "50")])
    others = months([("200", "100")] * 4 + [("160", "100")], sub_account="staging")
    found = one([*costs, *others], measure(sub_account="production"))
    # All hours cost a fifth less: of 100.00, 20.00 are the price, and 5.00 what the measure saved.
    assert (found.counterfactual, found.price, found.saved) == exact("100", "20", "5")
    assert "changed by -20.0%" in found.notes[0]


def test_a_price_outside_that_stays_within_its_past_is_no_change() -> None:
    costs = months([("100", "50")] * 4 + [("75", "50")])
    others = months([("200", "100"), ("220", "100"), ("180", "100"), None, ("190", "100")], sub_account="staging")
    found = one([*costs, *others], measure(sub_account="production"))
    assert (found.price, found.saved) == exact("0", "25")


def test_two_measures_one_after_the_other_share_no_cost() -> None:
    costs = months([("100", "50")] * 3 + [("90", "50"), ("80", "50"), ("80", "50"), ("70", "50"), ("60", "50")])
    found = told(costs, measure("a"), measure("b", date(2026, 7, 5)), last=AUG)
    august = {x.measure.name: x for x in found if x.month == AUG}
    # 2.00 before a, 1.60 between a and b, 1.20 now: 20.00 each, and no more than the 40.00 that are gone.
    assert {name: x.saved for name, x in august.items()} == {"a": Decimal(20), "b": Decimal(20)}
    assert august["a"].shared == 20
    assert 'what was saved since 2026-07-05 is credited to "b"' in august["a"].notes
    for each in found:
        assert_adds_up(each)


def test_two_measures_in_one_month_share_as_expected() -> None:
    costs = months([("100", "50")] * 4 + [("60", "50")])
    many = (measure("a", expected_saving=Decimal(30)), measure("b", date(2026, 4, 20), expected_saving=Decimal(10)))
    assert [x.saved for x in told(costs, *many)] == [Decimal(30), Decimal(10)]
    alike = told(costs, measure("a"), measure("b", expected_saving=Decimal(10)))
    assert [x.saved for x in alike] == [Decimal(20), Decimal(20)]
    assert 'shared alike with "b": no whole month lies between them' in alike[0].notes


def test_two_measures_that_overlap_in_part_claim_each_cost_once() -> None:
    shop = months([("100", "50")] * 4 + [("60", "50")], tags={"team": "shop"})
    blog = months([("100", "50")] * 4 + [("80", "50")], tags={"team": "blog"})
    found = told([*shop, *blog], measure("all"), measure("shop", tags={"team": "shop"}))
    assert {x.measure.name: x.saved for x in found} == {"all": Decimal(40), "shop": Decimal(20)}  # 20 of blog, 40 shared
    assert sum(x.saved or 0 for x in found) == 60


def test_a_measure_that_has_ended_is_not_followed_from_its_month_on() -> None:
    costs = months([("100", "50")] * 4 + [("60", "50"), ("60", "50"), ("100", "50")])
    found = told(costs, measure(ended_on=date(2026, 7, 3), ended_why="undone"), last=JUL)
    assert [x.month for x in found] == [MAY, JUN]


def test_a_measure_that_has_ended_takes_no_part_of_later_months() -> None:
    costs = months([("100", "50")] * 4 + [("60", "50")] * 3)
    found = told(costs, measure("a"), measure("b", ended_on=date(2026, 6, 20), ended_why="undone"), last=JUL)
    saved_by = {(x.measure.name, x.month): x.saved for x in found}
    assert (saved_by["a", MAY], saved_by["b", MAY]) == (Decimal(20), Decimal(20))
    assert saved_by["a", JUL] == 40


@pytest.mark.near_miss
def test_a_measure_counts_from_its_first_day_to_the_day_before_its_end() -> None:
    costs = months([("100", "50")] * 4 + [("60", "50")] * 2)
    ended = told(costs, measure("a"), measure("b", ended_on=JUN, ended_why="undone"), last=JUN)
    assert {x.month: x.saved for x in ended if x.measure.name == "a"} == {MAY: Decimal(20), JUN: Decimal(40)}
    begun = told(costs, measure("a"), measure("b", JUN), last=MAY)
    assert [x.saved for x in begun if x.measure.name == "a"] == [Decimal(40)]


def test_another_currency_is_no_part_of_it() -> None:
    found = one([*months([*BEFORE, ("90", "60")]), *months([("1", "1")] * 3 + [None, ("9000", "1")], currency="USD")])
    assert (found.cost, found.saved) == exact("90", "30")
    assert one(months([*BEFORE, ("90", "60")]), measure(currency="USD")).state == "unknown"


def test_an_estimate_is_said() -> None:
    costs = [*months(BEFORE), *months([("90", "60")], MAY, provisional=True)]
    assert one(costs).notes == ("in part an estimate of the provider",)


@pytest.mark.parametrize(
    ("on", "first"), [(date(2026, 4, 1), APR), (date(2026, 4, 2), MAY), (date(2026, 12, 31), date(2027, 1, 1))]
)
def test_the_first_whole_month(on: date, first: date) -> None:
    assert first_month(measure(on=on)) == first


def test_how_long_it_is_followed() -> None:
    assert list(followed(measure(), APR, 12)) == [MAY]
    assert list(followed(measure(), MAR, 12)) == []
    assert list(followed(measure(), AUG, 2)) == [MAY, JUN]
    assert list(followed(measure(on=APR), APR, 12)) == [APR]


def test_the_order_of_measures_and_costs_changes_nothing() -> None:
    costs = months([("100", "50")] * 3 + [("90", "50"), ("80", "50"), ("80", "50"), ("70", "50"), ("60", "50")])
    many = [measure("a"), measure("b", date(2026, 7, 5)), measure("c", date(2026, 7, 5))]
    first = {(x.measure.name, x.month): x for x in told(costs, *many, last=AUG)}
    again = {(x.measure.name, x.month): x for x in told(costs[::-1], *many[::-1], last=AUG)}
    assert first == again


def test_charges_that_many_measures_share_are_priced_once_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    priced: list[tuple[str, date]] = []
    real = Asked.priced

    def counted(asked: Asked, costs: Sequence[MonthCost]) -> Priced | None:
        priced.append((asked.measure.name, asked.month))
        return real(asked, costs)

    monkeypatch.setattr(Asked, "priced", counted)
    many = [measure(f"m{n}") for n in range(8)]
    found = told(months([*BEFORE, ("90", "60"), ("80", "60")]), *many, last=JUN)
    assert len(found) == 16
    assert len(priced) == len(set(priced)) == 16
