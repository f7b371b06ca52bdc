"""A chart as SVG: of its own colours for documents and pictures, of the page's for pages."""

from base64 import b64encode
from collections.abc import Iterator
from html import escape
from itertools import groupby

from upkeep.reports.chart import Chart
from upkeep.reports.chart_scale import Scale, piled, scale_of

WIDTH, HEIGHT = 900, 320
IMAGE = "data:image/svg+xml;base64,"
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 552, 62, 286
_LEGEND, _LINE, _NAME = 572, 26, 36
_LABELS = 9
_LIGHT = ("#2f7abf", "#d0703a", "#2b9a77", "#a34ec0", "#94801a", "#1c7a92", "#d9475c", "#5b56a0")
_DARK = ("#79b5f2", "#f2a97e", "#7fcfae", "#d79bea", "#d9c676", "#78bfd0", "#f28d99", "#a5a1e0")


def _rules(ground: str, ink: str, quiet: str, rule: str, limit: str, tones: tuple[str, ...]) -> str:
    coloured = "".join(f".tone-{n}{{fill:{tone}}}.line-{n}{{stroke:{tone}}}" for n, tone in enumerate(tones, 1))
    return (
        f".ground{{fill:{ground}}}.name,.key{{fill:{ink}}}.tick{{fill:{quiet}}}.rule{{stroke:{rule}}}"
        f".zero{{stroke:{quiet}}}.limit{{stroke:{limit}}}{coloured}"
    )


_SHAPES = (
    "text{font-family:Roboto,'Segoe UI',system-ui,sans-serif;font-size:13px}.name{font-size:16px;font-weight:700}"
    "polyline{fill:none;stroke-width:2.2;stroke-linejoin:round}.limit{stroke-width:1.5;stroke-dasharray:6 4}"
)
LIGHT = _SHAPES + _rules("#ffffff", "#1d2433", "#5b6475", "#e2e5ea", "#b3232f", _LIGHT)
"""On white, whatever is around it."""
EITHER = f"{LIGHT}@media (prefers-color-scheme:dark){{{_rules('#1b2130', '#e9ecf2', '#a4adbd', '#343c4d', '#f0737b', _DARK)}}}"
"""Light or dark, as the reader has it."""


def svg(chart: Chart, style: str = "") -> str:
    """The drawing; without a style it is part of a page: in its colours, and each place says its values when pointed at."""
    scale = scale_of(chart)
    about = escape(_cut(f"{chart.title}. {chart.text}", 1_000))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{about}">',
        f"<style>{style}</style>" if style else "",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        _text("name", 16, 26, _cut(chart.title, 84)),
        _text("tick", 16, 46, _cut(chart.unit, 100)),
        *_ticks(scale),
        *_labels(chart),
        *(_bars(chart, scale) if chart.kind == "stacked" else _lines(chart, scale)),
        *_limit(chart, scale),
        *_legend(chart),
        *([] if style else _places(chart)),
        "</svg>",
    ]
    return "".join(parts)


def image(chart: Chart) -> str:
    """The drawing as the address of an image, for Markdown."""
    return IMAGE + b64encode(svg(chart, EITHER).encode()).decode()


def _ticks(scale: Scale) -> Iterator[str]:
    for value in scale.ticks():
        at = _y(scale, value)
        yield f'<line class="{"rule" if value else "zero"}" x1="{_LEFT}" x2="{_RIGHT}" y1="{at}" y2="{at}"/>'
        yield _text("tick", _LEFT - 8, at + 4, scale.said(value), "end")


def _labels(chart: Chart) -> Iterator[str]:
    count = len(chart.labels)
    every = -(-count // _LABELS)
    for place in range(count - 1, -1, -every):
        yield _text("tick", _x(chart, place), _BOTTOM + 20, _cut(chart.labels[place], 12), "middle")


def _bars(chart: Chart, scale: Scale) -> Iterator[str]:
    width = round(0.72 * (_RIGHT - _LEFT) / len(chart.labels), 2)
    for place, label in enumerate(chart.labels):
        for number, low, high in piled(chart, place):
            top, end = _y(scale, high), _y(scale, low)
            series = chart.series[number]
            about = escape(_cut(f"{label}, {series.name}: {_said(series.values[place], chart.unit)}", 300))
            yield (
                f'<rect class="tone-{number + 1}" x="{_x(chart, place) - width / 2:.2f}" y="{top}" width="{width}" '
                f'height="{max(end - top, 0):.2f}"><title>{about}</title></rect>'
            )


def _lines(chart: Chart, scale: Scale) -> Iterator[str]:
    for number, series in enumerate(chart.series, 1):
        for known, run in groupby(enumerate(series.values), key=lambda each: each[1] is not None):
            points = [(_x(chart, place), _y(scale, value)) for place, value in run if value is not None]
            if known and len(points) > 1:
                yield f'<polyline class="line-{number}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'
            elif known:
                yield f'<circle class="tone-{number}" cx="{points[0][0]}" cy="{points[0][1]}" r="3"/>'


def _limit(chart: Chart, scale: Scale) -> Iterator[str]:
    if chart.limit is not None:
        at = _y(scale, chart.limit)
        yield f'<line class="limit" x1="{_LEFT}" x2="{_RIGHT}" y1="{at}" y2="{at}"/>'


def _legend(chart: Chart) -> Iterator[str]:
    shown = list(enumerate(chart.series, 1))
    for place, (number, series) in enumerate(reversed(shown) if chart.kind == "stacked" else shown):
        at = _TOP + place * _LINE
        yield f'<rect class="tone-{number}" x="{_LEGEND}" y="{at}" width="12" height="12" rx="2"/>'
        yield _text("key", _LEGEND + 19, at + 11, _cut(series.name, _NAME))


def _places(chart: Chart) -> Iterator[str]:
    """Over each label a strip that says what is there: what is drawn may be too small to be pointed at, or have a gap."""
    width = round((_RIGHT - _LEFT) / len(chart.labels), 2)
    for place, label in enumerate(chart.labels):
        each = (f"{series.name}: {_said(series.values[place], chart.unit)}" for series in chart.series)
        about = escape(_cut(f"{label}: {'; '.join(each)}", 600))
        x = f"{_x(chart, place) - width / 2:.2f}"
        yield f'<rect class="place" x="{x}" y="{_TOP}" width="{width}" height="{_BOTTOM - _TOP}"><title>{about}</title></rect>'


def _said(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:,.6g} {unit}"


def _x(chart: Chart, place: int) -> float:
    return round(_LEFT + (place + 0.5) * (_RIGHT - _LEFT) / len(chart.labels), 2)


def _y(scale: Scale, value: float) -> float:
    return round(_BOTTOM - scale.share(value) * (_BOTTOM - _TOP), 2)


def _text(kind: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y:.2f}" text-anchor="{anchor}">{escape(text)}</text>'


def _cut(text: str, most: int) -> str:
    """At most so many characters, without those that XML cannot hold."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
