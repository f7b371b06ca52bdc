"""Numbers of a service that their own past does not explain."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from upkeep.answer import Answer
from upkeep.checks.service.anomalies_said import finding, newest, precision_metrics, record, summary
from upkeep.checks.service.near_deployments import deployments
from upkeep.duty import check
from upkeep.objectives.minutes import stored_minutes
from upkeep.objectives.stored_series import Asked, daily
from upkeep.objectives.unusual import unusual, young
from upkeep.objectives.verdicts import precisions
from upkeep.objectives.watched import Least, Watched, hourly
from upkeep.sources.rows import Rows
from upkeep.targets.service import Service
from upkeep.window import Cadence, Window

PAST = timedelta(days=56)


@check(Cadence.DAILY, owner="service", after=("golden_signals", "infrastructure", "cache", "usage", "import_deployments"))
def anomalies(
    service: Service,
    rows: Rows,
    window: Window,
    *,
    rare_hour: float = 0.0001,
    rare_day: float = 0.001,
    least_seen: float = 0.9,
    least_requests: int = 200,
    least_share: float = 0.2,
    least_difference: float = 0.01,
    duties: str = "infrastructure cache usage",
) -> Answer:
    """
    Numbers of a service that their own past does not explain.

    Requests, the share of errors and of slow answers are judged hour by hour, the 95th percentile of latency and what `duties`
    stored about the service and its databases day by day, and the metrics that the service names in `watched`. A finding says
    what was expected, what came since when, how sure that is, what else moved at the same time, and which deployments came
    before. Hours of which less than `least_seen` was seen are left out, as are shares of fewer than `least_requests`;
    differences below `least_share` of what was expected, or `least_difference` of a share, are not told. In the first two weeks
    nothing is. People say in the weekly review which were real; a rule that was mostly wrong is told as low.
    """
    least = Least(least_seen, least_requests, least_share, least_difference)
    series = list(_series(service, rows, window, least, duties.split()))
    old = [each for each in series if not young(each)]
    if not old:
        return Answer.unknown(_too_young(series), "let golden_signals read the service for two weeks, or backfill them")
    rare = {"hour": rare_hour, "day": rare_day}
    found = [one for each in old for one in unusual(each, window, rare[each.step])]
    known, near = precisions(rows, window.end), {id(one): deployments(rows, service.name, one) for one in found}
    return Answer.judged(
        summary(series, found),
        findings=newest([finding(one, found, near[id(one)], known) for one in found]),
        metrics=precision_metrics(known),
        records=[record(one, found, near[id(one)]) for one in found],
    )


def _series(service: Service, rows: Rows, window: Window, least: Least, duties: Sequence[str]) -> Iterator[Watched]:
    minutes = stored_minutes(rows, service.name, Window(min(window.start, window.end - PAST), window.end))
    yield from hourly(minutes, least)
    targets = (service.name, *service.databases)
    yield from daily(rows, Asked(service.name, targets, duties, service.watched), window, least)


def _too_young(series: Sequence[Watched]) -> str:
    hours = max((each.known for each in series if each.step == "hour"), default=0)
    return f"too short a past: {hours} hours were seen well enough until the window's end, of 336 that are needed"
