"""Documents made of stored rows, kept in `upkeep.report` under the window they are about."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.answer import Json
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report as it is kept: Markdown for people, `content` for programs. `name` tells apart several of one window."""

    cadence: str
    window: Window
    name: str
    title: str
    markdown: str
    content: Json


def save_document(connection: "psycopg.Connection[Any]", document: Document) -> bool:
    """
    Keep it; True when that changed anything. Raises BrokenError when the report database is away.

    One statement that replaces the document of this name: killed anywhere, the old one or the new one is there.
    """
    params = {
        "cadence": document.cadence,
        "start": document.window.start,
        "end": document.window.end,
        "name": document.name,
        "title": document.title,
        "markdown": document.markdown,
        "content": json.dumps(document.content, ensure_ascii=True, default=str),
    }
    with translate_errors():
        return connection.execute(sql("save_document"), params).fetchone() is not None
