"""Percentiles that others published: judged as they are, since nobody says how many page views they come from."""

from collections.abc import Iterator, Sequence

from upkeep.answer import Finding, Metric, Severity
from upkeep.checks.performance.vital_part import VitalPart
from upkeep.checks.performance.vital_row import LIMITS
from upkeep.checks.performance.vital_units import REMEDIES, UNITS, written
from upkeep.formats.crux_record import Published
from upkeep.humanize import share


def published_part(vitals: Sequence[Published]) -> VitalPart:
    """Metrics and findings of their own: `published` stands in the object of each."""
    return VitalPart(
        "; ".join(f"published {_name(each)} {written(each.p75, UNITS[each.vital])}" for each in vitals),
        tuple(finding for each in vitals for finding in _findings(each)),
        tuple(
            Metric(
                name="web_vital_published",
                value=each.p75,
                unit=UNITS[each.vital],
                labels={"device": each.device, "vital": each.vital, "of": each.of},
            )
            for each in vitals
        ),
    )


def _name(each: Published) -> str:
    return f"{each.vital.upper()} {each.device}" + (f" {each.of}" if each.of else "")


def _findings(each: Published) -> Iterator[Finding]:
    good, poor = LIMITS[each.vital]
    if each.p75 <= good:
        return
    limit, unit = (poor if each.p75 > poor else good), UNITS[each.vital]
    fine = f", {share(each.good)} were good" if each.good is not None else ""
    yield Finding(
        rule="vital_poor" if each.p75 > poor else "vital_not_good",
        object=f"{each.vital} {each.device} published" + (f" {each.of}" if each.of else ""),
        severity=Severity.MEDIUM if each.p75 > poor else Severity.LOW,
        title=f"a quarter of page views had {each.vital.upper()} of {written(each.p75, unit)} or more (limit "
        f"{written(limit, unit)}){fine}, as the Chrome UX Report has it",
        remedy=REMEDIES[each.vital],
        value=each.p75,
        limit=limit,
        unit=unit,
    )
