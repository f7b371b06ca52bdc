"""How pages load, answer and stay where they are, as browsers measured it."""

from collections.abc import Iterator

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.performance.vital_row import LIMITS, WebVital, web_vital_rows
from upkeep.duty import check
from upkeep.humanize import plural, share
from upkeep.sources.connections import Connections
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_UNITS = {"lcp": Unit.MILLISECONDS, "inp": Unit.MILLISECONDS, "cls": Unit.TIMES}
_REMEDIES = {
    "lcp": "see the server's time to the first byte, what blocks rendering, and the size of the largest image",
    "inp": "see long tasks of scripts after a click, and what can be done later",
    "cls": "give images and embedded parts their size before they load",
}


@check(Cadence.WEEKLY, owner="performance")
def web_vitals(service: Service, connections: Connections, window: Window, *, min_samples: int = 200) -> Answer:
    """
    How pages load, answer and stay where they are, as browsers measured it.

    The 75th percentile of LCP, INP and CLS over page views, mobile and desktop apart, against the limits for good (2.5 s, 200 ms,
    0.1) and poor (4 s, 500 ms, 0.25). It is found when the whole 95 % interval of the percentile lies above a limit, so that a
    few slow phones are no news; fewer than `min_samples` page views are judged by nobody. Browsers that send nothing are not
    seen: not every browser measures each vital.
    """
    if service.vitals is None:
        return Answer.judged("no web vitals are declared", evidence={"declare": "vitals of the service"})
    told = service.vitals.vitals(connections, window)
    rows = list(web_vital_rows(told.counts))
    judged = [row for row in rows if row.samples >= min_samples]
    text = "; ".join([*(_said(row, min_samples) for row in rows), *told.notes]) or "no page view was measured"
    metrics = [metric for row in judged for metric in _metrics(row)]
    if not judged:
        return Answer.unknown(
            text, "see whether pages send their vitals, and to the path or table that is declared", metrics=metrics
        )
    findings = [finding for row in judged for finding in _findings(row)]
    return Answer.judged(text, findings=findings, metrics=metrics, records=rows)


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
        remedy=_REMEDIES[row.vital],
        value=row.p75,
        limit=limit,
        unit=_UNITS[row.vital],
    )


def _said(row: WebVital, least: int) -> str:
    name = f"{row.vital.upper()} {row.device}"
    if row.samples < least:
        return f"{name} unknown: {plural(row.samples, 'page view')}"
    return f"{name} {_value(row, row.p75)} ({_value(row, row.p75_low)} to {_value(row, row.p75_high)})"


def _value(row: WebVital, value: float) -> str:
    return f"{value:.3g}" if row.vital == "cls" else f"{value:,.0f} ms"


def _metrics(row: WebVital) -> Iterator[Metric]:
    labels = {"device": row.device, "vital": row.vital}
    yield Metric(name="web_vital_p75", value=row.p75, unit=_UNITS[row.vital], labels=labels, n=row.samples)
    yield Metric(
        name="web_vital_good",
        value=row.good / row.samples,
        unit=Unit.SHARE,
        labels=labels,
        numerator=row.good,
        denominator=row.samples,
        n=row.samples,
    )
