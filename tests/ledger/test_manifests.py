"""Manifests decide which files count: the newest of a period or day, and only when all that it names is there."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.world import Books, charge
from upkeep.errors import BrokenError


def manifest(path: Path, content: Any, at: int) -> None:
    """A manifest, changed at this second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    os.utime(path, (at, at))


def aws(ledger: Books, run: str, at: int, rows: list[dict[str, Any]], period: str = "2026-09") -> None:
    """A run of AWS Data Exports that keeps earlier ones."""
    data = f"data/BILLING_PERIOD={period}/{run}/costs-00001.snappy.parquet"
    ledger.put(data, rows)
    named = {"dataFiles": [f"s3://bucket/exports/{data}"]}
    manifest(ledger.folder / f"metadata/BILLING_PERIOD={period}/{run}/costs-Manifest.json", named, at)


def azure(ledger: Books, run: str, submitted: str, span: tuple[str, str], rows: list[dict[str, Any]]) -> None:
    """A run of an Azure export."""
    path = ledger.put(f"daily/{run}/part_0_0001.csv", rows)
    blob = {"blobName": f"exports/daily/{run}/part_0_0001.csv", "byteCount": path.stat().st_size}
    content = {"runInfo": {"startDate": span[0], "endDate": span[1], "submittedTime": submitted}, "blobs": [blob]}
    manifest(ledger.folder / f"daily/{run}/manifest.json", content, 1)


def total(ledger: Books) -> Decimal:
    """What the ledger says now."""
    found: Decimal = ledger.value("select sum(billed_cost) from upkeep.spend_now")
    return found


def test_the_newest_run_of_a_period_counts(ledger: Books) -> None:
    aws(ledger, "r1", 10, [charge(0, "1"), charge(1, "1")])
    aws(ledger, "r2", 20, [charge(0, "1"), charge(1, "5")])
    aws(ledger, "r9", 5, [charge(30, "7")], "2026-10")
    ledger.bring(account={"deliveries": "auto"})
    assert total(ledger) == Decimal(13)


def test_a_later_run_replaces_an_earlier_one(ledger: Books) -> None:
    aws(ledger, "r1", 10, [charge(0, "1"), charge(1, "1")])
    ledger.bring(account={"deliveries": "auto"})
    aws(ledger, "r2", 20, [charge(0, "3")])
    ledger.bring(43, account={"deliveries": "auto"})
    assert total(ledger) == Decimal(3)
    assert ledger.value("select sum(billed_difference) from upkeep.restatement") == Decimal(1)


def test_a_manifest_that_comes_before_its_files_waits(ledger: Books) -> None:
    aws(ledger, "r1", 10, [charge(0)])
    (ledger.folder / "data/BILLING_PERIOD=2026-09/r1/costs-00001.snappy.parquet").unlink()
    with pytest.raises(BrokenError, match="not there") as caught:
        ledger.bring(account={"deliveries": "auto"})
    assert caught.value.retry


def test_a_one_time_export_beside_a_recurring_one_doubles_no_day(ledger: Books) -> None:
    azure(
        ledger, "once", "2026-09-20T00:00:00Z", ("2026-08-01T00:00:00Z", "2026-09-20T00:00:00Z"), [charge(n) for n in range(20)]
    )
    azure(
        ledger, "month", "2026-10-01T00:00:00Z", ("2026-09-01T00:00:00Z", "2026-09-30T00:00:00Z"), [charge(n) for n in range(30)]
    )
    ledger.bring(account={"deliveries": "auto", "provider": "azure"})
    assert total(ledger) == Decimal(45)


def test_a_part_of_another_size_than_its_manifest_says_is_refused(ledger: Books) -> None:
    azure(ledger, "r", "2026-09-20T00:00:00Z", ("2026-09-01T00:00:00Z", "2026-09-30T00:00:00Z"), [charge(0)])
    ledger.put("daily/r/part_0_0001.csv", [charge(0), charge(1)])
    with pytest.raises(BrokenError, match="bytes, not"):
        ledger.bring(account={"deliveries": "auto", "provider": "azure"})


@pytest.mark.parametrize("content", [{}, [], "x", {"dataFiles": []}, {"blobs": [{}]}, {"dataFiles": 3}])
def test_a_manifest_that_says_nothing_is_refused(ledger: Books, content: Any) -> None:
    ledger.put("a.csv", [charge(0)])
    manifest(ledger.folder / "x-Manifest.json", content, 1)
    with pytest.raises(BrokenError, match=r"x-Manifest\.json"):
        ledger.bring(account={"deliveries": "auto"})
