"""Exports as providers other than AWS write them: tags as lists of Google, billing periods of other time zones."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.ledger.world import FIRST, Books, charge

PLAIN = {"key": pa.string(), "value": pa.string()}
MORE: Mapping[str, Any] = {"key": pa.string(), "value": pa.string(), "inherited": pa.bool_(), "namespace": pa.string()}
TURNED = {"value": pa.string(), "key": pa.string()}


def put_tags(ledger: Books, entries: list[dict[str, Any]] | None, fields: Mapping[str, Any]) -> None:
    """One charge in Parquet whose tags are a list of entries."""
    row = {**charge(0), "BilledCost": 1.5, "Tags": entries}
    plain = pa.Table.from_pylist([{name: value for name, value in row.items() if name != "Tags"}])
    kind = pa.list_(pa.struct(list(fields.items())))
    parquet.write_table(plain.append_column("Tags", pa.array([entries], type=kind)), ledger.folder / "a.parquet")


@pytest.mark.parametrize(
    ("entries", "fields", "kept"),
    [
        ([{"key": "team", "value": "shop"}, {"key": "env", "value": "dev"}], PLAIN, {"team": "shop"}),
        ([{"key": "team", "value": "shop", "inherited": True, "namespace": "o/1"}], MORE, {"team": "shop"}),
        ([{"value": "shop", "key": "team"}], TURNED, {"team": "shop"}),
        ([{"key": "team", "value": "shop"}, {"key": "team", "value": "data"}], PLAIN, {"team": "shop"}),
        ([{"key": None, "value": "x"}, {"key": "team", "value": "shop"}], PLAIN, {"team": "shop"}),
        ([{"key": "team", "value": None}], PLAIN, {}),
        ([], PLAIN, {}),
        (None, PLAIN, {}),
    ],
)
def test_tags_as_a_list_of_entries(ledger: Books, entries: Any, fields: Mapping[str, Any], kept: dict[str, str]) -> None:
    put_tags(ledger, entries, fields)
    ledger.bring()
    assert ledger.rows("select tags, billed_cost from upkeep.spend_now") == [(kept, 1.5)]


@pytest.mark.parametrize("key", ["te'am", 'te"am', "te.am", "te/am~1", "te\\am", "{team}", "$.team"])
def test_a_key_of_any_signs_in_a_list_of_entries(ledger: Books, key: str) -> None:
    put_tags(ledger, [{"key": key, "value": "shop"}], PLAIN)
    ledger.bring(account={"tag_keys": [key]})
    assert ledger.rows("select tags from upkeep.spend_now") == [({key: "shop"},)]


@pytest.mark.parametrize(
    ("begins", "month"),
    [
        ("2026-09-01T00:00:00Z", "2026-09-01"),
        ("2026-09-01T00:00Z", "2026-09-01"),
        ("2026-09-01", "2026-09-01"),
        ("2026-08-31T22:00:00Z", "2026-09-01"),
        ("2026-09-01T00:00:00+02:00", "2026-09-01"),
        ("2026-09-01T00:00:00+14:00", "2026-09-01"),
        ("2026-09-01T00:00:00-08:00", "2026-09-01"),
        ("2026-09-01T07:00:00Z", "2026-09-01"),
        ("2026-12-31T23:00:00Z", "2027-01-01"),
        ("2026-08-31T00:00:00Z", "2026-08-01"),
        ("2026-09-15T00:00:00Z", "2026-09-01"),
    ],
)
def test_a_month_that_begins_at_the_midnight_of_another_zone(ledger: Books, begins: str, month: str) -> None:
    """The day of a charge stays that of UTC; its invoice is that of the month that begins in its own zone."""
    ledger.put("a.csv", [charge(3, BillingPeriodStart=begins)])
    ledger.bring()
    assert ledger.rows("select day, billing_period from upkeep.spend_now") == [
        (FIRST.replace(day=4), date.fromisoformat(month)),
    ]
