"""Costs asked of AWS Cost Explorer, once a day, as rows of the same form as an export."""

import csv
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from upkeep.duty import Progress
from upkeep.errors import BrokenError
from upkeep.ledger.entry import Days, Imported, Ledger, Merged, Part
from upkeep.ledger.export_files import examined
from upkeep.ledger.exports import reading_of
from upkeep.ledger.focus_columns import FocusForm
from upkeep.ledger.summing import Counted, write_entries
from upkeep.sources.cost_explorer import CostExplorer, Group
from upkeep.sources.duck import duckdb_session
from upkeep.targets.account import Account

NAME = "Cost Explorer"
_PAST_MONTHS = 13
_CENT = Decimal("0.01")
_COLUMNS = (
    "ChargePeriodStart", "BillingPeriodStart", "BilledCost", "EffectiveCost", "BillingCurrency", "BillingAccountId",
    "SubAccountId", "ServiceName", "ChargeCategory", "CommitmentDiscountStatus", "ProviderName", "Tags", "x_Estimated",
)  # fmt: skip
# What AWS calls a record type, as FOCUS calls the charge; the others are fees and discounts of their own.
_CATEGORIES = {
    "Usage": "Usage", "DiscountedUsage": "Usage", "SavingsPlanCoveredUsage": "Usage", "Credit": "Credit", "Tax": "Tax",
    "Refund": "Adjustment", "SavingsPlanNegation": "Adjustment", "RIFee": "Purchase", "SavingsPlanRecurringFee": "Purchase",
    "SavingsPlanUpfrontFee": "Purchase", "Recurring": "Purchase", "Upfront": "Purchase",
}  # fmt: skip
_USED = frozenset(["DiscountedUsage", "SavingsPlanCoveredUsage"])


@dataclass(frozen=True, slots=True)
class Question:
    """What the details of one record type are asked by: two groups, and what both are limited to."""

    kind: str
    by: tuple[Mapping[str, str], Mapping[str, str]]
    only: Mapping[str, Any]
    sub_account: str | None


def import_asked(
    account: Account,
    explorer: CostExplorer,
    ledger: Ledger,
    progress: Progress,
    today: date,
    memory_mb: int,
    *,
    dry_run: bool = False,
) -> tuple[str, Merged | None]:
    """
    Bring the ledger up to what Cost Explorer says until yesterday: 13 months the first time, then from the month before on.

    Once a day: asked again on the same day it makes no call. What is written is one transaction at the end: killed anywhere, the
    next run asks again. Raises BrokenError and CannotAskError; then nothing was written.
    """
    known, reading = ledger.parts().get(NAME), reading_of(account)
    if known and (known.stamp, known.reading) == (str(today), reading):
        return f"{NAME} was asked today already; no call was made", None
    span = Days(_begin(today, 1 if known and known.reading == reading else _PAST_MONTHS), today - timedelta(days=1))
    if dry_run:
        return f"would ask {NAME} for {span}, with at most {explorer.most_calls} calls; dry run, nothing was asked", None
    with tempfile.TemporaryDirectory(prefix="upkeep-costs-") as made:
        rows, entries = Path(made) / "rows.csv", Path(made) / "entries.csv"
        count = _write_rows(rows, _rows(account, explorer, span, progress))
        if not count:
            raise BrokenError(
                f"{NAME} has 0 rows for {account.name} in {span}", "see whether this account has costs", retry=False
            )
        with duckdb_session(memory_mb << 20, threads=2, spill=Path(made) / "spill") as session:
            form = FocusForm(account.tag_keys[:1])
            file = examined(session, NAME, rows, form)
            write_entries(session, [Counted(file, None)], [span], form, entries)
        progress("merge", f"{count:,} rows after {explorer.calls} calls")
        part = Part(NAME, str(today), reading, None, span, count)
        imported = Imported(
            what=f"{explorer.calls} calls of {NAME}", file=entries, days=(span,), source_rows=count, parts=(part,)
        )
        return imported.what, ledger.merge(imported, account.closes_after_days)


def _begin(today: date, months: int) -> date:
    month = today.year * 12 + today.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)


def _rows(account: Account, explorer: CostExplorer, span: Days, progress: Progress) -> Iterator[dict[str, Any]]:
    """Rows of every record type; what they add up to is compared with what the types alone add up to."""
    by = ({"Type": "DIMENSION", "Key": "RECORD_TYPE"}, {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"})
    whole: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    accounts: dict[str, set[str]] = defaultdict(set)
    for group in explorer.daily(span.first, span.last, by):
        kind, linked = group.keys
        accounts[kind].add(linked)
        whole[kind, group.amounts["UnblendedCost"][1]] += _billed(group)
    for question in _questions(account, accounts):
        progress("ask", f"{question.kind} {question.sub_account or ''}".strip())
        for group in explorer.daily(span.first, span.last, question.by, question.only):
            whole[question.kind, group.amounts["UnblendedCost"][1]] -= _billed(group)
            yield _row(account, question, group)
    off = {name: left for name, left in whole.items() if abs(left) >= _CENT}
    if off:
        (kind, currency), left = next(iter(off.items()))
        reason = f"{NAME} gave details of {kind} that miss {left} {currency} of its total; nothing was kept"
        raise BrokenError(reason, "it changed while it was asked; asked again it adds up", retry=True)


def _questions(account: Account, accounts: Mapping[str, set[str]]) -> Iterator[Question]:
    """Two groups are all that AWS allows: with a tag, the account is what each call is limited to."""
    service = {"Type": "DIMENSION", "Key": "SERVICE"}
    for kind, linked in sorted(accounts.items()):
        only = {"Dimensions": {"Key": "RECORD_TYPE", "Values": [kind]}}
        if not account.tag_keys:
            yield Question(kind, (service, {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}), only, None)
            continue
        for name in sorted(linked):
            both = {"And": [only, {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [name]}}]}
            yield Question(kind, (service, {"Type": account.grouping, "Key": account.tag_keys[0]}), both, name)


def _row(account: Account, question: Question, group: Group) -> dict[str, Any]:
    service, second = group.keys
    key = account.tag_keys[0] if question.sub_account else ""
    value = second.removeprefix(f"{key}$")
    tags = {key: value} if key and value else {}
    billed, currency = group.amounts["UnblendedCost"]
    return {
        "ChargePeriodStart": group.day, "BillingPeriodStart": group.day.replace(day=1), "BilledCost": billed,
        "EffectiveCost": group.amounts["AmortizedCost"][0], "BillingCurrency": currency, "BillingAccountId": account.name,
        "SubAccountId": question.sub_account or second, "ServiceName": service if service != "NoService" else "",
        "ChargeCategory": _CATEGORIES.get(question.kind, "Adjustment"),
        "CommitmentDiscountStatus": "Used" if question.kind in _USED else "", "ProviderName": "AWS",
        "Tags": json.dumps(tags), "x_Estimated": str(group.estimated).lower(),
    }  # fmt: skip


def _billed(group: Group) -> Decimal:
    return Decimal(group.amounts["UnblendedCost"][0])


def _write_rows(path: Path, rows: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> int:
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
