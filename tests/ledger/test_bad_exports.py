"""What cannot be read is refused by name, and nothing of its delivery counts."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.ledger.world import FIRST, Books, charge, csv_text
from upkeep.errors import BrokenError


def refused(ledger: Books, *args: str, **more: Any) -> BrokenError:
    """The import is refused with these words, and the ledger is as it was."""
    before = ledger.value("select count(*) from upkeep.spend")
    with pytest.raises(BrokenError) as caught:
        ledger.bring(**more)
    for word in args:
        assert word in caught.value.reason
    assert ledger.value("select count(*) from upkeep.spend") == before
    return caught.value


def test_a_truncated_parquet_file(ledger: Books) -> None:
    ledger.put("good.parquet", [charge(0)])
    path = ledger.put("cut.parquet", [charge(day) for day in range(30)])
    path.write_bytes(path.read_bytes()[:-100])
    refused(ledger, "cut.parquet")


def test_a_truncated_gzip_file(ledger: Books) -> None:
    path = ledger.put("cut.csv.gz", [charge(day % 30, str(day * 7919 % 1000)) for day in range(3000)])
    path.write_bytes(path.read_bytes()[:-2000])
    refused(ledger, "cut.csv.gz")


def test_decimal_commas(ledger: Books) -> None:
    ledger.put("good.csv", [charge(0)])
    ledger.put("commas.csv", [charge(0, "1,50")])
    error = refused(ledger, "commas.csv", "BilledCost", "1,50")
    assert "decimal commas" in error.remedy


@pytest.mark.parametrize(
    ("column", "value"),
    [("BilledCost", ""), ("BilledCost", "n/a"), ("EffectiveCost", "nan"), ("ChargePeriodStart", "soon"),
     ("BillingCurrency", "euro"), ("BillingPeriodStart", ""), ("Tags", "{team: shop}")],
)  # fmt: skip
def test_a_value_that_is_none(ledger: Books, column: str, value: str) -> None:
    ledger.put("a.csv", [charge(0), charge(1, **{column: value})])
    refused(ledger, "a.csv", column)


@pytest.mark.parametrize("column", ["BilledCost", "BillingCurrency", "ChargePeriodStart", "ChargeCategory"])
def test_a_header_without_what_is_needed(ledger: Books, column: str) -> None:
    row = charge(0)
    row.pop(column)
    ledger.put("a.csv", [row])
    refused(ledger, "a.csv", f"no column {column}")


def test_no_rows_where_there_were_some(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0)])
    ledger.bring()
    (ledger.folder / "a.csv").write_text(csv_text([charge(0)]).splitlines()[0] + "\n")
    refused(ledger, "0 rows", "2026-09-01", after=41)


def test_an_empty_place(ledger: Books) -> None:
    refused(ledger, "no export")


def test_optional_columns_may_be_missing_added_or_renamed(ledger: Books) -> None:
    kept = ("BilledCost", "BillingCurrency", "BillingAccountId", "ChargePeriodStart", "BillingPeriodStart", "ChargeCategory")
    ledger.put("old.csv", [{name: value for name, value in charge(0).items() if name in kept}])
    new = charge(1, x_Discounts="{}", ServiceProviderName="AWS")
    new.pop("ProviderName")
    ledger.put("new.csv", [{name.upper(): value for name, value in new.items()}])
    ledger.bring()
    assert ledger.rows("select provider, service, effective_cost from upkeep.spend_now order by day") == [
        ("unknown", "unassigned", None),
        ("AWS", "Compute", Decimal("1.5")),
    ]


@pytest.mark.parametrize("key", ["team'", 'a"b', "a/b~c", "$.a", "a`b", "ä ö", "a\\b", "[0]", "0", "%s", "team.name", "{}"])
@pytest.mark.parametrize("kind", ["csv", "map.parquet"])
def test_a_tag_key_of_any_signs(ledger: Books, key: str, kind: str) -> None:
    value = 'it\'s "x" \\ \n;'
    if kind == "csv":
        ledger.put("a.csv", [charge(0, Tags=json.dumps({key: value, "other": "y"}))])
    else:
        put_maps(ledger, [[(key, value), ("other", "y")]])
    ledger.bring(account={"tag_keys": [key, "absent"]})
    assert ledger.rows("select tags from upkeep.spend_now") == [({key: value},)]


def put_maps(ledger: Books, tags: list[list[tuple[str, str | None]] | None]) -> None:
    """A Parquet file of one charge for each of these, whose tags are a map."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pylist([{**charge(day), "BilledCost": 1.5} for day in range(len(tags))])
    maps = pa.array(tags, type=pa.map_(pa.string(), pa.string()))
    parquet.write_table(table.set_column(table.column_names.index("Tags"), "Tags", maps), ledger.folder / "a.parquet")


