"""What the inventory says about costs: shared ones, budgets, ends of commitments, and columns of files that are not FOCUS."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from upkeep.field_types import Name
from upkeep.targets.target import Strict

TagKey = Annotated[str, Field(min_length=1, max_length=300)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, such as EUR")]

Region = Annotated[str, Field(pattern=r"^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$", description="Region of AWS, such as eu-central-1")]


def _positive(value: Decimal) -> Decimal:
    if not value.is_finite() or value <= 0:
        raise ValueError("expected an amount above zero")
    return value


Money = Annotated[Decimal, AfterValidator(_positive)]


class SharedCost(Strict):
    """A cost that all values of a tag share, such as support: split by what each value costs itself, or by declared parts."""

    service: Name = Field(description="Service as the source names it, or unassigned")
    tag_key: TagKey = Field(description="One of the account's tag_keys")
    parts: dict[str, Annotated[int, Field(gt=0)]] = Field(
        default_factory=dict,
        description="Parts by value of the tag, such as {shop: 2, blog: 1}; by default in proportion to own cost",
    )


class Budget(Strict):
    """What may be spent in a calendar month."""

    name: Name
    amount: Money = Field(description="Amount a month, in the account's currency")
    service: str | None = Field(default=None, description="Only this service")
    sub_account: str | None = Field(default=None, description="Only this account, subscription or project")
    tag: dict[str, str] = Field(default_factory=dict, description="Only charges with these tags, such as {team: shop}")
    since: date | None = Field(default=None, description="First day for which it holds")


class Commitment(Strict):
    """A reservation or savings plan: exports do not say when it ends."""

    id: str = Field(min_length=1, max_length=300, description="Id as the export has it (CommitmentDiscountId)")
    ends: date = Field(description="Last day")


class CsvColumns(Strict):
    """Which column of a CSV file is what, and how its numbers and dates are written."""

    day: str
    cost: str
    service: str | None = None
    sub_account: str | None = None
    region: str | None = None
    category: str | None = None
    currency: str | None = Field(default=None, description="Column with the currency; by default the account's")
    tags: dict[str, str] = Field(default_factory=dict, description="Column by tag key")
    delimiter: Literal[",", ";", "\t", "|"] = ","
    decimal: Literal[".", ","] = Field(default=".", description="Sign before the cents")
    thousands: Literal["", ",", ".", " ", "'"] = Field(default="", description="Sign between thousands")
    date_format: str = Field(default="%Y-%m-%d", min_length=2, max_length=40, description="As strptime has it: %d.%m.%Y")

    @model_validator(mode="after")
    def _signs_differ(self) -> "CsvColumns":
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same sign: no number could be read")
        return self
