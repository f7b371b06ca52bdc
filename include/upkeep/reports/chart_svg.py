"""A chart as SVG: in the colours of its page, in light or dark as a document's reader has it, or on white as a picture."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape

from upkeep.reports.chart import Chart
from upkeep.reports.chart_spec import HEIGHT, LEFT, PLOT_HEIGHT, PLOT_WIDTH, TOP, WIDTH, clean, spec

IMAGE = "data:image/svg+xml;base64,"
_SVG = "http://www.w3.org/2000/svg"


def _colours(panel: str, text: str, muted: str, line: str, critical: str, *series: str) -> dict[str, str]:
    named = {"panel": panel, "text": text, "muted": muted, "line": line, "edge": muted, "critical": critical}
    return named | {f"series-{number}": colour for number, colour in enumerate(series, 1)}


_LIGHT = _colours(
    "#ffffff", "#1d2433", "#5b6475", "#e2e5ea", "#b3232f",
    "#2f7abf", "#d0703a", "#2b9a77", "#a34ec0", "#94801a", "#1c7a92", "#d9475c", "#5b56a0",
)  # fmt: skip
_DARK = _colours(
    "#1b2130", "#e9ecf2", "#a4adbd", "#343c4d", "#f0737b",
    "#79b5f2", "#f2a97e", "#7fcfae", "#d79bea", "#d9c676", "#78bfd0", "#f28d99", "#a5a1e0",
)  # fmt: skip


def svg(chart: Chart) -> str:
    """A part of a page: in its colours, and each place says its values when pointed at."""
    return _framed(chart, _drawn(chart), *_places(chart))


def image(chart: Chart) -> str:
    """The address of an image, for Markdown: light or dark, as the reader has it."""
    style = f"<style>{_rule(_LIGHT)}@media(prefers-color-scheme:dark){{{_rule(_DARK)}}}</style>"
    return IMAGE + b64encode(_framed(chart, style, _drawn(chart)).encode()).decode()


def picture(chart: Chart) -> str:
    """On white, with colours that need no style sheet."""
    return re.sub(r"var\(--([a-z0-9-]+)\)", lambda name: _LIGHT[name[1]], _framed(chart, _drawn(chart)))


def _drawn(chart: Chart) -> str:
    """What Vega draws, without the frame that it puts around it."""
    import vl_convert

    whole = vl_convert.vegalite_to_svg(spec(chart))
    return whole[whole.index(">") + 1 : whole.rindex("</svg>")]


def _framed(chart: Chart, *parts: str) -> str:
    about = escape(_cut(f"{chart.title}. {chart.text}", 1_000))
    return (
        f'<svg xmlns="{_SVG}" class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{about}">{"".join(parts)}</svg>'
    )


def _rule(colours: Mapping[str, str]) -> str:
    return "svg{" + "".join(f"--{name}:{colour};" for name, colour in colours.items()) + "}"


def _places(chart: Chart) -> Iterator[str]:
    """Over each label a strip that says what is there: what is drawn may be too small to be pointed at, or have a gap."""
    width = PLOT_WIDTH / len(chart.labels)
    for place, label in enumerate(chart.labels):
        each = (f"{series.name}: {_said(series.values[place], chart.unit)}" for series in chart.series)
        about = escape(_cut(f"{label}: {'; '.join(each)}", 600))
        at = f'x="{LEFT + place * width:.2f}" y="{TOP}" width="{width:.2f}" height="{PLOT_HEIGHT}"'
        yield f'<rect class="place" {at}><title>{about}</title></rect>'


def _said(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:,.6g} {unit}"


def _cut(text: str, most: int) -> str:
    line = clean(text)
    return line if len(line) <= most else line[: most - 1] + "…"
