"""Signals by CloudWatch, of what AWS runs: balancers, gateways, functions, or any metrics that count requests."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from upkeep.field_types import ConnectionId, Seconds
from upkeep.signals.cloudwatch import CloudWatchSignals
from upkeep.signals.cloudwatch_sets import SETS, MetricSet
from upkeep.signals.place import SignalPlace
from upkeep.sources.aws_reading import AwsReader, Patience
from upkeep.sources.connections import Connections

SetName = Literal["alb", "nlb", "api_gateway", "http_api", "lambda", "ecs"]


class CloudWatchPlace(SignalPlace):
    """Metrics of CloudWatch, chosen by what serves the requests, or named one by one."""

    kind: Literal["cloudwatch"]
    region: str = Field(pattern=r"^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$", description="Region of AWS, such as eu-central-1")
    connection: ConnectionId | None = Field(default=None, description="Airflow connection to AWS that may read metrics")
    of: SetName | None = Field(default=None, description="What serves the requests: the metrics follow from it")
    metrics: MetricSet | None = Field(default=None, description="Metrics instead of those of a set")
    dimensions: Mapping[str, str] = Field(
        min_length=1, max_length=30, description="Dimensions as CloudWatch shows them: {LoadBalancer: app/shop/50dc6c495c0c9188}"
    )
    gaps: Literal["unseen", "quiet"] = Field(
        default="unseen",
        description="What a minute without a value is: one that nobody saw, or one without requests. AWS stores neither",
    )
    late: Seconds = Field(default=300, description="Time until a minute is whole; younger ones are not trusted")
    counts_slow: bool = Field(default=True, description="Whether slow answers are counted, by one more metric a minute")

    @model_validator(mode="after")
    def _says_which(self) -> "CloudWatchPlace":
        if (self.of is None) == (self.metrics is None):
            raise ValueError("signals of CloudWatch have either of or metrics")
        return self

    @property
    def asked(self) -> MetricSet:
        """The metrics that are asked."""
        return self.metrics or SETS[str(self.of)]

    @property
    def described(self) -> str:
        """Such as "CloudWatch AWS/ApplicationELB LoadBalancer=app/shop/50dc in eu-central-1"."""
        where = ", ".join(f"{name}={value}" for name, value in sorted(self.dimensions.items()))
        return f"CloudWatch {self.asked.namespace} {where} in {self.region}"

    def open(self, connections: Connections) -> CloudWatchSignals:
        """Nothing is asked yet."""
        reader = AwsReader(connections.aws(self.connection, "cloudwatch", self.region), "cloudwatch", self.region, Patience())
        return CloudWatchSignals(self, reader)
