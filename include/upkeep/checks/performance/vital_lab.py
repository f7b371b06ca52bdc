"""What CI's laboratory says of pages and bundles: numbers that are no browser's, and budgets that they exceed."""

from upkeep.answer import Finding, Metric, Severity
from upkeep.checks.performance.vital_part import VitalPart
from upkeep.checks.performance.vital_units import REMEDIES, written
from upkeep.formats.web_reports.report import Measured
from upkeep.humanize import plural
from upkeep.signals.laboratory import Laboratory, LaboratoryPlace
from upkeep.sources.connections import Connections
from upkeep.window import Window

_REMEDY = "have CI measure again and leave the report there; remove reports of pages and bundles that are gone"
_HELPS = {
    **REMEDIES,
    "tbt": REMEDIES["inp"],
    "render_blocking": "load style sheets and scripts later that the first view does not need",
    "bundle": "see what the bundle holds since it was within its budget, and load later what the first view does not need",
}


def laboratory_part(place: LaboratoryPlace, connections: Connections, window: Window, medium_over: float) -> VitalPart:
    """Read and judge it. Raises CannotAskError when there is no file."""
    told = place.measured(connections, window)
    over = [value for value in told.values if value.refused or (value.limit is not None and value.value > value.limit)]
    return VitalPart(
        "; ".join(["laboratory: " + _said(told, len(over)), *told.notes]),
        tuple(_finding(value, medium_over) for value in over),
        tuple(map(_metric, told.values)),
        unknown=told.unknown if told.values or told.unknown else ("no report of Lighthouse, size-limit or bundlewatch",),
        remedy=_REMEDY,
    )


def _said(told: Laboratory, over: int) -> str:
    held = sum(value.limit is not None or value.refused for value in told.values)
    parts = [f"{plural(len(told.values), 'number')} of {plural(told.reports, 'report')}"]
    parts += [f"{over} of {plural(held, 'budget')} exceeded"] if held else ["none over a budget"]
    shown = [value for value in told.values if value.measure in {"lcp", "bundle"}][:3]
    return ", ".join([*parts, *(f"{each.measure} {each.of} {written(each.value, each.unit)}" for each in shown)])


def _finding(value: Measured, medium_over: float) -> Finding:
    limit = value.limit
    budget = f"budget {written(limit, value.unit)}" if limit is not None else "over the budget of its program"
    return Finding(
        rule="budget_exceeded",
        object=f"{value.of}: {value.measure}",
        severity=Severity.MEDIUM if limit is not None and value.value > limit * (1 + medium_over) else Severity.LOW,
        title=f"{value.measure} of {value.of} is {written(value.value, value.unit)} in the laboratory ({budget})",
        remedy=_HELPS.get(value.measure, "make it smaller or later, or change the budget with a reason"),
        value=value.value,
        limit=limit,
        unit=value.unit,
    )


def _metric(value: Measured) -> Metric:
    return Metric(name="laboratory", value=value.value, unit=value.unit, labels={"of": value.of, "measure": value.measure})
