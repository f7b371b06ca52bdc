"""How pages load, answer and stay where they are, as browsers measured it, and what CI measured of pages and bundles."""

from collections.abc import Callable, Iterator

from upkeep.answer import Answer
from upkeep.checks.performance.vital_field import field_part
from upkeep.checks.performance.vital_lab import laboratory_part
from upkeep.checks.performance.vital_part import VitalPart, together
from upkeep.checks.performance.vital_published import published_part
from upkeep.duty import check
from upkeep.errors import CannotAskError
from upkeep.signals.vital_values import Vitals
from upkeep.sources.connections import Connections
from upkeep.targets.service import Service
from upkeep.window import Cadence, Window


@check(Cadence.WEEKLY, owner="performance")
def web_vitals(
    service: Service, connections: Connections, window: Window, *, min_samples: int = 200, medium_over: float = 0.25
) -> Answer:
    """
    How pages load, answer and stay where they are, as browsers measured it.

    The 75th percentile of LCP, INP and CLS over page views, mobile and desktop apart, against the limits for good (2.5 s, 200 ms,
    0.1) and poor (4 s, 500 ms, 0.25). It is found when the whole 95 % interval of the percentile lies above a limit, so that a
    few slow phones are no news; fewer than `min_samples` page views are judged by nobody. Browsers that send nothing are not
    seen: not every browser measures each vital. What others publish without how many they measured is judged by its percentile.

    What CI measured of pages and bundles in its laboratory is told apart, and only against budgets: one exceeded is low, by more
    than the share `medium_over` medium. A report from before the window leaves its page or bundles unknown.
    """
    if service.vitals is None and service.laboratory is None:
        return Answer.judged("no web vitals are declared", evidence={"declare": "vitals or laboratory of the service"})
    asked: list[Callable[[], Iterator[VitalPart]]] = []
    if (place := service.vitals) is not None:
        asked.append(lambda: _browsers(place.vitals(connections, window), min_samples))
    if (laboratory := service.laboratory) is not None:
        asked.append(lambda: iter([laboratory_part(laboratory, connections, window, medium_over)]))
    return together([part for ask in asked for part in _parts(ask, alone=len(asked) == 1)])


def _browsers(told: Vitals, min_samples: int) -> Iterator[VitalPart]:
    yield field_part(told, min_samples)
    yield published_part(told.published)


def _parts(ask: Callable[[], Iterator[VitalPart]], *, alone: bool) -> list[VitalPart]:
    """The parts of one source; beside another, one that cannot be asked is unknown by itself."""
    try:
        return list(ask())
    except CannotAskError as error:
        if alone:
            raise
        return [VitalPart("", unknown=(error.reason,), remedy=error.remedy)]
