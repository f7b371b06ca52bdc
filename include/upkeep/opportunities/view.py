"""What a rule sees of an account: its resources and metrics in one region, its prices, its ledger, and what people declared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from upkeep.errors import CannotAskError
from upkeep.opportunities.prices import LedgerDay, Price, Priced, Prices, Service
from upkeep.sources.aws_metrics import MetricAsked, MetricSeries, metric_series, whole_days
from upkeep.sources.aws_reading import AwsReader

GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is looked back, days, and which tags (`key` or `key=value`) say that a resource is for development."""

    days: int = 30
    development_tags: tuple[str, ...] = ()


@dataclass
class View:
    """
    One region of an account, at a moment.

    Every method that asks AWS raises BrokenError, and CannotAskError for a right that is missing.
    """

    region: str
    now: datetime
    limits: Limits
    prices: Prices
    reader: Callable[[str, str], AwsReader] | None = None
    ledger: Sequence[LedgerDay] = ()
    claimed: Mapping[str, Decimal] = field(default_factory=dict)
    seen: dict[Any, list[Mapping[str, Any]]] = field(default_factory=dict)

    def aws(self, service: str) -> AwsReader:
        """Calls of a service in this region."""
        if self.reader is None:
            raise CannotAskError(f"{service} is not asked about this account", "declare api_connection")
        return self.reader(service, self.region)

    def listed(self, service: str, operation: str, key: str, **asked: Any) -> list[Mapping[str, Any]]:
        """Every entry of a listing; several rules that list the same share one listing."""
        about = (service, operation, self.region, repr(sorted(asked.items())))
        if about not in self.seen:
            pages = self.aws(service).pages(operation, **asked)
            self.seen[about] = [entry for page in pages for entry in page.get(key, ())]
        return self.seen[about]

    def metrics(self, asked: Iterable[MetricAsked]) -> dict[MetricAsked, MetricSeries]:
        """Their values over the days looked at."""
        every = list(asked)
        return metric_series(self.aws("cloudwatch"), every, *self.span) if every else {}

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The whole days looked at: start and end (excluded)."""
        return whole_days(self.now, self.limits.days)

    def is_young(self, made: datetime | None) -> bool:
        """Whether it was made within the days looked at; what does not say when is not."""
        return made is not None and made.astimezone(UTC) > self.span[0]

    def gaps(self, series: Iterable[MetricSeries]) -> int:
        """How many days at most have no value, over all of these."""
        return max((each.gaps(*self.span) for each in series), default=0)

    def price(self, priced: Priced, quantity: Decimal | float, region: str | None = None) -> Price:
        """What so much of it costs a month in this region."""
        return self.prices.monthly(priced, Decimal(str(quantity)), region or self.region)

    def is_development(self, tags: Mapping[str, str]) -> str | None:
        """The declared tag that says so, or None."""
        return tag_of(tags, self.limits.development_tags)

    def days_of(self, service: Service) -> list[LedgerDay]:
        """Its days in the ledger, in every region."""
        return [each for each in self.ledger if service.is_it(each.service)]


def tag_of(tags: Mapping[str, str], declared: Iterable[str]) -> str | None:
    """The first declared tag, `key` or `key=value`, that is among these; values are compared without case."""
    for each in declared:
        key, separator, value = (each, "", "") if each in tags else each.partition("=")
        if key in tags and (not separator or tags[key].lower() == value.lower()):
            return f"{key}={tags[key]}"
    return None


def tags_of(entry: Mapping[str, Any], key: str = "Tags") -> dict[str, str]:
    """Tags as AWS lists them, as a mapping."""
    return {str(each["Key"]): str(each.get("Value", "")) for each in entry.get(key) or ()}


def named(tags: Mapping[str, str], resource: str) -> str:
    """A resource with its name, where it has one."""
    name = " ".join(tags.get("Name", "").split())
    return f"{resource} ({name[:60]})" if name else resource
