"""Deliveries of the bill, as AWS Data Exports makes them: a folder and a manifest for each month and each time it is made."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.demo.costs.rows import Row

if TYPE_CHECKING:
    import pyarrow as pa

_AMOUNTS = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost", "PricingQuantity")
_DAYS = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")


def deliver(folder: Path, month: date, number: int, rows: Iterable[Row], made_at: datetime) -> None:
    """
    One delivery of a month, the manifest last.

    Written again it replaces itself: killed anywhere, call it again.
    """
    from pyarrow import Table, parquet

    found = list(rows)
    period, name = f"BILLING_PERIOD={month:%Y-%m}", f"delivery-{number}"
    file = folder / "data" / period / name / "shop-00001.snappy.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    schema = _schema(found[0])
    parquet.write_table(Table.from_pylist([_plain(row) for row in found], schema=schema), file, compression="snappy")
    manifest = folder / "metadata" / period / name / "shop-Manifest.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    named = {"dataFiles": [f"s3://shop-bills/{file.relative_to(folder).as_posix()}"]}
    manifest.write_text(json.dumps(named, indent=1), encoding="utf-8")
    for each in (file, manifest):
        os.utime(each, (made_at.timestamp(), made_at.timestamp()))


def _schema(row: Row) -> "pa.Schema":
    import pyarrow as pa

    return pa.schema([(name, _kind(pa, name)) for name in row])


def _kind(pa: Any, name: str) -> Any:
    if name in _AMOUNTS:
        return pa.decimal128(38, 10)
    if name in _DAYS:
        return pa.timestamp("us", tz="UTC")
    return pa.map_(pa.string(), pa.string()) if name == "Tags" else pa.string()


def _plain(row: Row) -> Row:
    midnights = {name: datetime.combine(row[name], time(), UTC) for name in _DAYS}
    return {**row, **midnights, "Tags": list(row["Tags"].items())}
