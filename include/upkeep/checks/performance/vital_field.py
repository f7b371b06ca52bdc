"""What browsers measured: each vital of a device judged by its percentile's interval."""

from collections.abc import Iterator

from upkeep.answer import Finding, Metric, Severity
from upkeep.checks.performance.vital_part import VitalPart
from upkeep.checks.performance.vital_row import LIMITS, WebVital, web_vital_rows
from upkeep.checks.performance.vital_units import REMEDIES, UNITS, written
from upkeep.humanize import plural, share
from upkeep.signals.vital_values import Vitals
from upkeep.units import Unit

_SECONDS = {"lcp": 20.0, "inp": 5.0}
"""No browser's 75th percentile is as few milliseconds: these are seconds."""
_REMEDY = "see whether pages send their vitals, and to the path, table or folder that is declared"


def field_part(told: Vitals, min_samples: int) -> VitalPart:
    """Rows, metrics and findings; unknown where nothing has enough page views and nothing is published."""
    every = list(web_vital_rows(told.counts))
    rows = [row for row in every if row.samples < min_samples or row.p75_high >= _SECONDS.get(row.vital, 0)]
    odd = tuple(_in_seconds(row) for row in every if row not in rows)
    judged = [row for row in rows if row.samples >= min_samples]
    said = (*(_said(row, min_samples) for row in rows), *told.notes)
    known = bool(judged or told.published)
    return VitalPart(
        "; ".join(said) if known else "",
        tuple(finding for row in judged for finding in _findings(row)),
        tuple(metric for row in judged for metric in _metrics(row)),
        tuple(rows),
        unknown=(*odd, *told.unknown) if known else (*said, *odd, *told.unknown) or ("no page view was measured",),
        remedy=_REMEDY,
    )


def _findings(row: WebVital) -> Iterator[Finding]:
    good, poor = LIMITS[row.vital]
    if row.p75_low <= good:
        return
    is_poor = row.p75_low > poor
    limit = poor if is_poor else good
    yield Finding(
        rule="vital_poor" if is_poor else "vital_not_good",
        object=f"{row.vital} {row.device}",
        severity=Severity.MEDIUM if is_poor else Severity.LOW,
        title=f"a quarter of {plural(row.samples, 'page view')} had {row.vital.upper()} of {_value(row, row.p75)} or more "
        f"(limit {_value(row, limit)}), {share(row.good / row.samples)} were good",
        remedy=REMEDIES[row.vital],
        value=row.p75,
        limit=limit,
        unit=UNITS[row.vital],
    )


def _said(row: WebVital, least: int) -> str:
    name = f"{row.vital.upper()} {row.device}"
    if row.samples < least:
        return f"{name} unknown: {plural(row.samples, 'page view')}"
    return f"{name} {_value(row, row.p75)} ({_value(row, row.p75_low)} to {_value(row, row.p75_high)})"


def _in_seconds(row: WebVital) -> str:
    return f"{row.vital.upper()} {row.device} unknown: {row.p75:.3g} looks like seconds, and milliseconds are asked for"


def _value(row: WebVital, value: float) -> str:
    return written(value, UNITS[row.vital])


def _metrics(row: WebVital) -> Iterator[Metric]:
    labels = {"device": row.device, "vital": row.vital}
    yield Metric(name="web_vital_p75", value=row.p75, unit=UNITS[row.vital], labels=labels, n=row.samples)
    yield Metric(
        name="web_vital_good",
        value=row.good / row.samples,
        unit=Unit.SHARE,
        labels=labels,
        numerator=row.good,
        denominator=row.samples,
        n=row.samples,
    )
