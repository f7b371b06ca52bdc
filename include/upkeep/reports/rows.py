"""Reports read stored rows with `.sql` files of this folder and are rendered by templates beside them."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")


def ask(connection: "psycopg.Connection[Any]", question: str, row: type[Row], params: Mapping[str, Any]) -> list[Row]:
    """Rows of `<question>.sql` of this folder, typed."""
    from psycopg.rows import class_row

    statement: Any = (files("upkeep.reports") / f"{question}.sql").read_text(encoding="utf-8")
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return list(cursor.execute(statement, params))


def render(template: str, **params: Any) -> str:
    """Markdown of `<template>.md.j2` of this folder."""
    return str(_environment().get_template(f"{template}.md.j2").render(**params))


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from upkeep.reports.chart_svg import image
    from upkeep.reports.markdown import FILTERS

    loader = PackageLoader("upkeep.reports", "")
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - Markdown; every value passes `cell`
    environment.filters |= {**FILTERS, "image": image}
    return environment
