"""Measures: what people did to spend less, each about some charges of an account."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

from upkeep.humanize import money

OTHER_SPEND, DAYS, OWN_UNITS = "other spend", "days", "own units"
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """
    One measure. The fields are columns of `upkeep.measure`.

    Its charges are those of `sub_account`, `service`, `region` and `tags`, where given, in `currency`. `normalised_by` is a unit
    of the ledger, OTHER_SPEND or DAYS; None stands for the units of its own charges. With `driver_service` it is the quantity of
    that service. `expected_saving` is money a month.
    """

    account: str
    name: str
    what: str
    taken_on: date
    taken_by: str
    currency: str
    sub_account: str | None = None
    service: str | None = None
    region: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    resource: str | None = None
    expected_saving: Decimal | None = None
    normalised_by: str | None = None
    driver_service: str | None = None
    source: str = COMMAND_LINE
    opportunity: str | None = None
    ended_on: date | None = None
    ended_why: str | None = None

    def covers(self, sub_account: str, service: str, region: str | None, tags: Mapping[str, str], currency: str) -> bool:
        """Whether charges are among those that it is about."""
        named = ((self.sub_account, sub_account), (self.service, service), (self.region, region), (self.currency, currency))
        return all(ours in {None, theirs} for ours, theirs in named) and all(tags.get(k) == v for k, v in self.tags.items())

    @property
    def basis(self) -> str:
        """What costs are set against, in words."""
        by = self.normalised_by or OWN_UNITS
        return f"{by} of {self.driver_service}" if self.driver_service else by

    @property
    def scope(self) -> str:
        """The charges that it is about, in words."""
        named = [text for text in (self.sub_account, self.service, self.region) if text]
        return ", ".join([*named, *(f"{key}={value}" for key, value in sorted(self.tags.items()))]) or "the whole account"

    @property
    def expected(self) -> str:
        """Such as "120.00 EUR a month", or nothing."""
        return "" if self.expected_saving is None else f"{money(self.expected_saving, self.currency)} a month"

    def differences(self, other: "Measure") -> list[str]:
        """What it says otherwise than another of this name, a text each; whether it has ended is no difference."""
        mine, theirs = asdict(self), asdict(other)
        names = [name for name in mine if not name.startswith("ended")]
        return [f"{name} {mine[name]} instead of {theirs[name]}" for name in names if mine[name] != theirs[name]]
