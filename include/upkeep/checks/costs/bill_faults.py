"""What a bill's rows lack or say against the FOCUS specification."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from upkeep.answer import Finding, Severity
from upkeep.humanize import money, plural
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.units import Unit

_WORDS: Mapping[str, tuple[Severity, str, str]] = {
    "other_currency": (
        Severity.MEDIUM, "the bill has {n} in {object}, where the inventory says {currency_of}",
        "correct the account's currency, or have the provider bill in one: nothing is converted here",
    ),
    "two_currencies": (
        Severity.MEDIUM, "the invoice {object} has amounts in {currency}: no total of it means anything",
        "read each currency for itself; budgets count only the account's own",
    ),
    "unknown_category": (
        Severity.LOW, "{n} with the charge category {object}, which FOCUS does not have",
        "tell the provider; reports show it under that name",
    ),
    "no_effective_cost": (
        Severity.LOW, "{n} of {object} without an effective cost: what was paid in advance is not spread there",
        "export EffectiveCost too; until then the billed cost stands for it",
    ),
    "commitment_without_status": (
        Severity.LOW, "{n} of the commitment {object} do not say whether it was used",
        "export CommitmentDiscountStatus; without it use and waste cannot be told apart",
    ),
    "no_service": (
        Severity.LOW, "{n} of category {object} name no service; they are kept as unassigned", "see them in upkeep.spend_now",
    ),
    "estimate_in_closed_month": (
        Severity.LOW, "{n} of {object}, a closed month, are still estimates", "import that month again",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault and what it is about; `n` of `of_n` entries of the ledger have it."""

    rule: str
    object: str
    n: int
    of_n: int
    amount: Decimal | None
    currency: str


def faults(account: Account, rows: Rows, first: date, last: date, by: datetime) -> list[Fault]:
    """Every fault of these days, as known by a moment. Raises BrokenError."""
    about = {"account": account.name, "first": first, "last": last, "known_by": by}
    return rows(__file__, Fault, {**about, "currency": account.currency, "closes": account.closes_after_days})


def findings(account: Account, found: Sequence[Fault]) -> Iterator[Finding]:
    """One for each."""
    for fault in found:
        severity, title, remedy = _WORDS[fault.rule]
        entries = plural(fault.n, "entry", "entries")
        message = title.format(n=entries, object=fault.object, currency=fault.currency, currency_of=account.currency)
        amount = f" ({money(fault.amount, fault.currency)})" if fault.amount is not None else ""
        name = fault.object if fault.rule in {"other_currency", "two_currencies"} else f"{fault.object} ({fault.currency})"
        yield Finding(
            rule=fault.rule, object=name, severity=severity, title=f"{message}{amount}", remedy=remedy,
            value=fault.n, unit=Unit.COUNT, details={"of": fault.of_n},
        )  # fmt: skip
