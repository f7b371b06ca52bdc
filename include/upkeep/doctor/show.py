"""Showing an examination: a table for people, JSON for machines, and one script of grants for each server."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from upkeep.doctor.verdict import Level, Verdict, needs_a_person

if TYPE_CHECKING:
    from rich.table import Table

_LOOKS = {Level.OK: ("ok", "green"), Level.NOTE: ("note", "yellow"), Level.NO: ("no", "bold red")}
_MOST_BLIND = 6
_WIDTH = 140


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Everything, for machines."""
    content = {
        "ready": not needs_a_person(verdicts),
        "verdicts": [v.as_json() for v in verdicts],
        "grants": grant_scripts(verdicts),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def as_table(verdicts: Sequence[Verdict]) -> "Table":
    """One line for each verdict, with what to do under each `no`."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, expand=False)
    for heading, wraps in (("", False), ("what", True), ("about", False), ("found", True)):
        table.add_column(heading, no_wrap=not wraps, overflow="fold")
    subject = None
    for verdict in verdicts:
        word, style = _LOOKS[verdict.level]
        shown = verdict.subject if verdict.subject != subject else ""
        subject = verdict.subject
        table.add_row(Text(word, style=style), Text(shown, style="bold"), Text(verdict.about), Text("\n".join(_lines(verdict))))
    return table


def closing(verdicts: Sequence[Verdict]) -> str:
    """The last line: how many things need a person."""
    count = sum(v.level is Level.NO for v in verdicts)
    return f"{count} of {len(verdicts)} need a person." if count else f"All {len(verdicts)} are well."


def grant_scripts(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """For each server, SQL that an administrator can paste into psql; nothing when nothing is missing."""
    by_place: dict[str, dict[str, list[str]]] = {}
    for verdict in verdicts:
        statements = by_place.setdefault(verdict.server, {}).setdefault(verdict.database, []) if verdict.grants else []
        statements += [grant for grant in verdict.grants if grant not in statements]
    return {server: _script(server, databases) for server, databases in sorted(by_place.items())}


def _script(server: str, databases: dict[str, list[str]]) -> str:
    head = [f"-- Rights for Upkeep on {server}; paste into psql as an administrator."]
    for database, statements in sorted(databases.items()):
        head += [f"\\connect {_quoted(database)}", *statements]
    return "\n".join(head)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _lines(verdict: Verdict) -> list[str]:
    lines = [verdict.said]
    if verdict.level is not Level.OK and verdict.remedy:
        lines.append(f"→ {verdict.remedy}")
    if verdict.blind:
        more = f" and {len(verdict.blind) - _MOST_BLIND} more" if len(verdict.blind) > _MOST_BLIND else ""
        lines.append(f"unknown until then: {', '.join(verdict.blind[:_MOST_BLIND])}{more}")
    if verdict.level is not Level.OK and verdict.where:
        lines.append(f"see {verdict.where}")
    return lines


def show(verdicts: Sequence[Verdict]) -> None:
    """Print the table, the scripts of grants, and how many things need a person."""
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    console.print(as_table(verdicts))
    for script in grant_scripts(verdicts).values():
        console.print("\n" + script, markup=False, soft_wrap=True)
    console.print("\n" + closing(verdicts), style="bold")
