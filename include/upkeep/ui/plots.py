"""Numbers as the plots of the pages take them."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_TONES = {
    "red": "critical",
    "overdue": "medium",
    "open": "series-1",
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


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
