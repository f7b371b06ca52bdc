"""Documents made of stored rows: asked with `.sql` files, kept in `upkeep.report` under the window they are about."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from upkeep.answer import Json
from upkeep.sources.postgres import translated
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report as it is kept: Markdown for people, `content` for programs. `name` tells apart several of one window."""

    cadence: str
    window: Window
    name: str
    title: str
    markdown: str
    content: Json


def ask(connection: "psycopg.Connection[Any]", question: str, row: type[Row], words: Mapping[str, Any]) -> list[Row]:
    """Rows of `<question>.sql` of this folder, typed."""
    from psycopg.rows import class_row

    with connection.cursor(row_factory=class_row(row)) as cursor:
        return list(cursor.execute(_sql(question), words))


def save(connection: "psycopg.Connection[Any]", document: Document) -> bool:
    """Keep it; True when that changed anything. Raises BrokenError when the report database is away."""
    words = {
        "cadence": document.cadence,
        "start": document.window.start,
        "end": document.window.end,
        "name": document.name,
        "title": document.title,
        "markdown": document.markdown,
        "content": json.dumps(document.content, ensure_ascii=True, default=str),
    }
    with translated():
        return connection.execute(_sql("save_report"), words).fetchone() is not None


def render(template: str, **words: Any) -> str:
    """Markdown of `<template>.md.j2` of this folder."""
    from jinja2 import Environment, StrictUndefined

    from upkeep.reports.markdown import FILTERS

    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - Markdown; every value passes `cell`
    environment.filters |= FILTERS
    return environment.from_string((files("upkeep.reports") / f"{template}.md.j2").read_text(encoding="utf-8")).render(**words)


def _sql(name: str) -> Any:
    return (files("upkeep.reports") / f"{name}.sql").read_text(encoding="utf-8")
