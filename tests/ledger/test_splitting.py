"""Shared costs split over the values of a tag: every part has its reason, and nothing is lost."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from upkeep.ledger.series import SpendDay
from upkeep.ledger.splitting import RECONCILING, UNALLOCATED, VALUE, Share, split
from upkeep.targets.cost_rules import SharedCost

SUPPORT = SharedCost(service="Support", tag_key="team")


def cost(net: str, team: str | None = None, **more: Any) -> SpendDay:
    fields: dict[str, Any] = {
        "sub_account": "production", "service": "Compute", "tags": {"team": team} if team else {}, "currency": "EUR",
        "day": date(2026, 9, 1), "gross": Decimal(net), "net": Decimal(net), "quantity": None, "units": (), "provisional": False,
    }  # fmt: skip
    return SpendDay(**{**fields, **more})


def support(net: str, **more: Any) -> SpendDay:
    return cost(net, service="Support", **more)


def said(days: Sequence[SpendDay], *rules: SharedCost) -> list[tuple[str, str, str, str]]:
    """Kind, value, own and shared cost of each row; together they are what the days cost."""
    found = split(days, "team", rules)
    assert sum(share.total for share in found) == sum(day.net for day in days)
    return [_row(share) for share in found]


def _row(share: Share) -> tuple[str, str, str, str]:
    return share.kind, share.value, f"{share.own.normalize():f}", f"{share.shared.normalize():f}"


def test_without_shared_costs_each_value_has_its_own() -> None:
    days = [cost("30", "shop"), cost("10", "blog"), cost("2", "shop"), cost("5")]
    assert said(days) == [(VALUE, "blog", "10", "0"), (VALUE, "shop", "32", "0"), (UNALLOCATED, "", "5", "0")]


def test_in_proportion_to_what_each_costs_itself() -> None:
    days = [cost("30", "shop"), cost("10", "blog"), cost("5"), support("8")]
    assert said(days, SUPPORT) == [
        (VALUE, "blog", "10", "2"),
        (VALUE, "shop", "30", "6"),
        (UNALLOCATED, "", "5", "0"),  # who has no tag pays no part
        (RECONCILING, "", "0", "0"),
    ]


def test_what_does_not_divide_is_left_and_shown() -> None:
    days = [cost("1", "a"), cost("1", "b"), cost("1", "c"), support("10")]
    assert [row[3] for row in said(days, SUPPORT)] == ["3.333333"] * 3 + ["0.000001"]


def test_declared_parts_count_whatever_each_costs() -> None:
    rule = SharedCost(service="Support", tag_key="team", parts={"shop": 3, "new": 1})
    days = [cost("1", "shop"), cost("99", "blog"), support("8")]
    assert said(days, rule) == [
        (VALUE, "blog", "99", "0"),
        (VALUE, "new", "0", "2"),
        (VALUE, "shop", "1", "6"),
        (RECONCILING, "", "0", "0"),
    ]


def test_a_value_that_got_money_back_takes_no_part() -> None:
    days = [cost("10", "shop"), cost("-4", "blog"), support("8")]
    assert said(days, SUPPORT)[:2] == [(VALUE, "blog", "-4", "0"), (VALUE, "shop", "10", "8")]


def test_without_a_value_to_split_over_it_is_all_left() -> None:
    assert said([cost("5"), support("8")], SUPPORT) == [(UNALLOCATED, "", "5", "0"), (RECONCILING, "", "0", "8")]


def test_a_shared_service_is_split_even_where_it_has_the_tag() -> None:
    assert said([cost("10", "shop"), support("8", tags={"team": "blog"})], SUPPORT)[0] == (VALUE, "shop", "10", "8")


def test_a_rule_of_another_tag_splits_nothing() -> None:
    days = [cost("10", "shop"), support("8")]
    assert said(days, SharedCost(service="Support", tag_key="stage")) == [(VALUE, "shop", "10", "0"), (UNALLOCATED, "", "8", "0")]


def test_each_currency_is_split_by_itself() -> None:
    days = [cost("10", "shop"), support("8"), cost("1", "blog", currency="USD"), support("2", currency="USD")]
    found = split(days, "team", [SUPPORT])
    assert [(share.currency, share.value, share.total) for share in found if share.kind == VALUE] == [
        ("EUR", "shop", Decimal(18)),
        ("USD", "blog", Decimal(3)),
    ]
