"""The columns that a file of charges has, and by which names FOCUS knows them in each of its versions."""

from collections.abc import Mapping
from dataclasses import dataclass

# Names by which a column went in other versions of FOCUS and in previews of it, the present one first.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "billed": ("BilledCost",),
    "effective": ("EffectiveCost", "AmortizedCost"),
    "contracted": ("ContractedCost",),
    "list": ("ListCost",),
    "quantity": ("PricingQuantity",),
    "unit": ("PricingUnit",),
    "currency": ("BillingCurrency",),
    "begins": ("ChargePeriodStart",),
    "period": ("BillingPeriodStart",),
    "category": ("ChargeCategory", "ChargeType"),
    "class": ("ChargeClass",),
    "provider": ("ProviderName", "ServiceProviderName", "Provider", "InvoiceIssuerName"),
    "billing_account": ("BillingAccountId",),
    "sub_account": ("SubAccountId",),
    "sub_account_name": ("SubAccountName",),
    "service": ("ServiceName",),
    "region": ("RegionId", "Region", "RegionName"),
    "commitment": ("CommitmentDiscountId",),
    "commitment_status": ("CommitmentDiscountStatus",),
    "pricing": ("PricingCategory",),
    "tags": ("Tags",),
    "estimated": ("x_Estimated",),
}
REQUIRED = ("billed", "currency", "begins", "period", "category", "billing_account")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file: name as it stands there and DuckDB's type, by name in lower case."""

    columns: tuple[tuple[str, str], ...]

    def find(self, what: str) -> tuple[str, str] | None:
        """The column that is this, or None."""
        here = {name.lower(): (name, kind) for name, kind in self.columns}
        return next((here[alias.lower()] for alias in ALIASES[what] if alias.lower() in here), None)

    def is_text(self, what: str) -> bool:
        """Whether this column is here, and as text: what stands in it may then be anything."""
        column = self.find(what)
        return column is not None and column[1].upper() == "VARCHAR"
