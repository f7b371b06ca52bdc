"""Which metrics of CloudWatch tell the requests, errors and latency of a service, by what serves it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Words = tuple[str, ...]


class MetricSet(BaseModel):
    """
    Names of metrics of one namespace; those of a list are added up.

    Several for `requests` where no metric counts them all, so that errors are never more than requests.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    namespace: str = Field(min_length=1, description="Such as AWS/ApplicationELB")
    requests: Words = Field(min_length=1, description="Counts that make up all requests")
    errors: Words = Field(default=(), description="Counts of requests that the service failed")
    refused: Words = Field(default=(), description="Counts of requests that it refused, such as HTTP 4xx")
    latency: str | None = Field(default=None, description="Metric of the time that an answer took")
    latency_unit: Literal["s", "ms"] = Field(default="s", description="Unit of latency")

    @model_validator(mode="after")
    def _counts_once(self) -> "MetricSet":
        if set(self.errors) & set(self.refused):
            raise ValueError("a metric stands in errors and in refused")
        return self

    @property
    def counts(self) -> Words:
        """Every count that is asked, each once."""
        return tuple(dict.fromkeys((*self.requests, *self.errors, *self.refused)))

    @property
    def seconds(self) -> float:
        """What one unit of latency is."""
        return 0.001 if self.latency_unit == "ms" else 1.0


_TARGET = tuple(f"HTTPCode_Target_{kind}XX_Count" for kind in "2345")
_BALANCER = tuple(f"HTTPCode_ELB_{kind}XX_Count" for kind in "345")
SETS = {
    # RequestCount leaves out what no target was chosen for, such as a 503 without any: answers are counted instead.
    "alb": MetricSet(
        namespace="AWS/ApplicationELB",
        requests=(*_TARGET, *_BALANCER),
        errors=("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"),
        refused=("HTTPCode_Target_4XX_Count", "HTTPCode_ELB_4XX_Count"),
        latency="TargetResponseTime",
    ),
    # A network balancer knows connections, not requests; resets that it sent itself are its failures.
    "nlb": MetricSet(
        namespace="AWS/NetworkELB",
        requests=("NewFlowCount",),
        errors=("TCP_ELB_Reset_Count",),
    ),
    "api_gateway": MetricSet(
        namespace="AWS/ApiGateway",
        requests=("Count",),
        errors=("5XXError",),
        refused=("4XXError",),
        latency="Latency",
        latency_unit="ms",
    ),
    "http_api": MetricSet(
        namespace="AWS/ApiGateway", requests=("Count",), errors=("5xx",), refused=("4xx",), latency="Latency", latency_unit="ms"
    ),
    # What was throttled was not invoked: callers see it fail all the same.
    "lambda": MetricSet(
        namespace="AWS/Lambda",
        requests=("Invocations", "Throttles"),
        errors=("Errors", "Throttles"),
        latency="Duration",
        latency_unit="ms",
    ),
    # As Service Connect counts them.
    "ecs": MetricSet(
        namespace="AWS/ECS",
        requests=tuple(f"HTTPCode_Target_{kind}XX_Count" for kind in "2345"),
        errors=("HTTPCode_Target_5XX_Count",),
        refused=("HTTPCode_Target_4XX_Count",),
        latency="TargetResponseTime",
        latency_unit="ms",
    ),
}
