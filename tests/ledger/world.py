"""Books: a report database, a folder of exports, and what is said about one account at chosen moments."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tests.lab import UTC_ZONE, Lab, asking, fresh_database
from upkeep.answer import Answer
from upkeep.duty import Duty
from upkeep.jobs.costs.import_costs import import_costs
from upkeep.runner import ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import Provenance
from upkeep.store.migrate import migrate
from upkeep.targets.account import Account
from upkeep.window import Window

FIRST = date(2026, 9, 1)
Row = dict[str, Any]


def charge(day: date | int, cost: str = "1.50", **more: Any) -> Row:
    """One row of a FOCUS export; a number is a day of September 2026 counted from 0, and capitalised names are its columns."""
    at = FIRST + timedelta(days=day) if isinstance(day, int) else day
    month = at.replace(day=1)
    row: Row = {
        "BilledCost": cost, "EffectiveCost": cost, "ContractedCost": cost, "ListCost": cost, "BillingCurrency": "EUR",
        "BillingAccountId": "bill", "SubAccountId": "production", "SubAccountName": "Production", "ChargeCategory": "Usage",
        "ChargeClass": None, "ServiceName": "Compute", "RegionId": "eu-central-1", "ProviderName": "AWS",
        "ChargePeriodStart": f"{at} 00:00:00", "ChargePeriodEnd": f"{at} 01:00:00",
        "BillingPeriodStart": f"{month} 00:00:00", "Tags": json.dumps({"team": "shop", "Name": f"i-{cost}"}),
        "CommitmentDiscountId": None, "CommitmentDiscountStatus": None, "PricingQuantity": "1", "PricingUnit": "Hours",
    }  # fmt: skip
    return {**row, **more}


def csv_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as providers write CSV: NULL for nothing."""
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({name: "NULL" if value is None else value for name, value in row.items()} for row in rows)
    return out.getvalue()


def write_parquet(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """The rows as strings but for amounts, which are floating point as some providers have them."""
    amounts = {"BilledCost", "EffectiveCost", "ContractedCost", "ListCost"}
    plain = [{k: float(v) if k in amounts and v is not None else v for k, v in row.items()} for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(plain), path)


@dataclass
class Books:
    """`folder` is where exports lie. Every question is put as if it were some days after the first."""

    lab: Lab
    folder: Path
    fields: dict[str, Any] = field(default_factory=lambda: {"tag_keys": ["team"], "currency": "EUR", "deliveries": "parts"})

    def account(self, **more: Any) -> Account:
        """The account, read from the folder."""
        usual = {"name": "aws", "owner": "ann", "provider": "aws", "place": f"file://{self.folder}"}
        return Account.model_validate({**usual, **self.fields, **more})

    def put(self, name: str, rows: Iterable[Mapping[str, Any]]) -> Path:
        """A file of the export, by its suffix."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".parquet"):
            write_parquet(path, rows)
        elif name.endswith(".gz"):
            path.write_bytes(gzip.compress(csv_text(rows).encode()))
        else:
            path.write_text(csv_text(rows))
        return path

    def bring(self, after: int = 40, *, account: Mapping[str, Any] | None = None, **thresholds: Any) -> Answer:
        """Import, so many days after the first."""
        return self.ask(import_costs, after, account=account, **thresholds)

    def ask(self, duty: Duty, after: int, *, account: Mapping[str, Any] | None = None, **thresholds: Any) -> Answer:
        """Put a question and store its answer, about the last full window at a moment some days after the first."""
        now = datetime(FIRST.year, FIRST.month, FIRST.day, 6, tzinfo=UTC) + timedelta(days=after)
        return self.ask_about(duty, duty.cadence.last_full(now, UTC_ZONE), now, account=account, **thresholds)

    def ask_about(
        self, duty: Duty, window: Window, now: datetime, *, account: Mapping[str, Any] | None = None, **thresholds: Any
    ) -> Answer:
        """The same about a window of choice, at a moment of choice."""
        target = self.account(**{"thresholds": {duty.name: thresholds}, **(account or {})})
        by = Provenance("daily", "r", f"costs.{duty.name}", 0, 1, now, 0.0)
        return ask_and_store(
            asking(duty, target, OneDatabase(self.lab.endpoint), window=window, provenance=by), self.lab.endpoint
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        with self.lab.endpoint.connect("look") as connection:
            return connection.execute(sql.encode()).fetchall()

    def value(self, sql: str) -> Any:
        """First column of the first row."""
        return self.rows(sql)[0][0]


_TABLES = "upkeep.spend_delivery, upkeep.spend, upkeep.spend_file, upkeep.restatement, upkeep.answer"


@contextmanager
def books_of(server: ScratchServer, name: str) -> Iterator[Lab]:
    """A migrated report database for all tests of a file."""
    with fresh_database(server, name) as lab:
        migrate(lab.endpoint)
        yield lab


def emptied(lab: Lab, folder: Path) -> Books:
    """Its books without a row."""
    lab.run(f"truncate {_TABLES} cascade")
    return Books(lab, folder)
