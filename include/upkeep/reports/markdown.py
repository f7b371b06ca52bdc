"""Putting foreign words into Markdown without letting them be Markdown."""

import re
from datetime import date, datetime

from upkeep.remedy import momentary, parts

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def cell(text: object, limit: int = 400) -> str:
    """One line of plain text, safe inside a table, at most `limit` characters before escaping."""
    line = " ".join(_CONTROL.sub(" ", str(text)).split())
    short = line if len(line) <= limit else line[: limit - 1] + "…"
    return _SPECIAL.sub(r"\\\1", short)


def code(text: str, limit: int = 400) -> str:
    """One line of code, whatever backticks it has."""
    line = " ".join(_CONTROL.sub(" ", text).split()).replace("|", "\\|")
    short = line if len(line) <= limit else line[: limit - 1] + "…"
    fence = "`" * (max(map(len, re.findall(r"`+", short)), default=0) + 1)
    return f"{fence} {short} {fence}" if short else ""


def advice(text: str) -> str:
    """
    A remedy inside a table: what pastes as code, words as words.

    A document is read for years, so it names no process by its id.
    """
    if momentary(text):
        return "It names processes by id, which change: see the page of findings for those of now."
    return " ".join(cell(part.text, 1_000) if part.kind == "words" else code(part.text, 4_000) for part in parts(text))


def day(moment: date | datetime | None) -> str:
    """2026-11-22, or nothing."""
    return f"{moment:%Y-%m-%d}" if moment else ""


def heading(text: str) -> str:
    """A heading of a column without the sign that numbers stand below it."""
    return cell(text.removesuffix(":"))


FILTERS = {"cell": cell, "heading": heading, "code": code, "day": day, "help": advice}
