"""The week's trends: services beside the week before and beside the same week a year before."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from upkeep.humanize import plural, share
from upkeep.reports.report import Report, report
from upkeep.reports.section import Section
from upkeep.reports.sections.costs_digest import costs_digest
from upkeep.reports.spark import spark
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_COLUMNS = ("service", "requests:", "week", "before:", "a year before:", "failed:", "before:", "slow:", "before:", "seen:")
_SEEN = 0.95


@dataclass(frozen=True, slots=True)
class Week:
    """A service in a week; `period` is 0 for the window, 1 for the week before, 2 for 52 weeks before."""

    service: str
    period: int
    requests: int
    errors: int
    slow: int | None
    minutes: int
    minutes_seen: int
    minutes_of_period: int
    requests_by_day: list[int]

    @property
    def seen(self) -> float:
        """The share of the week's minutes that were seen, days without any row included."""
        return self.minutes_seen / self.minutes_of_period

    @property
    def rate(self) -> float | None:
        """Requests a minute that was seen; None when none was."""
        return self.requests / self.minutes_seen if self.minutes_seen else None

    @property
    def failed(self) -> str:
        """Which share of requests failed, for people."""
        return share(self.errors / self.requests) if self.requests else ""

    @property
    def late(self) -> str:
        """Which share of requests was slow, for people; empty where that is not known."""
        return share(self.slow / self.requests) if self.requests and self.slow is not None else ""


Weeks = Mapping[int, Week]


@report(Cadence.WEEKLY)
def trends(rows: Rows, window: Window) -> Report | None:
    """
    Services week against week, and what the week cost. None where there is neither.

    Weeks are compared by requests a minute that was seen, so that a gap of the source is no fall. Latency is compared by the
    share of requests over the limit of the service, by counts: percentiles of days cannot be added.
    """
    by_service: dict[str, dict[int, Week]] = defaultdict(dict)
    for week in rows(__file__, Week, {"start": window.start, "end": window.end}):
        by_service[week.service][week.period] = week
    told = {service: weeks for service, weeks in by_service.items() if 0 in weeks}
    parts = [_services(told)] if told else []
    spend = costs_digest.make(rows, window)
    parts += [spend] if spend else []
    if not parts:
        return None
    title = f"Trends, {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}"
    return Report(title=title, headline=" ".join(part.text.rstrip(".") + "." for part in parts), sections=tuple(parts))


def _services(told: Mapping[str, Weeks]) -> Section:
    table = tuple(_cells(weeks) for _, weeks in sorted(told.items()))
    return Section(title="Services", text=_text(told), columns=_COLUMNS, rows=table, page="services")


def _cells(weeks: Weeks) -> tuple[str, ...]:
    now, before = weeks[0], weeks.get(1)
    return (
        now.service,
        f"{now.requests:,}",
        spark(list(map(float, now.requests_by_day))),
        _change(now, before),
        _change(now, weeks.get(2)),
        now.failed,
        before.failed if before else "",
        now.late,
        before.late if before else "",
        share(now.seen),
    )


def _change(now: Week, before: Week | None) -> str:
    """How much more a minute; a week that was seen in part is marked, one that was not is none to compare with."""
    if before is None or now.rate is None or not before.rate:
        return "unknown"
    part = "" if min(now.seen, before.seen) >= _SEEN else " (seen in part)"
    return f"{now.rate / before.rate - 1:+.1%}{part}"


def _text(told: Mapping[str, Weeks]) -> str:
    """Requests of all, and whose share of failures grew most."""
    requests, errors = (sum(getattr(weeks[0], name) for weeks in told.values()) for name in ("requests", "errors"))
    worse = [(_grown(weeks), service) for service, weeks in told.items() if _grown(weeks) > 0]
    failed = f", {share(errors / requests)} failed" if requests else ""
    most = f"; failures grew most at {max(worse)[1]}" if worse else ""
    return f"{plural(requests, 'request')} to {plural(len(told), 'service')}{failed}{most}"


def _grown(weeks: Weeks) -> float:
    shares = [week.errors / week.requests for period in (0, 1) if (week := weeks.get(period)) and week.requests]
    return shares[0] - shares[1] if len(shares) == 2 else 0.0  # noqa: PLR2004 - both weeks
