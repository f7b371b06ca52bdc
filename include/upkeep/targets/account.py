"""A cloud account, or a family of them, whose costs are read: from exports in a folder or bucket, or from the provider."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from upkeep.field_types import ConnectionId
from upkeep.need import Need
from upkeep.sources.connections import Connections
from upkeep.targets.cost_rules import Budget, Commitment, CsvColumns, Currency, Region, SharedCost, TagKey
from upkeep.targets.diagnosis import Diagnosis
from upkeep.targets.target import Target

_DEVELOPMENT = tuple(
    f"{key}={value}" for key in ("environment", "Environment", "env", "stage") for value in ("dev", "development", "test")
)


class Account(Target):
    """One bill: `source` says whether it is read from FOCUS exports, from other CSV files, or asked of AWS Cost Explorer."""

    section: ClassVar[str] = "accounts"

    provider: Literal["aws", "azure", "google", "oci", "other"] = Field(description="Whose bill it is")
    source: Literal["focus", "csv", "cost_explorer"] = Field(default="focus", description="Where costs are read")
    place: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9+.-]*://\S+$",
        description="Folder or bucket of the exports: file:///bills, s3://bucket/prefix",
    )
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the bucket or of AWS")
    deliveries: Literal["auto", "manifest", "parts", "snapshots"] = Field(
        default="auto",
        description="manifest: what the newest manifest of a period names; parts: all files together; snapshots: the newest file "
        "of a day counts; auto: manifest where there is one, else parts",
    )
    currency: Currency = Field(default="USD", description="Currency in which budgets are, and which the bill is expected to have")
    tag_keys: tuple[TagKey, ...] = Field(default=(), max_length=20, description="Tags that matter: kept, compared, and missed")
    cost_categories: tuple[TagKey, ...] = Field(
        default=(), max_length=20, description="Those of tag_keys that are cost categories of AWS; only for source cost_explorer"
    )
    shared: tuple[SharedCost, ...] = Field(default=(), description="Costs that the values of a tag share")
    budgets: tuple[Budget, ...] = Field(default=(), description="What may be spent in a month")
    commitments: tuple[Commitment, ...] = Field(default=(), description="When reservations and savings plans end")
    columns: CsvColumns | None = Field(default=None, description="For source csv: which column is what")
    closes_after_days: int = Field(default=5, ge=0, le=60, description="Days after its end from which a month counts as closed")

    api_connection: ConnectionId | None = Field(
        default=None,
        description="Airflow connection to AWS that may describe resources and read metrics, for opportunities",
    )
    regions: tuple[Region, ...] = Field(
        default=(),
        max_length=60,
        description="Regions in which opportunities are looked for; by default those that cost something",
    )
    protected_tags: tuple[TagKey, ...] = Field(
        default=(), max_length=50, description="Tags, key or key=value, of resources that opportunities leave alone"
    )
    development_tags: tuple[TagKey, ...] = Field(
        default=_DEVELOPMENT, max_length=50, description="Tags, key or key=value, of resources that nobody needs at night"
    )

    @model_validator(mode="after")
    def _fits_its_source(self) -> "Account":
        if (self.source != "cost_explorer") != (self.place is not None):
            raise ValueError("source focus and csv need a place; cost_explorer has none")
        if (self.source == "csv") != (self.columns is not None):
            raise ValueError("source csv needs columns, and no other source has them")
        if self.cost_categories and (self.source != "cost_explorer" or not set(self.cost_categories) <= set(self.tag_keys)):
            raise ValueError("cost_categories are some of tag_keys, and only source cost_explorer has them")
        if strange := [rule.tag_key for rule in self.shared if rule.tag_key not in self.tag_keys]:
            raise ValueError(f"shared costs are split by {strange[0]}, which is none of tag_keys")
        if len({budget.name for budget in self.budgets}) != len(self.budgets):
            raise ValueError("two budgets have the same name")
        if self.api_connection is not None and self.provider != "aws":
            raise ValueError("api_connection is for provider aws; resources of others are not described, only their bill is read")
        return self

    @property
    def grouping(self) -> Literal["TAG", "COST_CATEGORY"]:
        """As what Cost Explorer knows the first of `tag_keys`."""
        return "COST_CATEGORY" if self.tag_keys[:1] and self.tag_keys[0] in self.cost_categories else "TAG"

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:  # noqa: ARG002 - rights are the provider's
        """
        Ask Cost Explorer what duties ask (0.01 USD a call), or list the place and open a file; missing rights are named.

        With `api_connection`, each call of opportunities that needs no resource is tried too.
        """
        from upkeep.targets.account_diagnosis import examined

        yield from examined(self, connections)
