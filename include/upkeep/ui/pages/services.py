"""Services: traffic, errors and latency of each as small plots, and one service over a month or a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.humanize import share, span
from upkeep.ui import links
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.plots import leading, marked, plot
from upkeep.ui.render import Missing, show
from upkeep.ui.sparkline import Sparkline, sparkline

router = APIRouter()
NAVIGATION = Entry("services", "Services", place=35, templates=("services", "service"))
SIZE, ROW_DAYS = 25, 30
SPANS = (30, 90, 365)
YEAR_DAYS, SHOWN, MOST = 365, 20, 500
DETECTED_S = 300
"""What the mean time to detect is to be below."""
TONES = {"succeeded": "ok", "failed": "high", "rolled back": "high", "cancelled": "unknown", "running": "medium"}
Groups = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """A service of the list: its newest row, the budget used up most, its last deployment, thirty days as small plots."""

    row: Any
    budget: Any
    deployment: Any
    requests: Sparkline | None
    errors: Sparkline | None
    latency: Sparkline | None
    slow: Sparkline | None


@router.get("/services", response_class=HTMLResponse)
def services(request: Request, rows: Snapshot, text: Word = None, page: Number = 1) -> HTMLResponse:
    """Every service of the inventory, those in breach first."""
    found = rows("services", text=text or None, limit=SIZE, offset=(page - 1) * SIZE)
    names = [row.service for row in found]
    days, budgets = _days(rows, names, ROW_DAYS), _grouped(rows("service_budgets", services=names))
    deployed = _grouped(rows("service_deployments", services=names, days=YEAR_DAYS, now=moment(), most=1))
    return show(
        request, "services", found=[_line(row, days, budgets, deployed) for row in found], text=text, days=ROW_DAYS,
        slice=Slice(page, SIZE, total(found)), made_up=rows.one("made_up").until, links=linking("services", {"text": text}),
        error_share=error_share, seconds=span, share=share,
    )  # fmt: skip


@router.get("/service", response_class=HTMLResponse)
def service(request: Request, rows: Snapshot, name: Word = None, days: Number = 30) -> HTMLResponse:
    """One service: its signals over a span, and where each number comes from."""
    found = rows("services", text=None, limit=10_000, offset=0)
    row = next((one for one in found if one.service == name), None)
    if row is None:
        near = links.near(name or "", [one.service for one in found], "service")
        raise Missing("No such service", f'The inventory has no service called "{name or ""}".', near)
    shown = days if days in SPANS else SPANS[0]
    kept = _days(rows, [row.service], shown).get(row.service, ())
    about = {"days": shown, "now": moment()}
    deployed = rows("service_deployments", services=[row.service], most=MOST, **about)
    anomalies = rows("service_anomalies", service=row.service, limit=SHOWN, **about)
    return show(
        request, "service", row=row, days=shown, spans=SPANS, kept=kept, totals=_totals(kept),
        plots=_plots(row.service, kept, _marks(deployed, anomalies)),
        budgets=rows("service_budgets", services=[row.service]), deployed=deployed[:SHOWN], more=max(len(deployed) - SHOWN, 0),
        alerts=rows("service_alerts", service=row.service, limit=SHOWN, **about), tones=TONES,
        detection=rows("service_detection", service=row.service, **about), late=DETECTED_S,
        anomalies=anomalies, endpoints=rows("service_endpoints", service=row.service, limit=SHOWN),
        fired=rows("service_fired", service=row.service, limit=SHOWN, **about),
        made_up=rows.one("made_up").until, links=linking("service", {"name": name, "days": days}),
        error_share=error_share, share=share, seconds=span,
    )  # fmt: skip


def error_share(row: Any) -> float | None:
    """Errors of all requests; None without requests, since nothing is known then."""
    return row.errors / row.requests if row.requests else None


def _slow_share(row: Any) -> float | None:
    return row.slow / row.requests if row.requests and row.slow is not None else None


def _days(rows: Snapshot, names: Sequence[str], days: int) -> Groups:
    return _grouped(rows("service_days", services=list(names), days=days, now=moment()))


def _grouped(found: Sequence[Any]) -> Groups:
    in_order = sorted(found, key=lambda row: str(row.service))
    return {name: list(mine) for name, mine in groupby(in_order, key=lambda row: row.service)}


def _line(row: Any, of_days: Groups, budgets: Groups, deployed: Groups) -> Line:
    days = of_days.get(row.service, ())
    return Line(
        row,
        next(iter(budgets.get(row.service, ())), None),
        next(iter(deployed.get(row.service, ())), None),
        sparkline([float(day.requests) if day.minutes_seen else None for day in days]),
        sparkline([error_share(day) for day in days]),
        sparkline([day.p95_high for day in days], row.slow_limit),
        sparkline([_slow_share(day) for day in days]),
    )


def _marks(deployed: Sequence[Any], anomalies: Sequence[Any]) -> list[tuple[datetime, str, str]]:
    releases = [(one.started_at, str(one.version or one.deployment), _tone(one)) for one in deployed]
    return [*releases, *((one.at, str(one.series), "critical") for one in anomalies)]


def _plots(service: str, days: Sequence[Any], marks: Sequence[tuple[datetime, str, str]]) -> list[dict[str, Any]]:
    if not days:
        return []
    # The middle: which day it is must be the same in UTC, as which the plots write it, wherever days begin.
    at = [day.window_start + (day.window_end - day.window_start) / 2 for day in days]
    requests = {
        "requests": [day.requests if day.minutes_seen else None for day in days],
        "refused": [day.refused if day.minutes_seen else None for day in days],
    }
    latency = {**_bounds(days, "p50", "median"), **_bounds(days, "p95", "95th percentile")}
    limit = {"objective": [day.slow_limit for day in days]}
    made = {
        "Requests a day": plot("count", at, requests),
        "Share of requests that failed": plot("1", at, {"errors": [error_share(day) for day in days]}),
        "Latency": plot("s", at, {**latency, **limit}),
        "Share of slow requests": plot("1", at, {"slow": [_slow_share(day) for day in days]}),
        "Minutes seen": plot("1", at, {"seen": [day.minutes_seen / day.minutes for day in days]}),
    }
    rows = links.page("answer", duty="golden_signals", target=service)
    return [{"title": title, "data": leading(marked(data, marks), rows)} for title, data in made.items()]


def _tone(deployment: Any) -> str:
    return "high" if deployment.failed_at else TONES[deployment.status]


def _bounds(days: Sequence[Any], name: str, label: str) -> dict[str, list[float | None]]:
    low, high = ([getattr(day, f"{name}_{bound}") for day in days] for bound in ("low", "high"))
    return {label: high} if low == high else {f"{label} at least": low, f"{label} at most": high}


def _totals(days: Sequence[Any]) -> dict[str, int]:
    return {name: sum(getattr(day, name) for day in days) for name in ("requests", "errors", "minutes", "minutes_seen")}
