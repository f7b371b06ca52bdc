"""A service that people or programs send requests to: a web site, an API, a worker behind it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias, Union

from pydantic import Field, field_validator

from upkeep.delivery.place import DeploymentPlace
from upkeep.delivery.registry import deployment_places
from upkeep.errors import UpkeepError
from upkeep.field_types import Name, Seconds
from upkeep.need import Need
from upkeep.signals.alerts import AlertPlace
from upkeep.signals.cache import CachePlace
from upkeep.signals.infrastructure import InfrastructurePlace
from upkeep.signals.laboratory import LaboratoryPlace
from upkeep.signals.place import SignalPlace
from upkeep.signals.registry import places
from upkeep.signals.usage import UsageMeasure
from upkeep.signals.vitals import VitalsPlace
from upkeep.sources.connections import Connections
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.objective import AVAILABLE, Objective, with_names_of_their_own
from upkeep.targets.target import Target

if TYPE_CHECKING:
    ReadFrom: TypeAlias = SignalPlace
    DeployedFrom: TypeAlias = DeploymentPlace
else:
    ReadFrom = Annotated[Union[places()], Field(discriminator="kind")]  # noqa: UP007 - made of what was found
    DeployedFrom = Annotated[Union[deployment_places()], Field(discriminator="kind")]  # noqa: UP007 - likewise


class Service(Target):
    """One service: where its signals are read, what is expected of it, and what it is made of."""

    section: ClassVar[str] = "services"
    names: ClassVar[Mapping[str, str]] = {"databases": "databases", "repositories": "repositories"}

    signals: ReadFrom = Field(description="Where its requests, errors and latency are read")
    slow: Seconds = Field(default=0.5, description="An answer that takes longer is slow, such as 500 ms")
    objectives: tuple[Objective, ...] = Field(
        default=(AVAILABLE,), description="What is promised; by default 99.9 % of requests without error over 30 days"
    )
    watched: tuple[Name, ...] = Field(
        default=(), description="Names of further metrics of it or its databases in which anomalies are looked for"
    )
    databases: tuple[Name, ...] = Field(default=(), description="Names of databases of this file that it asks")
    repositories: tuple[Name, ...] = Field(default=(), description="Names of repositories of this file that it is built from")
    deployments: tuple[DeployedFrom, ...] = Field(default=(), description="Where its deployments are read")

    alerts: tuple[AlertPlace, ...] = Field(default=(), description="Where its alerts are evaluated and silenced")
    usage: tuple[UsageMeasure, ...] = Field(default=(), description="Numbers of its use, by SQL or PromQL")
    vitals: VitalsPlace | None = Field(default=None, description="Where web vitals that browsers measured are read")
    laboratory: LaboratoryPlace | None = Field(
        default=None, description="Where CI leaves what it measured of pages and bundles: Lighthouse, size-limit, bundlewatch"
    )
    infrastructure: tuple[InfrastructurePlace, ...] = Field(default=(), description="What it runs on, as Prometheus tells it")
    caches: tuple[CachePlace, ...] = Field(default=(), description="Its caches, as Prometheus tells of them")

    _named = field_validator("objectives")(with_names_of_their_own)

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:  # noqa: ARG002 - rights are found by asking
        """Ask each place that it names for one line. Nothing is judged."""
        yield self._examined("signals", partial(_checked, self.signals, connections))
        for place in self.deployments:
            yield self._examined("deployments", partial(_checked, place, connections))
        places = {name: getattr(self, name) for name in ("infrastructure", "caches", "alerts", "usage")}
        single = {name: [place] for name in ("vitals", "laboratory") if (place := getattr(self, name)) is not None}
        for about, each in {**places, **single}.items():
            for place in each:
                yield self._examined(about, partial(place.check, connections))

    def _examined(self, about: str, check: Callable[[], str]) -> Diagnosis:
        try:
            text, remedy, level = check(), "", Level.OK
        except UpkeepError as error:
            text, remedy, level = str(error), getattr(error, "remedy", ""), Level.NO
        return Diagnosis(subject=self.name, about=about, level=level, text=text, remedy=remedy, field=about, unmet=None)


def _checked(place: SignalPlace | DeploymentPlace, connections: Connections) -> str:
    return place.open(connections).check()
