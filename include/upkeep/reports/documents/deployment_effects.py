"""The month's deployments: the signals of their services before and after each, with the change and its interval."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice

from upkeep.delivery.effect import Verdict
from upkeep.humanize import plural, share, span
from upkeep.reports.chart import Chart, Series
from upkeep.reports.report import Report, report
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

MOST_CHARTS = 4
_COLUMNS = ("service", "deployment", "live at (UTC)", "verdict", "requests:", "failed:", "change in points:", "slow:",
            "change in points:", "p95 of the days:", "why")  # fmt: skip
_UNJUDGED = ("service", "environment", "deployments:", "first", "last")
_ORDER = (Verdict.WORSE, Verdict.UNKNOWN, Verdict.BETTER, Verdict.SAME)
_Interval = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Live:
    """One deployment; `verdict` is None when nobody compared it."""

    service: str
    environment: str
    name: str
    live_at: datetime
    verdict: str | None
    reason: str
    before_requests: int
    after_requests: int
    before_errors: int | None
    after_errors: int | None
    errors_change: float | None
    errors_low: float | None
    errors_high: float | None
    before_slow: int | None
    after_slow: int | None
    slow_change: float | None
    slow_low: float | None
    slow_high: float | None
    p95_low_before: float | None
    p95_high_before: float | None
    p95_low_after: float | None
    p95_high_after: float | None
    others: list[str]

    @property
    def place(self) -> tuple[str, str]:
        """Where it went."""
        return self.service, self.environment

    @property
    def moment(self) -> str:
        """When it was live, for people."""
        return f"{self.live_at.astimezone(UTC):%Y-%m-%d %H:%M}"

    @property
    def errors(self) -> _Interval:
        """The change of the share of failed requests, with its interval."""
        return self.errors_low, self.errors_change, self.errors_high

    @property
    def slow(self) -> _Interval:
        """The same of slow answers."""
        return self.slow_low, self.slow_change, self.slow_high


@report(Cadence.MONTHLY)
def deployment_effects(rows: Rows, window: Window) -> Report | None:
    """
    Deployments with the signals before and after each, those that were worse first; None where nothing went live.

    A deployment belongs to the month in which its time after was judged. One that nobody compared is said to be so.
    """
    every = rows(__file__, Live, {"start": window.start, "end": window.end})
    if not every:
        return None
    judged, left = [one for one in every if one.verdict], [one for one in every if not one.verdict]
    parts = [_compared(judged)] if judged else []
    parts += [_unjudged(left)] if left else []
    title = f"Deployments, before and after, {window.start:%Y-%m}"
    return Report(title=title, headline=". ".join(part.text for part in parts) + ".", sections=tuple(parts))


def _compared(judged: Sequence[Live]) -> Section:
    return Section(
        title="Before and after",
        text=_text(judged),
        columns=_COLUMNS,
        rows=tuple(_cells(one) for one in sorted(judged, key=lambda one: _ORDER.index(one.verdict or ""))),
        page="services",
        charts=tuple(islice(_charts(judged), MOST_CHARTS)),
    )


def _text(judged: Sequence[Live]) -> str:
    """How many of each verdict, and where most were worse."""
    counts = Counter(one.verdict for one in judged)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    ((worst, most),) = Counter(one.service for one in judged if one.verdict == Verdict.WORSE).most_common(1) or [("", 0)]
    return f"{plural(len(judged), 'deployment')} compared: {said}" + (f"; worse most often at {worst} ({most})" if most else "")


def _unjudged(left: Sequence[Live]) -> Section:
    table = []
    for place, each in groupby(left, key=lambda one: one.place):
        mine = list(each)
        table.append((*place, f"{len(mine)}", mine[0].moment, mine[-1].moment))
    text = f"{plural(len(left), 'deployment')} that nobody compared: see the answers of deployments, and its environment"
    return Section(title="Not compared", text=text, columns=_UNJUDGED, rows=tuple(table))


def _cells(one: Live) -> tuple[str, ...]:
    """Of two values of a cell the first is of the time before."""
    return (
        f"{one.service} {one.environment}",
        one.name,
        one.moment,
        one.verdict or "",
        f"{one.before_requests:,} → {one.after_requests:,}",
        f"{_share(one.before_errors, one.before_requests)} → {_share(one.after_errors, one.after_requests)}",
        _points(one.errors),
        f"{_share(one.before_slow, one.before_requests)} → {_share(one.after_slow, one.after_requests)}",
        _points(one.slow),
        f"{_bounds(one.p95_low_before, one.p95_high_before)} → {_bounds(one.p95_low_after, one.p95_high_after)}",
        _why(one),
    )


def _why(one: Live) -> str:
    """What the columns do not say: what decided, and what else went live near it."""
    reason = [one.reason] if one.verdict != Verdict.SAME else []
    return "; ".join([*reason, *([f"near it: {', '.join(one.others)}"] if one.others else [])])


def _share(part: int | None, whole: int) -> str:
    return share(part / whole) if part is not None and whole else "unknown"


def _points(change: _Interval) -> str:
    low, middle, high = change
    if low is None or middle is None or high is None:
        return "unknown"
    return f"{100 * middle:+.2f} ({100 * low:+.2f} to {100 * high:+.2f})"


def _bounds(low: float | None, high: float | None) -> str:
    """A percentile as well as its source keeps it."""
    if low is None:
        return "unknown"
    if high is None:
        return f"above {span(low)}"
    return span(low) if low == high else f"{span(low)} to {span(high)}"


def _charts(judged: Sequence[Live]) -> Iterator[Chart]:
    """Errors and slow answers of each place, the one with most that were worse first."""
    places = [list(each) for _, each in groupby(judged, key=lambda one: one.place)]
    for mine in sorted(places, key=lambda each: -sum(one.verdict == Verdict.WORSE for one in each)):
        for what, changes in (("failed requests", [one.errors for one in mine]), ("slow answers", [one.slow for one in mine])):
            if any(middle is not None for _, middle, _ in changes):
                yield _chart(what, mine, changes)


def _chart(what: str, mine: Sequence[Live], changes: Sequence[_Interval]) -> Chart:
    lines = zip(("lowest of interval", "change", "highest of interval"), zip(*changes, strict=True), strict=True)
    return Chart(
        title=f"Change of {what} by each deployment of {' to '.join(mine[0].place)}",
        text=f"After minus before, in the order of deployments, with its interval. {_text(mine)}.",
        unit=f"points of the share of {what}; above 0 it was worse after",
        kind="lines",
        labels=tuple(f"{one.live_at.astimezone(UTC):%d %b}" for one in mine),
        series=tuple(Series(name, tuple(None if each is None else 100 * each for each in line)) for name, line in lines),
        limit=0.0,
    )
