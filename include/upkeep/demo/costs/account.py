"""The shop's cloud account in the demo: its bill, made once, what the inventory says of it, and what was known of it before."""

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.config.inventory import Inventory
from upkeep.demo.cloud import made as cloud
from upkeep.demo.costs import lines, rows
from upkeep.demo.costs.export import deliver
from upkeep.demo.costs.rows import CURRENCY, DAY, month_before
from upkeep.errors import UpkeepError
from upkeep.ledger.exports import import_export
from upkeep.sources.objects import open_store
from upkeep.store.answers import Provenance
from upkeep.store.spend import StoredLedger
from upkeep.targets.account import Account

if TYPE_CHECKING:
    import psycopg

NAME, MONTHS, RESTATED = "shop-cloud", 12, 2
"""Months before this one that the bill has, and how many months ago the corrected one was."""
_FIRST_IMPORT = timedelta(days=7)


def of(inventory: Inventory) -> Account:
    """The account as the inventory describes it."""
    target = inventory.target(NAME)
    if not isinstance(target, Account):
        raise UpkeepError(f"{NAME} is no account in the demo's inventory")
    return target


def make_first(connection: "psycopg.Connection[Any]", home: Path, account: Account, start: datetime) -> None:
    """
    The bill as it was known in the month before: each month that was over, and the import that brought it into the ledger.

    Dated by `start`, or by an earlier one that was killed: files are written anew, and what the ledger has is not added twice.
    """
    begun = _begun(home, start)
    shutil.rmtree(_exports(home), ignore_errors=True)
    newest, then = begun.date() - DAY, _then(begun)
    for months in range(MONTHS, RESTATED - 1, -1):
        month = month_before(begun.date(), months)
        found = rows.rows_of(month, newest, month_before(month, -1))
        deliver(_exports(home), month, 1, found, then)
    by = Provenance("", "made up for the demo", "costs.import_costs", 0, 1, then, 0.0)
    import_export(account, open_store(account.place or ""), StoredLedger(connection, NAME, by), lambda *_: None, 256)


def make_rest(home: Path) -> None:
    """What was delivered since: the two newest months, and the corrected one once more. Written again it replaces itself."""
    begun = _begun(home, datetime.now(UTC))
    newest, corrected = begun.date() - DAY, month_before(begun.date(), RESTATED)
    again = [*rows.rows_of(corrected, newest, month_before(corrected, -1)), rows.correction(corrected)]
    deliver(_exports(home), corrected, 2, again, begun)
    for months in range(RESTATED - 1, -1, -1):
        month = month_before(begun.date(), months)
        if month <= newest:
            deliver(_exports(home), month, 1, rows.rows_of(month, newest, month_before(month, -1)), begun)
    (_folder(home) / "truth.json").write_text(json.dumps(truth(begun.date()), indent=1), encoding="utf-8")


def truth(start: date) -> Mapping[str, Any]:
    """What is wrong with the bill, for whoever wants to compare; nothing of the programme reads it."""
    newest = start - DAY
    return {
        "bill": {"first": str(month_before(start, MONTHS)), "newest": str(newest), "currency": CURRENCY},
        "spike": {"service": lines.LAMBDA, "since": str(newest - (lines.SPIKE_DAYS - 1) * DAY)},
        "drift": {"service": lines.STORAGE, "since": str(newest - (lines.DRIFT_DAYS - 1) * DAY)},
        "offsetting pair": {
            "up": lines.LOGS, "down": lines.SEARCH, "account": lines.DEVELOPMENT[0],
            "since": str(newest - (lines.PAIR_DAYS - 1) * DAY),
        },
        "restated month": {"month": f"{month_before(start, RESTATED):%Y-%m}", "amount": str(rows.CORRECTION)},
        "commitments": {"used": lines.PLAN, "partly used": lines.RESERVATION},
        "waste": {"unused reservation a day": "10.60", "idle addresses a day": "2.40"},
        "no team": "more than a third of the cost", "over budget": "support",
    }  # fmt: skip


def inventory_part(home: Path) -> str:
    """Its part of the inventory."""
    bill = _INVENTORY.format(name=NAME, place=_exports(home).as_uri(), currency=CURRENCY, support=lines.SUPPORT)
    return bill + cloud.INVENTORY


def _begun(home: Path, start: datetime) -> datetime:
    """When the bill was begun: it keeps its days however often its making is."""
    file = _folder(home) / "begun"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(start.isoformat(), encoding="utf-8")
        draft.replace(file)
    return datetime.fromisoformat(file.read_text(encoding="utf-8"))


def _then(begun: datetime) -> datetime:
    """A week after the corrected month: by then it was closed."""
    return datetime.combine(month_before(begun.date(), RESTATED - 1), time(6), UTC) + _FIRST_IMPORT


def _folder(home: Path) -> Path:
    return home / "bills"


def _exports(home: Path) -> Path:
    return _folder(home) / "exports"


_INVENTORY = """accounts:
  - name: {name}
    owner: developer-on-call
    provider: aws
    # In a folder. The bill is made up; bills/truth.json beside it says what is wrong with it.
    place: {place}
    currency: {currency}
    tags: [production]
    runbook: https://wiki.example.com/runbooks/shop-costs
    tag_keys: [team, environment]
    budgets:
      - {{name: everything, amount: 18000}}
      - {{name: support, amount: 900, service: {support}}}
      - {{name: data team, amount: 4000, tag: {{team: data}}}}
"""
