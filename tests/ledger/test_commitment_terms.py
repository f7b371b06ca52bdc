"""What the FOCUS specification says about money, held to the cent: commitments over a whole term."""

from decimal import Decimal

import pytest

from tests.lab import Lab
from tests.ledger.terms import BEGINS, DAYS, HOURS, Term
from tests.ledger.world import Books, emptied

TERMS = [
    *(Term("all", used) for used in (24, 18, 0)),
    *(Term("partial", used) for used in (24, 18)),
    *(Term("none", used) for used in (18, 0)),
    Term("all", 23, rate=Decimal("52.40"), listed=Decimal("78.60"), negotiated=Decimal("70.74"), beyond=12),
]
SUMS = """
    select sum(billed_cost) filter (where category = 'Purchase'), sum(effective_cost) filter (where category = 'Purchase'),
        coalesce(sum(effective_cost) filter (where commitment_status = 'Used'), 0),
        coalesce(sum(effective_cost) filter (where commitment_status = 'Unused'), 0),
        sum(billed_cost) filter (where category = 'Usage')
    from upkeep.spend_now where commitment = '{}'
"""


@pytest.fixture(scope="module")
def terms(costs_database: Lab, tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Every commitment over its whole term, in one bill."""
    books = emptied(costs_database, tmp_path_factory.mktemp("terms"))
    books.put("a.csv", [row for term in TERMS for row in term.rows()])
    books.bring()
    return books


def test_a_year_has_as_many_hours_as_it_has() -> None:
    assert HOURS == 8760
    assert Term("all", 24).price == Decimal("447986.40")


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.id)
def test_over_its_term_a_commitment_costs_what_was_paid(terms: Books, term: Term) -> None:
    billed, amortised_purchase, used, unused, billed_usage = terms.rows(SUMS.format(term.id))[0]
    assert (billed, amortised_purchase, billed_usage) == (term.price, 0, 0)
    assert used + unused == billed
    assert (used, unused) == (term.rate * DAYS * term.used, term.rate * DAYS * (24 - term.used))


@pytest.mark.parametrize(("paid", "upfront", "february"), [
    ("all", "447986.40", None), ("partial", "223993.20", "17183.04"), ("none", None, "34366.08"),
])  # fmt: skip
def test_what_is_invoiced_when(terms: Books, paid: str, upfront: str | None, february: str | None) -> None:
    paid_on = dict(
        terms.rows(f"select day, billed_cost from upkeep.spend_now where commitment = 'plan {paid} 18 of 24' and billed_cost > 0")
    )
    assert paid_on.get(BEGINS.replace(year=2026, month=2)) == (Decimal(february) if february else None)
    monthly = Decimal(february or 0) / 672 * 744
    assert paid_on[BEGINS] == Decimal(upfront or 0) + monthly
    assert len(paid_on) == (1 if paid == "all" else 12)


def test_a_day_of_a_plan_that_is_used_for_three_quarters(terms: Books) -> None:
    day = "select sum(effective_cost) from upkeep.spend_now where day = '2026-03-05' and commitment = 'plan none 18 of 24'"
    assert terms.value(f"{day} and commitment_status = 'Used'") == Decimal("920.52")
    assert terms.value(f"{day} and commitment_status = 'Unused'") == Decimal("306.84")


def test_use_beyond_it_is_paid_at_the_negotiated_price(terms: Books) -> None:
    row = terms.rows("select sum(billed_cost), sum(effective_cost), sum(contracted_cost), sum(list_cost) from upkeep.spend_now "
                     "where service = 'Beyond'")[0]  # fmt: skip
    assert row == (Decimal("309841.20"), Decimal("309841.20"), Decimal("309841.20"), Decimal("344268.00"))


def test_unused_hours_have_no_list_price_and_are_no_savings(terms: Books) -> None:
    rows = terms.rows("select distinct list_cost, list_missing from upkeep.spend_now where commitment = 'plan all 0 of 24' "
                      "and category = 'Usage'")  # fmt: skip
    assert rows == [(None, Decimal("1227.36"))]
