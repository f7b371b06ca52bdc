"""Cost Explorer: pages, throttling, refusals in the middle, two groups at most, calls counted and made once a day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from tests.ledger.cost_explorer import Line, StandIn, failing
from tests.ledger.world import Books
from upkeep.errors import BrokenError, CannotAskError
from upkeep.ledger.asking import import_asked
from upkeep.ledger.entry import Merged
from upkeep.sources.cost_explorer import CostExplorer
from upkeep.store.answers import Provenance, connected
from upkeep.store.spend import StoredLedger
from upkeep.targets.account import Account

TODAY = date(2026, 10, 20)
DAYS = [date(2026, 9, 20) + timedelta(days=n) for n in range(30)]
LINES = [
    *(Line(day, "111", "EC2", "10.0000000001", tags={"team": "shop"}) for day in DAYS),
    *(Line(day, "222", "S3", "2.5") for day in DAYS),
    *(Line(day, "111", "EC2", "-4", kind="Credit") for day in DAYS),
    Line(DAYS[3], "111", "Tax", "19", kind="Tax"),
    Line(DAYS[4], "111", "S3", "-7", kind="Refund"),
    Line(DAYS[5], "111", "EC2", "0", kind="DiscountedUsage", amortised="6"),
]
SUM = sum((Decimal(line.cost) for line in LINES), Decimal(0))


def asked(
    ledger: Books,
    client: Any,
    *,
    today: date = TODAY,
    most: int = 200,
    tags: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    **more: Any,
) -> tuple[str, Merged | None]:
    """One import."""
    account = Account(name="aws", owner="ann", provider="aws", source="cost_explorer", tag_keys=tags, cost_categories=categories)
    explorer = CostExplorer(client, most, pause=lambda _: None)
    by = Provenance("", "", "", 0, 1, datetime(today.year, today.month, today.day, 6, tzinfo=UTC), 0.0)
    with connected(ledger.lab.endpoint) as connection:
        return import_asked(account, explorer, StoredLedger(connection, "aws", by), lambda *_: None, today, 256, **more)


def total(ledger: Books) -> Decimal:
    """What the ledger says now."""
    found: Decimal | None = ledger.value("select sum(billed_cost) from upkeep.spend_now")
    return found or Decimal(0)


def test_all_pages_add_up_to_the_last_digit(ledger: Books) -> None:
    client = StandIn(LINES, estimated_from=DAYS[-2])
    what, _ = asked(ledger, client)
    assert total(ledger) == SUM
    assert what == f"{len(client.asked)} calls of Cost Explorer"
    assert ledger.value("select count(distinct day) from upkeep.spend_now where provisional") == 2
    assert client.asked[0]["TimePeriod"] == {"Start": "2025-09-01", "End": "2026-10-20"}


def test_credits_refunds_taxes_and_commitments_are_apart(ledger: Books) -> None:
    asked(ledger, StandIn(LINES))
    by_category = dict(ledger.rows("select category, sum(billed_cost) from upkeep.spend_now group by 1"))
    assert by_category == {"Usage": Decimal("375.000000003"), "Credit": -120, "Tax": 19, "Adjustment": -7}
    assert ledger.rows("select commitment_status, effective_cost from upkeep.spend_now where commitment_status is not null") == [
        ("Used", 6)
    ]


def test_a_tag_is_read_within_two_groups(ledger: Books) -> None:
    asked(ledger, StandIn(LINES), tags=("team",))
    assert total(ledger) == SUM
    rows = ledger.rows(
        "select distinct sub_account, service, tags from upkeep.spend_now where category = 'Usage' order by 1, 2, 3"
    )
    assert rows == [("111", "EC2", {}), ("111", "EC2", {"team": "shop"}), ("222", "S3", {})]


def test_it_is_asked_once_a_day_and_then_from_the_month_before(ledger: Books) -> None:
    asked(ledger, StandIn(LINES))
    again = StandIn(LINES)
    assert "no call was made" in asked(ledger, again)[0]
    assert again.asked == []
    asked(ledger, again, today=TODAY + timedelta(days=1))
    assert again.asked[0]["TimePeriod"] == {"Start": "2026-09-01", "End": "2026-10-21"}
    assert ledger.value("select max(version) from upkeep.spend") == 1


def test_a_changed_past_is_a_new_version(ledger: Books) -> None:
    asked(ledger, StandIn(LINES))
    later = StandIn([*LINES, Line(DAYS[0], "222", "S3", "1500")])
    merged = asked(ledger, later, today=TODAY + timedelta(days=1))[1]
    assert merged
    assert merged.restated == ("September 2026: +1,500.00 USD (S3, account 222, changed)",)


def throttled(numbers: Callable[[int], bool]) -> Callable[[int], Exception | None]:
    """Busy at these calls."""
    return lambda number: failing("ThrottlingException") if numbers(number) else None


def test_what_is_busy_is_asked_again(ledger: Books) -> None:
    asked(ledger, StandIn(LINES, throttled(lambda n: n % 3 == 0)))
    assert total(ledger) == SUM


@pytest.mark.parametrize("error", [failing("ThrottlingException"), failing("TooManyRequestsException", 429), failing("Odd", 429)])
def test_an_api_that_is_busy_for_an_hour_is_given_up_for_now(ledger: Books, error: Exception) -> None:
    client = StandIn(LINES, lambda n: error if n > 3 else None)
    with pytest.raises(BrokenError, match="too busy") as caught:
        asked(ledger, client)
    assert caught.value.retry
    assert (total(ledger), len(client.asked)) == (Decimal(0), 8)


def test_access_withdrawn_in_the_middle_keeps_nothing_and_names_the_policy(ledger: Books) -> None:
    client = StandIn(LINES, lambda n: failing("AccessDeniedException") if n > 3 else None)
    with pytest.raises(CannotAskError, match="ce:GetCostAndUsage") as caught:
        asked(ledger, client)
    assert '"Action": ["ce:GetCostAndUsage", ' in caught.value.remedy
    assert total(ledger) == 0


def test_a_page_token_that_comes_twice_ends_it(ledger: Books) -> None:
    client = StandIn(LINES, same_token=True)
    with pytest.raises(BrokenError, match="same page token"):
        asked(ledger, client)
    assert len(client.asked) == 2


def test_calls_are_bounded(ledger: Books) -> None:
    client = StandIn(LINES)
    with pytest.raises(BrokenError, match="5 calls"):
        asked(ledger, client, most=5)
    assert (len(client.asked), total(ledger)) == (5, Decimal(0))


def test_details_that_miss_the_total_are_refused(ledger: Books) -> None:
    client = StandIn(LINES)
    client.faults = lambda n: setattr(client, "lines", LINES[1:]) if n == 6 else None
    with pytest.raises(BrokenError, match=r"details of Usage that miss 10\.00"):
        asked(ledger, client)
    assert total(ledger) == 0


def test_no_rows_at_all_are_refused(ledger: Books) -> None:
    with pytest.raises(BrokenError, match="0 rows"):
        asked(ledger, StandIn([]))


def test_a_dry_run_makes_no_call(ledger: Books) -> None:
    client = StandIn(LINES)
    what, merged = asked(ledger, client, dry_run=True)
    assert ("would ask" in what, merged, client.asked) == (True, None, [])


def test_a_cost_category_is_grouped_by_as_one(ledger: Books) -> None:
    client = StandIn([Line(day, "111", "EC2", "1", tags={"Team": "shop"}) for day in DAYS[:3]])
    asked(ledger, client, tags=("Team",), categories=("Team",))
    assert client.asked[-1]["GroupBy"][1] == {"Type": "COST_CATEGORY", "Key": "Team"}
    assert ledger.rows("select distinct tags, sum(billed_cost) from upkeep.spend_now group by 1") == [({"Team": "shop"}, 3)]


def test_a_real_client_speaks_it(ledger: Books) -> None:
    from moto import mock_aws

    with mock_aws():
        client = boto3.client("ce", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        with pytest.raises(BrokenError, match="0 rows"):
            asked(ledger, client)
