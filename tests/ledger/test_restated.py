"""Closed months that change in unusual ways: what moved is told by currency, service and account, what did not is not."""

from decimal import Decimal

from tests.ledger.world import Books, charge

OTHER = "Storage"


def restated(ledger: Books) -> list[tuple[str, str, Decimal]]:
    """What was told, in its order."""
    return ledger.rows("select service, currency, billed_difference from upkeep.restatement order by said_at, service, currency")


def now(ledger: Books) -> dict[tuple[str, str], Decimal]:
    """What the ledger has now."""
    found = ledger.rows("select service, currency, sum(billed_cost) from upkeep.spend_now group by 1, 2")
    return {(service, currency): amount for service, currency, amount in found}


def test_a_correction_that_is_taken_back_is_told_twice(ledger: Books) -> None:
    for after, amount in ((40, "10"), (41, "17.25"), (42, "10")):
        ledger.put("a.csv", [charge(0, amount), charge(1, "3")])
        ledger.bring(after)
    assert restated(ledger) == [("Compute", "EUR", Decimal("7.25")), ("Compute", "EUR", Decimal("-7.25"))]
    assert now(ledger) == {("Compute", "EUR"): Decimal(13)}
    assert ledger.value("select count(*) from upkeep.spend") == 4


def test_money_that_moves_between_services_is_told_of_both(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "10"), charge(0, "5", ServiceName=OTHER)])
    ledger.bring(40)
    ledger.put("a.csv", [charge(0, "6"), charge(0, "9", ServiceName=OTHER)])
    ledger.bring(41)
    assert restated(ledger) == [("Compute", "EUR", Decimal(-4)), (OTHER, "EUR", Decimal(4))]


def test_a_charge_that_moves_to_another_region_or_unit_moves_no_money(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "10")])
    ledger.bring(40)
    ledger.put("a.csv", [charge(0, "10", RegionId="us-east-1", PricingUnit="Requests")])
    ledger.bring(41)
    assert restated(ledger) == []
    assert ledger.rows("select region, unit, billed_cost from upkeep.spend_now") == [("us-east-1", "Requests", Decimal(10))]


def test_a_charge_that_comes_in_another_currency_is_told_in_both(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "10")])
    ledger.bring(40)
    ledger.put("a.csv", [charge(0, "11", BillingCurrency="USD")])
    ledger.bring(41)
    assert restated(ledger) == [("Compute", "EUR", Decimal(-10)), ("Compute", "USD", Decimal(11))]
    assert now(ledger) == {("Compute", "USD"): Decimal(11)}


def test_a_month_that_a_delivery_leaves_out_of_its_middle_is_withdrawn(ledger: Books) -> None:
    months = [charge(0, "10"), charge(35, "20"), charge(65, "30")]
    ledger.put("a.csv", months)
    ledger.bring(110)
    ledger.put("a.csv", [months[0], months[2]])
    ledger.bring(111)
    assert restated(ledger) == [("Compute", "EUR", Decimal(-20))]
    assert ledger.value("select to_char(month, 'YYYY-MM') || ' ' || why from upkeep.restatement") == "2026-10 withdrawn"


def test_a_row_that_is_split_in_two_moves_no_money(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "10")])
    ledger.bring(40)
    ledger.put("a.csv", [charge(0, "4"), charge(0, "6")])
    ledger.bring(41)
    assert restated(ledger) == []
    assert now(ledger) == {("Compute", "EUR"): Decimal(10)}


def test_newer_months_that_come_before_older_ones_restate_nothing(ledger: Books) -> None:
    for number, day in enumerate((65, 0, 35)):
        ledger.put(f"{number}.csv", [charge(day, "10")])
        ledger.bring(110 + number)
    assert restated(ledger) == []
    assert now(ledger) == {("Compute", "EUR"): Decimal(30)}


def test_the_rest_of_a_closed_month_that_came_in_part_is_told(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "10")])
    ledger.bring(40)
    ledger.put("b.csv", [charge(20, "7")])
    ledger.bring(50)
    assert restated(ledger) == [("Compute", "EUR", Decimal(7))]
    assert ledger.value("select why from upkeep.restatement") == "late"
