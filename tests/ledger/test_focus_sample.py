"""Sums of FOCUS's own sample, against a plain reading of the file by Python."""

import csv
import gzip
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ledger.world import Books

SAMPLE = Path(__file__).resolve().parents[3] / "shared/data/focus/focus_1.0_sample.csv"
AMOUNTS = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="FOCUS's sample is not here")


def expected() -> dict[tuple[str, str, str], list[Decimal]]:
    """Sums by provider, currency and category."""
    sums: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(AMOUNTS))
    with SAMPLE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = row["ProviderName"], row["BillingCurrency"], row["ChargeCategory"]
            amounts = [Decimal(row[name].replace("NULL", "0")) for name in AMOUNTS]
            sums[key] = [total + amount for total, amount in zip(sums[key], amounts, strict=True)]
    return dict(sums)


SUMS = """
    select provider, currency, category, sum(billed_cost), sum(effective_cost), coalesce(sum(contracted_cost), 0), sum(list_cost)
    from upkeep.spend_now group by provider, currency, category
"""


@pytest.mark.parametrize("name", ["sample.csv", "sample.csv.gz"])
def test_sums_are_those_of_the_file_to_the_last_digit(ledger: Books, name: str) -> None:
    data = SAMPLE.read_bytes()
    (ledger.folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    answer = ledger.bring(account={"tag_keys": ["application", "environment", "business_unit"]})
    assert answer.status == "ok"
    assert {row[:3]: list(row[3:]) for row in ledger.rows(SUMS)} == expected()
    assert ledger.value("select sum(source_rows) from upkeep.spend_now") == 1000


def test_every_row_with_a_declared_tag_keeps_it(ledger: Books) -> None:
    (ledger.folder / "sample.csv").write_bytes(SAMPLE.read_bytes())
    ledger.bring(account={"tag_keys": ["environment"]})
    with SAMPLE.open(newline="", encoding="utf-8") as file:
        tagged = sum('"environment"' in (row["Tags"] or "") for row in csv.DictReader(file))
    assert ledger.value("select sum(source_rows) from upkeep.spend_now where tags ? 'environment'") == tagged
