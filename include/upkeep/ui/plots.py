"""Numbers as the plots of the pages take them."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

_TONES = {
    "red": "critical",
    "overdue": "medium",
    "open": "series-1",
    "opened": "high",
    "closed": "ok",
    "repositories not judged": "unknown",
    "breach": "high",
    "unknown": "unknown",
    "missing": "muted",
    "ok": "ok",
    "objective": "critical",
}


def plot(unit: str, times: Sequence[datetime], series: Mapping[str, Sequence[float | None]]) -> dict[str, Any]:
    """Series over common moments. What is no finite number is a gap: JSON has no word for it."""
    return {
        "unit": unit,
        "x": [time.timestamp() for time in times],
        "series": [
            {"label": label, "tone": _TONES.get(label), "values": list(map(_finite, values))} for label, values in series.items()
        ],
    }


def scattered(unit: str, points: Mapping[str, Mapping[datetime, float | None]]) -> dict[str, Any]:
    """Series that have moments of their own; a series has a gap where only others have a value."""
    times = sorted({time for values in points.values() for time in values})
    return plot(unit, times, {label: [values.get(time) for time in times] for label, values in points.items()})


def forecast_plot(
    unit: str, past: Mapping[datetime, float], fan: Mapping[str, Mapping[datetime, float]], limit: float | None
) -> dict[str, Any]:
    """What was measured, a fan ahead of it (its first and last lines are the band's edges), and a line at the limit."""
    moments = [*past, *(at for values in fan.values() for at in values)]
    line = {} if limit is None else {"limit": dict.fromkeys(moments, limit)}
    made = scattered(unit, {"measured": past, **fan, **line})
    for one in made["series"]:
        one["tone"] = {"measured": "series-1", "limit": "critical"}.get(one["label"], "muted")
        one["dash"] = one["label"] != "measured"
        one["joined"] = one["label"] != "measured"
    return {**made, "band": [1, len(fan)]}


def marked(made: dict[str, Any], marks: Sequence[tuple[datetime, str, str]]) -> dict[str, Any]:
    """A plot with moments marked on it: (moment, what, tone)."""
    return {**made, "marks": [{"at": at.timestamp(), "label": label, "tone": tone} for at, label, tone in marks]}


def leading(made: dict[str, Any], address: str, moment: Literal["at", "day", "end"] = "at") -> dict[str, Any]:
    """A plot whose points lead to a page: to that address, with the point's moment under that name."""
    return {**made, "lead": f"{address}&{moment}="}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
