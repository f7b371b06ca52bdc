"""Situations in which public tools told wrong costs: late usage, estimates, months that change, credits, commitments, tags."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.costs_seen import gross_and_net
from tests.ledger.cost_explorer import Line, StandIn, failing
from tests.ledger.test_asking import DAYS, TODAY, asked, total
from tests.ledger.world import FIRST, Books, charge

TOMORROW = TODAY + timedelta(days=1)


def test_usage_of_yesterday_that_comes_a_day_later_is_added(ledger: Books) -> None:
    early = [Line(day, "111", "EC2", "10") for day in DAYS]
    asked(ledger, StandIn([*early[:-1], Line(DAYS[-1], "111", "EC2", "2.50")], estimated_from=DAYS[-3]))
    asked(ledger, StandIn(early, estimated_from=DAYS[-1]), today=TOMORROW)
    said = f"select version, billed_cost, provisional from upkeep.spend where day = '{DAYS[-1]}' order by 1"
    assert ledger.rows(said) == [(1, Decimal("2.5"), True), (2, 10, True)]


def test_an_estimate_that_is_confirmed_is_no_estimate_any_more(ledger: Books) -> None:
    lines = [Line(day, "111", "EC2", "10") for day in DAYS]
    asked(ledger, StandIn(lines, estimated_from=DAYS[-2]))
    asked(ledger, StandIn(lines), today=TOMORROW)
    assert ledger.value("select count(*) from upkeep.spend_now where provisional") == 0
    assert ledger.value("select count(*) from upkeep.spend where version = 2") == 2
    assert ledger.value("select count(*) from upkeep.restatement") == 0


def test_a_month_changes_for_two_weeks_after_it_was_called_closed(ledger: Books) -> None:
    for after, cost in ((36, "10"), (40, "11"), (45, "11"), (49, "10.5")):
        ledger.put("a.csv", [charge(29, cost)])
        ledger.bring(after)
    assert ledger.rows("select billed_difference from upkeep.restatement order by delivery") == [(1,), (Decimal("-0.5"),)]


def test_a_month_end_delivered_again_under_both_invoices_is_not_doubled(ledger: Books) -> None:
    rows = [charge(29, "1"), charge(29, "2", BillingPeriodStart="2026-10-01 00:00:00")]
    for after, name in ((40, "a.csv"), (41, "a.csv"), (42, "a.csv.gz")):
        for path in ledger.folder.iterdir():
            path.unlink()
        ledger.put(name, rows)
        ledger.bring(after)
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == 3
    assert ledger.value("select count(*) from upkeep.spend") == 2


def test_the_day_of_loading_is_no_day_of_cost(ledger: Books) -> None:
    ledger.put("2026-10-11/loaded.csv", [charge(3, x_IngestionTime="2026-10-11 00:00:00", ChargePeriodEnd="2026-10-11 00:00:00")])
    ledger.bring(40)
    assert ledger.rows("select day from upkeep.spend_now") == [(FIRST + timedelta(days=3),)]


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException", "RequestLimitExceeded"])
def test_many_questions_by_tag_are_put_off_and_then_answered(ledger: Books, code: str) -> None:
    lines = [Line(day, f"{number}", "EC2", "1", tags={"team": "shop"}) for day in DAYS for number in range(20)]
    client = StandIn(lines, lambda n: failing(code) if n % 2 else None, page=40)
    asked(ledger, client, tags=("team",))
    assert total(ledger) == len(lines)
    assert len(client.asked) == 2 * (1 + 20), "one call for the record types, one for each account, each put off once"


def test_credits_that_offset_all_usage_leave_the_gross_seen(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "33.86"), charge(0, "-33.86", ChargeCategory="Credit")])
    ledger.bring()
    assert gross_and_net(ledger, 0) == (Decimal("33.86"), Decimal(0))


def test_what_a_plan_covers_and_what_is_on_demand_are_both_kept(ledger: Books) -> None:
    plan = {"CommitmentDiscountId": "plan", "CommitmentDiscountStatus": "Used"}
    ledger.put("a.csv", [charge(0, "0", EffectiveCost="6", **plan), charge(0, "4")])
    ledger.bring()
    assert gross_and_net(ledger, 0) == (Decimal(10), Decimal(10))


def test_discounts_that_are_negative_usage_are_kept(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "100"), charge(0, "-25", PricingUnit=None, PricingQuantity=None)])
    ledger.bring()
    assert gross_and_net(ledger, 0) == (Decimal(75), Decimal(75))


@pytest.mark.parametrize(
    "kind", ["EdpDiscount", "BundledDiscount", "PrivateRateDiscount", "SavingsPlanNegation", "Something new"]
)
def test_every_record_type_of_aws_keeps_its_money(ledger: Books, kind: str) -> None:
    asked(ledger, StandIn([Line(DAYS[0], "111", "EC2", "100"), Line(DAYS[0], "111", "EC2", "-25", kind=kind)]))
    assert total(ledger) == 75


def test_a_price_of_nothing_is_a_price_that_is_missing(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "10", ListCost="0", ContractedCost="0"), charge(0, "0", ListCost="0", ContractedCost="0")])
    ledger.bring()
    assert ledger.rows("select list_missing, contracted_missing from upkeep.spend_now") == [(10, 10)]


@pytest.mark.parametrize("key", ["team'", 'a"b', "a$b", "aws:createdBy", "ä ö", "%s", "{}", "$"])
def test_a_tag_key_of_any_signs_is_asked_of_aws(ledger: Books, key: str) -> None:
    value = 'it\'s "x" $ \\'
    asked(ledger, StandIn([Line(DAYS[0], "111", "EC2", "1", tags={key: value})]), tags=(key,))
    assert ledger.rows("select tags from upkeep.spend_now") == [({key: value},)]


@pytest.mark.parametrize("tags", ["null", "{}", None])
def test_a_row_without_tags_is_a_row(ledger: Books, tags: str | None) -> None:
    ledger.put("a.csv", [charge(0, Tags=tags), charge(0, Tags=json.dumps({"team": "shop"}))])
    ledger.bring()
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == 3


def test_an_invoice_in_two_currencies_has_a_sum_of_each(ledger: Books) -> None:
    ledger.put("a.csv", [charge(n, "1.10", BillingCurrency=currency) for n in range(3) for currency in ("EUR", "USD", "JPY")])
    ledger.bring()
    sums = "select currency, sum(billed_cost) from upkeep.spend_now group by 1 order by 1"
    assert ledger.rows(sums) == [(currency, Decimal("3.3")) for currency in ("EUR", "JPY", "USD")]
