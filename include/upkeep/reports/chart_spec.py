"""A chart in Vega-Lite (https://vega.github.io/vega-lite/docs/), in colours that are named where it is shown."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from upkeep.reports.chart import Chart

WIDTH, HEIGHT = 900, 320
LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT = 64, 62, 488, 224
_FONT = "Roboto, 'Segoe UI', system-ui, sans-serif"
_MOST_LABELS, _MANY = 9, 10_000
_STEP_PADDING = 0.28


def spec(chart: Chart) -> dict[str, Any]:
    """The drawing's definition, with its values. Every colour is a variable of CSS."""
    bars = chart.kind == "stacked"
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": PLOT_WIDTH,
        "height": PLOT_HEIGHT,
        "autosize": "none",
        "padding": {"left": LEFT, "top": TOP, "right": WIDTH - LEFT - PLOT_WIDTH, "bottom": HEIGHT - TOP - PLOT_HEIGHT},
        "background": "var(--panel)",
        "title": {"text": clean(chart.title), "subtitle": clean(chart.unit)},
        "data": {"values": list(_points(chart))},
        "encoding": {"x": _labels(chart), "y": _values(chart), "color": _colours(chart)},
        "layer": [*(_bars() if bars else _lines()), *_limit(chart)],
        "config": _CONFIG,
    }


def clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _points(chart: Chart) -> Iterator[dict[str, Any]]:
    """A row a value. One with a gap on both its sides is `alone`: a line does not show it."""
    for number, series in enumerate(chart.series):
        around = (None, *series.values, None)
        for place, value in enumerate(series.values):
            alone = value is not None and around[place] is None and around[place + 2] is None
            yield {"series": number, "place": place, "value": value, "alone": alone}


def _labels(chart: Chart) -> dict[str, Any]:
    """The last label is always there, and of the others as many as fit."""
    count = len(chart.labels)
    shown = list(range(count - 1, -1, -(-count // _MOST_LABELS) * -1))
    axis = {"values": shown, "labelExpr": _named(chart.labels), "labelLimit": PLOT_WIDTH / _MOST_LABELS * 1.6}
    scale = {"domain": list(range(count)), "paddingInner": _STEP_PADDING, "paddingOuter": _STEP_PADDING / 2}
    return {"field": "place", "type": "ordinal", "scale": {"type": "band", **scale}, "axis": axis}


def _values(chart: Chart) -> dict[str, Any]:
    """From zero, or to it. Where all is zero there is a height all the same."""
    known = [abs(value) for series in chart.series for value in series.values if value is not None]
    largest = max([*known, abs(chart.limit or 0)], default=0)
    axis = {"format": "~s" if largest >= _MANY else ",~f", "tickCount": 5, "labelExpr": "datum.value ? datum.label : '0'"}
    scale = {"zero": True, "nice": 5} if largest else {"domain": [0, 1]}
    return {"field": "value", "type": "quantitative", "scale": scale, "axis": axis}


def _colours(chart: Chart) -> dict[str, Any]:
    """The legend is in the order in which bars stand on each other, from above."""
    numbers = list(range(len(chart.series)))
    names = _named([series.name for series in chart.series])
    order = numbers[::-1] if chart.kind == "stacked" else numbers
    scale = {"domain": numbers, "range": [f"var(--series-{number + 1})" for number in numbers]}
    return {"field": "series", "type": "nominal", "scale": scale, "legend": {"values": order, "labelExpr": names}}


def _named(names: Sequence[str]) -> str:
    """An expression that says the name of a number. JSON is what Vega's expressions write texts and lists in."""
    return f"{json.dumps([clean(name) for name in names])}[datum.value]"


def _bars() -> list[dict[str, Any]]:
    return [{"mark": "bar", "encoding": {"order": {"field": "series"}, "y": {"field": "value", "stack": "zero"}}}]


def _lines() -> list[dict[str, Any]]:
    dots = {"mark": {"type": "point", "filled": True, "opacity": 1}, "transform": [{"filter": "datum.alone"}]}
    return [{"mark": {"type": "line", "invalid": "break-paths-show-path-domains"}}, dots]


def _limit(chart: Chart) -> list[dict[str, Any]]:
    if chart.limit is None:
        return []
    line = {"mark": {"type": "rule", "strokeDash": [6, 4], "strokeWidth": 1.5}, "data": {"values": [{"limit": chart.limit}]}}
    return [{**line, "encoding": {"x": None, "y": {"field": "limit"}, "color": {"value": "var(--critical)"}}}]


_CONFIG: dict[str, Any] = {
    "aria": False,
    "font": _FONT,
    "view": {"stroke": None},
    "line": {"strokeWidth": 2.2, "strokeJoin": "round"},
    "title": {
        "anchor": "start", "frame": "group", "dx": 16 - LEFT, "offset": 14, "limit": WIDTH - 32,
        "fontSize": 16, "fontWeight": 700, "color": "var(--text)",
        "subtitleFontSize": 13, "subtitleColor": "var(--muted)", "subtitlePadding": 6,
    },
    "axis": {
        "title": None, "labelFontSize": 13, "labelColor": "var(--muted)", "labelPadding": 8,
        "gridColor": {"condition": {"test": "datum.value === 0", "value": "var(--edge)"}, "value": "var(--line)"},
        "domain": False, "ticks": False,
    },
    "axisX": {"labelAngle": 0, "grid": False, "labelOverlap": "greedy"},
    "legend": {
        "title": None, "labelFontSize": 13, "labelColor": "var(--text)", "labelLimit": WIDTH - LEFT - PLOT_WIDTH - 50,
        "orient": "right", "offset": 20, "symbolType": "square", "symbolSize": 140, "symbolStrokeWidth": 0, "rowPadding": 10,
    },
}  # fmt: skip
