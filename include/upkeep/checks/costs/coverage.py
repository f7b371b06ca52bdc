"""Which share of the usage of services commitments covered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from upkeep.answer import Finding, Metric, Severity
from upkeep.humanize import money
from upkeep.sources.rows import Rows
from upkeep.units import Unit


@dataclass(frozen=True, slots=True)
class Covered:
    """
    One service: what commitments covered and what was on demand, in effective cost of `n` entries of the ledger.

    Where it is counted in hours, `paid` is what those on demand cost.
    """

    service: str
    currency: str
    covered: Decimal
    on_demand: Decimal
    n: int
    paid: Decimal | None = None

    @property
    def cost(self) -> Decimal:
        """What was paid on demand."""
        return self.on_demand if self.paid is None else self.paid

    @property
    def share(self) -> float:
        """Covered of both."""
        return float(self.covered / (self.covered + self.on_demand))


def coverage(rows: Rows, about: Mapping[str, Any]) -> list[Covered]:
    """Services of which commitments cover something. Raises BrokenError."""
    return [each for each in rows(__file__, Covered, about) if each.covered > 0]


def metrics(found: Sequence[Covered]) -> Iterator[Metric]:
    """A share for each."""
    for each in found:
        yield Metric(
            name="commitment_coverage", value=each.share, unit=Unit.SHARE, n=each.n,
            labels={"service": each.service, "currency": each.currency},
            numerator=float(each.covered), denominator=float(each.covered + each.on_demand),
        )  # fmt: skip


def findings(found: Sequence[Covered], least: float, min_amount: Decimal) -> Iterator[Finding]:
    """Services that are covered too little for what they cost on demand."""
    for each in found:
        if each.share < least and each.cost >= min_amount:
            paid = money(each.cost, each.currency)
            yield Finding(
                rule="coverage_low", object=f"{each.service} ({each.currency})", severity=Severity.LOW,
                title=f"commitments cover {each.share:.0%} of {each.service} (limit {least:.0%}); {paid} were not",
                remedy="see whether that use is steady (docs/queries/commitments-coverage.sql) before committing to more of it",
                value=each.share, limit=least, unit=Unit.SHARE,
            )  # fmt: skip
