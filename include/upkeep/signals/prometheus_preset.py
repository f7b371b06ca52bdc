"""The names of a service's metrics in Prometheus."""

from functools import cache
from re import fullmatch
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from upkeep.errors import CannotAskError
from upkeep.signals.preset_file import written
from upkeep.sources.prometheus_series import Labels

Outcome = Literal["errors", "refused", "closed", "served"]


class Preset(BaseModel):
    """Which counter counts requests, which of its labels holds the status, and which histogram holds their times."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str = ""
    requests: str
    where: str = ""
    status: tuple[str, ...] = ()
    errors: str = "5..|5xx|5"
    refused: str = "4(?!99)..|4xx|4"
    closed: str = "499"
    histogram: str | None = None
    unit: float = Field(default=1, gt=0)
    route: tuple[str, ...] = ()
    method: tuple[str, ...] = ()

    def outcome(self, labels: Labels) -> Outcome:
        """What became of the requests of a series. Raises CannotAskError when no label says it."""
        status = first(labels, self.status)
        if status is None:
            text = f"{self.requests} has no label {' or '.join(self.status) or 'of a status'}: it has {', '.join(sorted(labels))}"
            raise CannotAskError(text, "name the label of the status as signals.status")
        for outcome in ("closed", "errors", "refused"):
            if fullmatch(getattr(self, outcome), status):
                return outcome
        return "served"

    def endpoint(self, labels: Labels) -> str | None:
        """Method and route of a series; None when it tells no route."""
        route, method = first(labels, self.route), first(labels, self.method)
        return None if route is None else f"{method} {route}" if method else route


def first(labels: Labels, names: tuple[str, ...]) -> str | None:
    """The first of these labels that is there."""
    return next((labels[name] for name in names if labels.get(name)), None)


@cache
def presets() -> dict[str, Preset]:
    """The ready-made ones, by name."""
    return {name: Preset.model_validate(each) for name, each in written("http").items()}
