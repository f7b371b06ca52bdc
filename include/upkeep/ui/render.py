"""Templates to pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from upkeep.reports.chart import Chart
from upkeep.reports.chart_svg import IMAGE, svg
from upkeep.ui import formatting, links
from upkeep.ui.navigation import entries
from upkeep.window import CADENCES

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
SEVERITIES = ("critical", "high", "medium", "low")
SIGNS = {"ok": "✓", "breach": "✕", "unknown": "?", "missing": "·", "": " "}


class Missing(Exception):  # noqa: N818 - it is an answer, not a fault
    """What was asked for is not there; `near` are (text, address) of pages that may be meant."""

    def __init__(self, title: str, text: str, near: list[tuple[str, str]] | None = None) -> None:
        super().__init__(title)
        self.title, self.text, self.near = title, text, near or []


def show(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of `templates/<template>.html.j2`."""
    zone: tzinfo = request.app.state.zone()
    common = {"now": datetime.now(UTC), "zone": zone, "asked": request.query_params, "at": template}
    return HTMLResponse(_environment().get_template(f"{template}.html.j2").render(common | values), status)


def markdown(text: str) -> Markup:
    """CommonMark with tables; HTML in it is shown as text, and only http, https and mailto links are links."""
    return _rendered(_parsed(text))


def document(text: str, charts: Sequence[Chart] = ()) -> tuple[Markup, list[tuple[str, str]]]:
    """
    The same with headings to jump to, and those of the second level as (anchor, title).

    Its images are drawn anew from their `charts`, in the colours of the page.
    """
    tokens = _parsed(text, charts=True)
    _draw(tokens, charts)
    contents: list[tuple[str, str]] = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            anchor = f"part-{len(contents) + 1}"
            opening.attrSet("id", anchor)
            contents.append((anchor, "".join(child.content for child in inline.children or [])))
    return _rendered(tokens), contents


def _draw(tokens: Sequence[Token], charts: Sequence[Chart]) -> None:
    left = iter(charts)
    for image in (child for token in tokens for child in token.children or [] if child.type == "image"):
        chart = next(left, None)
        image.type, image.content = ("html_inline", svg(chart)) if chart else ("text", image.content)


def _parsed(text: str, *, charts: bool = False) -> list[Token]:
    """What the policy forbids is left out: columns of numbers are aligned by a class, not by a style."""
    tokens = _markdown(charts).parse(text)
    for token in tokens:
        if "style" in token.attrs:
            right = "right" in str(token.attrs.pop("style"))
            token.attrs |= {"class": "num"} if right else {}
    return tokens


def _rendered(tokens: list[Token]) -> Markup:
    parser = _markdown()
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - markdown-it escapes with html=False


@cache
def asset(name: str) -> str:
    """Address of a static file that changes with its content, so that browsers may keep it for ever."""
    return f"static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@cache
def _markdown(charts: bool = False) -> MarkdownIt:  # noqa: FBT001, FBT002 - cached by it
    """`charts`: drawings within the text are images, which are then drawn anew."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.validateLink = lambda url: links.outside(url) is not None or (charts and url.startswith(IMAGE))  # type: ignore[method-assign]
    return parser


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        asset=asset, navigation=entries, page=links.page, task_link=links.task, airflow_run=links.airflow_run,
        run_tab=links.run_tab, outside=links.outside, cadence_names=CADENCES, severities=SEVERITIES, signs=SIGNS, len=len,
        min=min, max=max,
    )  # fmt: skip
    filters: Mapping[str, Any] = {name: getattr(formatting, name) for name in formatting.__all__}
    environment.filters.update(filters, markdown=markdown, count=lambda n: f"{n:,}")
    return environment