def test_a_map_of_tags_that_has_a_key_not_at_all_empty_or_twice(ledger: Books) -> None:
    tags: list[list[tuple[str, str | None]] | None] = [
        [("other", "y"), ("team", "shop")], [], None, [("team", None)], [("team", "")], [("other", "team")],
        [("team", "first"), ("team", "second")],
    ]  # fmt: skip
    put_maps(ledger, tags)
    ledger.bring()
    found = ledger.rows("select tags ->> 'team' from upkeep.spend_now order by day")
    assert [team for (team,) in found] == ["shop", None, None, None, None, None, "first"]


def test_what_lacks_a_price_is_the_same_in_csv_and_in_floating_point(ledger: Books) -> None:
    prices = [("10", "0"), ("5", "8"), ("7", None), ("-3", "0"), ("0.1", "-0"), ("0", "0")]
    rows = [charge(0, cost, ListCost=price, ContractedCost=price) for cost, price in prices]
    asked = "select billed_cost, list_cost, list_missing, contracted_missing from upkeep.spend_now"
    ledger.put("a.csv", rows)
    ledger.bring()
    in_csv = ledger.rows(asked)
    (ledger.folder / "a.csv").unlink()
    ledger.put("a.parquet", rows)
    assert "0 rows of the ledger" in ledger.bring(41).summary
    assert ledger.rows(asked) == in_csv == [(Decimal("19.1"), 8, Decimal("17.1"), Decimal("17.1"))]


def test_a_day_with_only_credits(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0), charge(1, "-4", ChargeCategory="Credit", ServiceName=None)])
    ledger.bring()
    assert ledger.rows("select service, billed_cost from upkeep.spend_now where category = 'Credit'") == [("unassigned", -4)]


def test_costs_without_a_list_price_are_no_negative_savings(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "10", ListCost="0"), charge(0, "5", ListCost="8")])
    ledger.bring()
    row = ledger.rows("select list_cost, list_missing, effective_cost from upkeep.spend_now")
    assert row == [(8, 10, 15)]


def test_charge_day_and_invoice_month_are_both_kept(ledger: Books) -> None:
    last = FIRST + timedelta(days=29)
    ledger.put("a.csv", [charge(29, "1"), charge(29, "2", BillingPeriodStart="2026-10-01 00:00:00")])
    ledger.bring()
    assert ledger.rows("select day, billing_period, billed_cost from upkeep.spend_now order by 2") == [
        (last, FIRST, 1),
        (last, FIRST.replace(month=10), 2),
    ]


@pytest.mark.parametrize("text", ["2026-09-05T23:30:00Z", "2026-09-06T01:30:00+02:00", "2026-09-05 23:30:00", "09/05/2026"])
def test_days_are_those_of_utc_in_every_spelling(ledger: Books, text: str) -> None:
    ledger.put("a.csv", [charge(0, ChargePeriodStart=text)])
    ledger.bring()
    assert ledger.value("select day from upkeep.spend_now") == FIRST + timedelta(days=4)
